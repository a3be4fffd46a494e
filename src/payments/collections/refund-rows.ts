import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import { money } from './rows.ts';
import { REFUND_STATES } from './states.ts';

export const refundRow = z.object({
  id: z.string(),
  instruction: z.string(),
  attempt: z.number(),
  collection: z.string(),
  amount: money,
  currency: z.string(),
  state: z.enum(REFUND_STATES),
  request_body: z.string().nullable(),
  provider_id: z.string().nullable(),
  reason: z.string().nullable(),
  asked_by: z.string(),
  created_at: z.date(),
  looks: z.number(),
});
/** One attempt to give money of a collection back. */
export type Refund = z.output<typeof refundRow>;

const COLUMNS = sql.fragment`
  id, instruction_id AS instruction, attempt, collection_id AS collection, amount, currency, state, request_body,
  provider_id, reason, asked_by, created_at, looks`;

export function refundOf(tx: Transaction, id: string): Promise<Refund | null> {
  return tx.maybeOne(sql.type(refundRow)`
    SELECT ${COLUMNS} FROM refund WHERE tenant_id = current_tenant() AND id = ${id}`);
}

/** Whoever moves a refund holds the lock of its collection, and then this one. */
export function lockRefund(tx: Transaction, id: string): Promise<Refund | null> {
  return tx.maybeOne(sql.type(refundRow)`
    SELECT ${COLUMNS} FROM refund WHERE tenant_id = current_tenant() AND id = ${id} FOR NO KEY UPDATE`);
}

/** Of a collection, the first one first. */
export function refundsOf(tx: Transaction, collection: string): Promise<readonly Refund[]> {
  return tx.any(sql.type(refundRow)`
    SELECT ${COLUMNS} FROM refund
    WHERE tenant_id = current_tenant() AND collection_id = ${collection} ORDER BY id`);
}

/** Our refund of what a gateway calls otherwise; by our own id where the gateway's is not known here yet. */
export function refundCalled(
  tx: Transaction,
  collection: string,
  { provider_id, receipt }: { provider_id: string; receipt: string | null },
): Promise<Refund | null> {
  const ours = z.uuid().safeParse(receipt).data ?? null;
  return tx.maybeOne(sql.type(refundRow)`
    SELECT ${COLUMNS} FROM refund
    WHERE tenant_id = current_tenant() AND collection_id = ${collection}
      AND (provider_id = ${provider_id} OR (id = ${ours}::uuid AND provider_id IS NULL))
    FOR NO KEY UPDATE`);
}

export async function insertRefund(
  tx: Transaction,
  refund: Pick<Refund, 'id' | 'instruction' | 'attempt' | 'collection' | 'amount' | 'currency' | 'asked_by'>,
  { now, business_date }: { now: Date; business_date: string },
): Promise<void> {
  const { id, instruction, attempt, collection, amount, currency, asked_by } = refund;
  await tx.query(sql.type(z.object({}))`
    INSERT INTO refund (tenant_id, id, instruction_id, attempt, collection_id, amount, currency, state, asked_by,
                        created_at, business_date)
    VALUES (current_tenant(), ${id}, ${instruction}, ${attempt}, ${collection}, ${amount}::text::numeric, ${currency},
            'requested', ${asked_by}, ${now.toISOString()}, ${business_date})`);
}

export type RefundChange = Partial<
  Pick<Refund, 'state' | 'request_body' | 'provider_id' | 'reason' | 'looks'>
> & { next_look_at?: Date | null };

/** Writes what changed of a locked refund, there and in memory; what is not named stays. */
export async function updateRefund(tx: Transaction, refund: Refund, change: RefundChange): Promise<void> {
  await tx.query(sql.type(z.object({}))`
    UPDATE refund SET (state, request_body, provider_id, reason, next_look_at, looks) = (
      SELECT state, request_body, provider_id, reason, next_look_at, looks
      FROM jsonb_populate_record(refund, ${JSON.stringify(change)}::text::jsonb))
    WHERE tenant_id = current_tenant() AND id = ${refund.id}`);
  Object.assign(refund, change);
}
