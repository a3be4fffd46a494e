import { sql } from 'slonik';
import { z } from 'zod';
import { dateOfDay, dayNumber } from '../../calendar/day-number.ts';
import type { Transaction } from '../../db/pools.ts';
import { ASSET_CLASSES } from '../delinquency.ts';
import type { Renewed } from '../life/renew.ts';
import type { Instalment, LoanStanding } from '../life/standing.ts';
import { minorText } from '../schedule.ts';
import { LOAN_STATES } from '../states.ts';
import type { ServicedLoan } from './load.ts';

const whole = z.string().transform((text) => BigInt(text));
const parts = z.strictObject({ penal: whole, fees: whole, interest: whole, principal: whole });
const instalment = z.strictObject({
  ...{ number: z.int(), from_day: z.int().nullable(), due_day: z.int(), ...parts.shape, paid: parts },
  ...{ penal_tax: whole, penal_base_days: whole, fees_tax: whole, accrued: whole },
  ...{ fell_due_on: z.string().nullable(), paid_on: z.string().nullable(), changed: z.boolean() },
});
/** Amounts are minor units, as text: JSON has no whole numbers of any length. */
const kept = z.strictObject({
  ...{ state: z.enum(LOAN_STATES), carried_through: z.int(), asset_class: z.enum(ASSET_CLASSES) },
  class_held_through: z.int().nullable(),
  ...{ penal_charged: whole, suspended_interest: whole, suspended_penal: whole, advance: whole },
  unpaid: z.array(instalment),
});
type Kept = z.output<typeof kept>;

export interface Renewal {
  from_day: number;
  /** The last event that the standing knows of. */
  event_seq: number;
  standing: Kept;
}

const renewalRow = z.object({ effective_on: z.string(), event_seq: z.number(), standing: kept });

/** Where the schedule of a loan was last made anew; null where it is the one that the disbursal wrote. */
export async function latestRenewal(tx: Transaction, loan: string): Promise<Renewal | null> {
  const row = await tx.maybeOne(sql.type(renewalRow)`
    SELECT effective_on, event_seq, standing FROM schedule_version
    WHERE tenant_id = current_tenant() AND loan_id = ${loan} ORDER BY version DESC LIMIT 1`);
  return row && { from_day: dayNumber(row.effective_on), event_seq: row.event_seq, standing: row.standing };
}

/** What made a schedule anew, and the yearly rate from then on. */
export interface RenewalCause {
  cause: string;
  day: number;
  annual_rate: string;
  event_seq: number;
  made_at: Date;
}

/** Takes the replaced rows out and puts the new ones in; storeLoans then writes how they stand. */
export async function storeRows(
  tx: Transaction,
  loan: ServicedLoan,
  { removed, added }: Pick<Renewed, 'removed' | 'added'>,
): Promise<void> {
  if (removed.length > 0) {
    await tx.query(sql.unsafe`
      DELETE FROM instalment
      WHERE tenant_id = current_tenant() AND loan_id = ${loan.id}
        AND number = ANY (${sql.array(
          removed.map(({ number }) => number),
          'int2',
        )})`);
  }
  if (added.length === 0) return;
  const rows = added.map(({ number, from_day, due_day, principal, interest }) => [
    ...[loan.id, number, from_day === null ? null : dateOfDay(from_day), dateOfDay(due_day)],
    ...[minorText(principal), minorText(interest)],
  ]);
  await tx.query(sql.unsafe`
    INSERT INTO instalment (tenant_id, loan_id, number, from_on, due_on, principal, interest)
    SELECT current_tenant(), row.*
    FROM ${sql.unnest(rows, ['uuid', 'int2', 'date', 'date', 'numeric', 'numeric'])} AS row`);
}

/** Keeps what the schedule was, and how the loan stands with the new one: its life is told from there on. */
export async function recordRenewal(
  tx: Transaction,
  loan: ServicedLoan,
  removed: readonly Instalment[],
  { cause, day, annual_rate, event_seq, made_at }: RenewalCause,
): Promise<void> {
  await tx.query(sql.unsafe`
    INSERT INTO schedule_version (tenant_id, loan_id, version, effective_on, cause, made_at, annual_rate,
                                  event_seq, replaced, standing)
    SELECT current_tenant(), ${loan.id}, coalesce(max(version), 1) + 1, ${dateOfDay(day)}, ${cause},
           ${made_at.toISOString()}, ${annual_rate}, ${event_seq}, ${json(removed)}::jsonb,
           ${json(keptOf(loan))}::jsonb
    FROM schedule_version WHERE tenant_id = current_tenant() AND loan_id = ${loan.id}`);
}

function keptOf(loan: LoanStanding): object {
  const { state, carried_through, asset_class, penal_charged, suspended_interest, suspended_penal, advance } =
    loan;
  const unpaid = loan.unpaid
    .filter(({ paid_on }) => paid_on === null)
    .map((each) => ({ ...each, changed: false }));
  return {
    ...{ state, carried_through, asset_class, class_held_through: loan.class_held_through, penal_charged },
    ...{ suspended_interest, suspended_penal, advance, unpaid },
  };
}

function json(value: unknown): string {
  return JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? each.toString() : each));
}

const originRow = z.object({
  principal: z.string(),
  annual_rate: z.string(),
  disbursed_on: z.string(),
  opened_on: z.string(),
  last_number: z.number(),
  version: z.number(),
  last_event: z.number(),
  written_off: z.string(),
  recovered: z.string(),
});
/** What the standing of a loan does not tell: where it comes from, and how far its schedule got. */
export type Origin = z.output<typeof originRow>;

/** Of a loan that was paid out; the caller has locked it where the answer matters. */
export function originOf(tx: Transaction, loan: string, time_zone: string): Promise<Origin> {
  return tx.one(sql.type(originRow)`
    SELECT l.principal, coalesce(v.annual_rate, l.annual_rate) AS annual_rate, l.disbursed_on,
           (l.opened_at AT TIME ZONE ${time_zone})::date AS opened_on,
           greatest(coalesce((SELECT max(number) FROM instalment i
                              WHERE i.tenant_id = l.tenant_id AND i.loan_id = l.id), 0), coalesce(v.highest, 0))::int4 AS last_number,
           coalesce(v.version, 1)::int4 AS version, l.written_off::text, l.recovered::text,
           coalesce((SELECT max(seq) FROM loan_event e
                     WHERE e.tenant_id = l.tenant_id AND e.loan_id = l.id), 0)::int4 AS last_event
    FROM loan l
    LEFT JOIN LATERAL (
      SELECT version, annual_rate,
             (SELECT max((row->>'number')::int4) FROM schedule_version r,
                jsonb_array_elements(r.replaced) AS row
              WHERE r.tenant_id = l.tenant_id AND r.loan_id = l.id) AS highest
      FROM schedule_version s WHERE s.tenant_id = l.tenant_id AND s.loan_id = l.id
      ORDER BY version DESC LIMIT 1) AS v ON true
    WHERE l.tenant_id = current_tenant() AND l.id = ${loan}`);
}
