import { z } from 'zod';
import { ageDays } from '../payments/exceptions.ts';
import { PAYOUT_MODES } from '../payments/gateway/gateway.ts';
import type { Break } from '../payments/reconciliation/breaks.ts';
import { type LatePayout, shownLatePayout } from '../payments/reconciliation/late-payouts.ts';
import type { Reconciliation } from '../payments/reconciliation/reconcile.ts';
import { differenceOf, MOVABLE, suggestedMove } from '../payments/reconciliation/resolve-break.ts';
import { RESULTS, SUBJECT_KINDS } from '../payments/reconciliation/results.ts';
import { PAYOUT_STATES } from '../payments/states.ts';
import { businessDate, timestamp, uuid } from './schemas.ts';

export const BREAK_STATES = ['open', 'explained', 'resolved'] as const;

export const reconciliationSchema = z
  .strictObject({
    id: uuid,
    business_date: businessDate,
    loads: z.array(uuid).describe('the statements that were new to it'),
    results: z.array(
      z.strictObject({
        subject: z.enum(SUBJECT_KINDS),
        result: z.enum(RESULTS),
        currency: z.string(),
        number: z.int(),
        here: z.string().describe('what moved by our books; money out is below zero'),
        there: z.string(),
      }),
    ),
    breaks_opened: z.int(),
    breaks_closed: z.int().describe('by themselves: they agree now'),
    breaks_open: z.int(),
    settlements_posted: z.int(),
    run_by: z.string(),
    run_at: timestamp,
  })
  .meta({ id: 'Reconciliation' });

const compensationFields = {
  due_on: businessDate.describe('T+1: until then nothing is owed'),
  days_late: z.int(),
  compensation: z.string().describe('what the bank owes by now: ₹100 a day'),
};

export const latePayoutSchema = z
  .strictObject({
    payout: uuid,
    state: z.enum(PAYOUT_STATES),
    mode: z.enum(PAYOUT_MODES),
    amount: z.string(),
    currency: z.string(),
    utr: z.string().nullable(),
    paid_on: businessDate.describe('T: the day it was debited'),
    back_on: businessDate.nullable().describe('null: not back yet, as far as anybody knows'),
    ...compensationFields,
  })
  .meta({ id: 'LatePayout' });

export const lateTotalSchema = z.strictObject({
  payouts: z.int(),
  days_late_max: z.int(),
  compensation: z.string(),
});

export const breakSchema = z
  .strictObject({
    id: uuid,
    subject_kind: z.enum(SUBJECT_KINDS),
    subject: z.string().describe('our id where it is ours, else what the gateway or the bank calls it'),
    gateway: z.string().nullable(),
    leg: z.enum(['gateway', 'bank']).describe('what is held against our books'),
    result: z.enum(RESULTS),
    currency: z.string(),
    here: z.string().nullable().describe('what moved by our books; money out is below zero'),
    there: z.string().nullable(),
    difference: z.string(),
    suggested_move: z
      .strictObject({ amount: z.string(), from: z.enum(MOVABLE), to: z.enum(MOVABLE) })
      .nullable()
      .describe('what would bring our books there, as far as the difference tells'),
    evidence: z.array(z.strictObject({ load: uuid, line: z.int(), of: z.string() })),
    happened_on: businessDate,
    first_seen_on: businessDate,
    last_seen_on: businessDate,
    age_days: z.int().nullable().describe('days since it was first seen; null once resolved'),
    late: z
      .strictObject(compensationFields)
      .nullable()
      .describe('of a payout whose money was gone for longer than the rule allows'),
    episode: z.int().describe('how many times it has come'),
    owner: z.string().nullable().describe('who looks after it'),
    state: z.enum(BREAK_STATES).describe('explained: it says what was odd, and needs nobody'),
    resolution: z.string().nullable().describe('gone, accepted or moved; explained'),
    why: z.string().nullable(),
    journal: uuid.nullable(),
    resolved_by: z.string().nullable(),
    resolved_at: timestamp.nullable(),
  })
  .meta({ id: 'Break' });

export function reconciliationResource(run: Reconciliation): z.output<typeof reconciliationSchema> {
  return { ...run, results: run.results, run_at: run.run_at.toISOString() };
}

export function latePayoutResource(late: LatePayout): z.output<typeof latePayoutSchema> {
  const { id, ...payout } = shownLatePayout(late);
  return { payout: id, ...payout };
}

function compensationResource(late: LatePayout) {
  const { due_on, days_late, compensation } = shownLatePayout(late);
  return { due_on, days_late, compensation };
}

/** @param tenant its present business date, and the currency of its own accounts */
export function breakResource(
  broken: Break,
  { today, currency }: { today: string; currency: string },
  late: LatePayout | undefined,
): z.output<typeof breakSchema> {
  const { journal_id, resolved_at, ...shown } = broken;
  return {
    ...shown,
    difference: differenceOf(broken),
    suggested_move: broken.state === 'resolved' ? null : suggestedMove(broken, currency),
    age_days: ageDays({ business_date: broken.first_seen_on, resolved_at }, today),
    late: late ? compensationResource(late) : null,
    journal: journal_id,
    resolved_at: resolved_at?.toISOString() ?? null,
  };
}
