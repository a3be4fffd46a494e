import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import { formatAmount, toDecimal } from '../../ledger/money.ts';
import { PAYOUT_MODES } from '../gateway/gateway.ts';
import { PAYOUT_STATES } from '../states.ts';

const money = z.string().transform((text) => formatAmount(toDecimal(text)));

export const payoutRow = z.object({
  id: z.string(),
  instruction: z.string(),
  attempt: z.number(),
  previous: z.string().nullable(),
  purpose: z.enum(['disbursal', 'withdrawal']),
  loan: z.string().nullable(),
  wallet: z.string(),
  bank_account: z.string(),
  reference: z.string(),
  gateway: z.string(),
  mode: z.enum(PAYOUT_MODES),
  amount: money,
  currency: z.string(),
  state: z.enum(PAYOUT_STATES),
  contradicts: z.boolean(),
  request_body: z.string().nullable(),
  provider_id: z.string().nullable(),
  utr: z.string().nullable(),
  fees: money.nullable(),
  tax: money.nullable(),
  reason: z.string().nullable(),
  created_at: z.date(),
  business_date: z.string(),
  submitted_at: z.date().nullable(),
  unknown_since: z.date().nullable(),
  settled_at: z.date().nullable(),
  closed_at: z.date().nullable(),
  looks: z.number(),
});
export type Payout = z.output<typeof payoutRow>;

const COLUMNS = sql.fragment`
  id, instruction_id AS instruction, attempt, previous_id AS previous, purpose, loan_id AS loan, wallet_id AS wallet,
  bank_account_id AS bank_account, reference, gateway, mode, amount, currency, state, contradicts, request_body,
  provider_id, utr, fees, tax, reason, created_at, business_date, submitted_at, unknown_since, settled_at,
  closed_at, looks`;

/** The payout as it stands; null where there is none. */
export function payoutOf(tx: Transaction, id: string): Promise<Payout | null> {
  return tx.maybeOne(sql.prepared('payout_of', payoutRow)`
    SELECT ${COLUMNS} FROM payout WHERE tenant_id = current_tenant() AND id = ${id}`);
}

/** As payoutOf, locked until the transaction ends: whoever moves a payout holds this lock. */
export function lockPayout(tx: Transaction, id: string): Promise<Payout | null> {
  return tx.maybeOne(sql.prepared('lock_payout', payoutRow)`
    SELECT ${COLUMNS} FROM payout WHERE tenant_id = current_tenant() AND id = ${id} FOR NO KEY UPDATE`);
}

/**
 * Our id of what a gateway calls otherwise; by our own reference where its id is not known here: yet, or because
 * it is another payment under our reference.
 */
export function payoutIdOf(
  tx: Transaction,
  { gateway, provider_id, reference }: { gateway: string; provider_id: string; reference: string | null },
): Promise<string | null> {
  const ours = z.uuid().safeParse(reference).data ?? null;
  return tx.oneFirst(sql.prepared('payout_id_of', z.object({ id: z.string().nullable() }))`
    SELECT coalesce(
      (SELECT id FROM payout
       WHERE tenant_id = current_tenant() AND gateway = ${gateway} AND provider_id = ${provider_id}),
      (SELECT id FROM payout
       WHERE tenant_id = current_tenant() AND id = ${ours}::uuid AND gateway = ${gateway})) AS id`);
}

/** All attempts of an instruction, the first one first. */
export function attemptsOf(tx: Transaction, instruction: string): Promise<readonly Payout[]> {
  return tx.any(sql.type(payoutRow)`
    SELECT ${COLUMNS} FROM payout
    WHERE tenant_id = current_tenant() AND instruction_id = ${instruction}
    ORDER BY attempt`);
}

export interface PayoutFilter {
  state?: string | undefined;
  loan?: string | undefined;
  wallet?: string | undefined;
  after?: string | undefined;
  limit: number;
}

/** Payouts, newest first. */
export function listPayouts(tx: Transaction, filter: PayoutFilter): Promise<readonly Payout[]> {
  const { state = null, loan = null, wallet = null, after = null, limit } = filter;
  return tx.any(sql.type(payoutRow)`
    SELECT ${COLUMNS} FROM payout
    WHERE tenant_id = current_tenant()
      AND (${state}::text IS NULL OR state = ${state}) AND (${loan}::uuid IS NULL OR loan_id = ${loan})
      AND (${wallet}::uuid IS NULL OR wallet_id = ${wallet}) AND (${after}::uuid IS NULL OR id < ${after})
    ORDER BY id DESC
    LIMIT ${limit}`);
}

/** What may change of a payout. */
export type PayoutChange = Partial<
  Pick<
    Payout,
    | 'state'
    | 'contradicts'
    | 'request_body'
    | 'provider_id'
    | 'utr'
    | 'fees'
    | 'tax'
    | 'reason'
    | 'submitted_at'
    | 'unknown_since'
    | 'settled_at'
    | 'looks'
  >
> & { next_look_at?: Date | null };

/** Writes what changed of a locked payout; what is not named stays. */
export async function updatePayout(tx: Transaction, { id }: Payout, change: PayoutChange): Promise<void> {
  await tx.query(sql.prepared('update_payout', z.object({}))`
    UPDATE payout SET (state, contradicts, request_body, provider_id, utr, fees, tax, reason, submitted_at,
                       unknown_since, settled_at, looks, next_look_at) = (
      SELECT state, contradicts, request_body, provider_id, utr, fees, tax, reason, submitted_at,
             unknown_since, settled_at, looks, next_look_at
      FROM jsonb_populate_record(payout, ${JSON.stringify(change)}::jsonb))
    WHERE tenant_id = current_tenant() AND id = ${id}`);
}
