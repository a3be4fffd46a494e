import { sql } from 'slonik';
import { z } from 'zod';
import type { Pool, Transaction } from '../../db/pools.ts';
import { type Decimal, formatAmount, sum } from '../../ledger/money.ts';
import { type Compensation, compensationOf, RULED_MODES } from '../compensation.ts';
import { PaymentError } from '../errors.ts';
import { PAYOUT_MODES } from '../gateway/gateway.ts';
import { PAYOUT_STATES } from '../states.ts';

/** When it is asked, and whose payouts: the transaction's tenant's, or, by a role that may see them, everybody's. */
export interface Asked {
  now: Date;
  whose?: 'own' | 'everybody';
}

const THEIRS = { own: sql.fragment`p.tenant_id = current_tenant()`, everybody: sql.fragment`true` };

const lateRow = z.object({
  tenant: z.string(),
  id: z.string(),
  state: z.enum(PAYOUT_STATES),
  mode: z.enum(PAYOUT_MODES),
  amount: z.string(),
  currency: z.string(),
  utr: z.string().nullable(),
  paid_on: z.string(),
  back_on: z.string().nullable(),
  until_on: z.string(),
});

/** A payout whose money was gone for longer than the rule allows. */
export interface LatePayout extends Omit<z.output<typeof lateRow>, 'until_on'> {
  compensation: Compensation;
}

/** All that are late now: how many, the longest, and what the banks owe for them. */
export interface LateTotal {
  payouts: number;
  days_late_max: number;
  compensation: string;
}

/**
 * Payouts whose money left and came back late, until people say what became of the claim; or has not come back nor
 * arrived as far as anybody knows: the outcome is open, or it failed and a statement shows the debit alone.
 */
function late({ now, whose = 'own' }: Asked) {
  const rules = RULED_MODES.map(({ mode, back_after_days }) => [mode, back_after_days]);
  return sql.fragment`
    SELECT out.* FROM (
      SELECT p.tenant_id AS tenant, p.id, p.state, p.mode, p.amount::numeric(30, 2)::text AS amount, p.currency, p.utr,
             coalesce((p.submitted_at AT TIME ZONE t.time_zone)::date, p.business_date) AS paid_on, back.on_date AS back_on,
             coalesce(back.on_date, (${now.toISOString()}::timestamptz AT TIME ZONE t.time_zone)::date) AS until_on
      FROM payout p JOIN tenant t ON t.tenant_id = p.tenant_id CROSS JOIN LATERAL (
        SELECT CASE p.state WHEN 'reversed' THEN (p.settled_at AT TIME ZONE t.time_zone)::date END AS on_date) AS back
      WHERE ${THEIRS[whose]} AND (
        p.state IN ('submitting', 'unknown', 'suspense', 'processing')
        OR p.state = 'reversed' AND p.settled_at IS NOT NULL AND NOT EXISTS (
          SELECT FROM late_payout_settled s WHERE s.tenant_id = p.tenant_id AND s.payout_id = p.id)
        OR p.state = 'failed' AND p.settled_at IS NOT NULL AND p.closed_at IS NULL AND EXISTS (
          SELECT FROM reconciliation_break b
          WHERE b.tenant_id = p.tenant_id AND b.subject_kind = 'payout' AND b.gateway = p.gateway
            AND b.subject = p.id::text AND b.result = 'status' AND b.state = 'open'))
    ) AS out
    JOIN ${sql.unnest(rules, ['text', 'int4'])} AS rule (mode, back_after_days) ON rule.mode = out.mode
    WHERE out.until_on > out.paid_on + rule.back_after_days`;
}

/** As people and programs are told of it. */
export function shownLatePayout({ tenant: _, compensation, ...payout }: LatePayout) {
  const { due_on, days_late, amount } = compensation;
  return { ...payout, due_on, days_late, compensation: formatAmount(amount) };
}
export type ShownLatePayout = ReturnType<typeof shownLatePayout>;

function withCompensation({ until_on, ...payout }: z.output<typeof lateRow>): LatePayout {
  return { ...payout, compensation: compensationOf(payout.mode, payout.paid_on, until_on)! };
}

/** Late payouts, the oldest first. */
export async function listLatePayouts(
  tx: Pool | Transaction,
  asked: Asked,
  { after = null, limit }: { after?: string | undefined | null; limit: number },
): Promise<LatePayout[]> {
  const rows = await tx.any(sql.type(lateRow)`
    SELECT late.* FROM (${late(asked)}) AS late
    WHERE ${after}::uuid IS NULL OR late.id > ${after} ORDER BY late.id LIMIT ${limit}`);
  return rows.map(withCompensation);
}

/** Of these payouts the late ones, by id. */
export async function lateAmong(
  tx: Transaction,
  asked: Asked,
  ids: readonly string[],
): Promise<Map<string, LatePayout>> {
  if (ids.length === 0) return new Map();
  const rows = await tx.any(sql.type(lateRow)`
    SELECT late.* FROM (${late(asked)}) AS late WHERE late.id = ANY (${sql.array([...ids], 'uuid')})`);
  return new Map(rows.map((row) => [row.id, withCompensation(row)]));
}

const groupRow = lateRow.pick({ mode: true, paid_on: true, until_on: true }).extend({ payouts: z.number() });

/** What all late payouts come to; those of the same days are counted together. */
export async function lateTotal(tx: Pool | Transaction, asked: Asked): Promise<LateTotal> {
  const groups = await tx.any(sql.type(groupRow)`
    SELECT mode, paid_on, until_on, count(*)::int4 AS payouts FROM (${late(asked)}) AS late GROUP BY 1, 2, 3`);
  const owed = groups.map(({ mode, paid_on, until_on, payouts }) => {
    const { amount, days_late } = compensationOf(mode, paid_on, until_on)!;
    return { payouts, days_late, amount: amount.times(payouts) as Decimal };
  });
  return {
    payouts: owed.reduce((all, { payouts }) => all + payouts, 0),
    days_late_max: Math.max(0, ...owed.map(({ days_late }) => days_late)),
    compensation: formatAmount(sum(owed.map(({ amount }) => amount))),
  };
}

/** What became of what a bank owed for delay. */
export const CLAIM_OUTCOMES = ['paid', 'not-owed'] as const;

export const CLAIM_WHY_LENGTH_MAX = 1_000;

export interface ClaimSettlement {
  outcome: (typeof CLAIM_OUTCOMES)[number];
  why: string;
  /** `operator:…`, `service:…`. */
  by: string;
}

/**
 * Ends the claim for a payout that came back late: it is told of no more. Moves no money.
 * @returns the payout as it stood
 * @throws PaymentError not-found (it is not late, or its claim has ended), illegal-transition (its money is still out)
 */
export async function settleLatePayout(
  tx: Transaction,
  { id, now }: { id: string; now: Date },
  { outcome, why, by }: ClaimSettlement,
): Promise<LatePayout> {
  const payout = (await lateAmong(tx, { now }, [id])).get(id);
  if (!payout) throw new PaymentError('not-found', `Nothing is owed for a payout ${id}, or not any more.`);
  if (payout.back_on === null) {
    throw new PaymentError(
      'illegal-transition',
      `The money of payout ${id} is still out: more is owed each day.`,
    );
  }
  const amount = formatAmount(payout.compensation.amount);
  const { rowCount } = await tx.query(sql.unsafe`
    INSERT INTO late_payout_settled (tenant_id, payout_id, outcome, amount, why, settled_by, settled_at)
    VALUES (current_tenant(), ${id}, ${outcome}, ${amount}::text::numeric, ${why}, ${by}, ${now.toISOString()})
    ON CONFLICT DO NOTHING`);
  if (rowCount === 0) throw new PaymentError('illegal-transition', `Somebody has just settled ${id}.`);
  return payout;
}
