import { createHash } from 'node:crypto';
import { sql } from 'slonik';
import { z } from 'zod';
import { canonicalJson } from '../../db/canonical-json.ts';
import type { Transaction } from '../../db/pools.ts';
import type { Receipt } from '../providers/receipt.ts';

/** A receipt as it came, before it is gone by. */
export interface NewReceipt {
  provider: string;
  event: string;
  same_as: Buffer;
  body: string;
}

const UNREADABLE = 'unreadable';

/** @param receipt as it is understood; null where nobody can read it: it is stored all the same */
export function newReceipt(provider: string, body: string, receipt: Receipt | null): NewReceipt {
  const same_as = receipt?.same_as ?? [UNREADABLE, body];
  return {
    ...{ provider, body, event: receipt?.event ?? UNREADABLE },
    same_as: createHash('sha256').update(canonicalJson(same_as)).digest(),
  };
}

/** Stores receipts, each once. @returns the ids of those that are new */
export function storeReceipts(
  tx: Transaction,
  way: 'told' | 'asked',
  receipts: readonly NewReceipt[],
  at: Date,
): Promise<readonly string[]> {
  const rows = receipts.map(({ provider, event, same_as, body }) => [provider, event, same_as, body]);
  return tx.anyFirst(sql.prepared('store_receipts', z.object({ id: z.string() }))`
    INSERT INTO notification_receipt (tenant_id, provider, event, same_as, body, way, received_at)
    SELECT current_tenant(), provider, event, same_as, body, ${way}, ${at.toISOString()}::timestamptz
    FROM ${sql.unnest(rows, ['text', 'text', 'bytea', 'text'])} AS told (provider, event, same_as, body)
    -- Two groups that hold the same receipts wait for each other, and never in a circle.
    ORDER BY same_as
    ON CONFLICT (tenant_id, provider, same_as) DO NOTHING
    RETURNING id`);
}

const receiptRow = z.object({
  id: z.string(),
  provider: z.string(),
  event: z.string(),
  body: z.string(),
  received_at: z.date(),
  outcome: z.string().nullable(),
});
/** A receipt, and what it came to where it was gone by. */
export type StoredReceipt = z.output<typeof receiptRow>;

export function receiptsById(tx: Transaction, ids: readonly string[]): Promise<readonly StoredReceipt[]> {
  return tx.any(sql.prepared('receipts_by_id', receiptRow)`
    SELECT receipt.id, provider, event, body, received_at, outcome
    FROM ${sql.unnest(
      ids.map((id) => [id]),
      ['uuid'],
    )} AS asked (id), LATERAL (
      SELECT id, provider, event, body, received_at FROM notification_receipt
      WHERE tenant_id = current_tenant() AND id = asked.id LIMIT 1) AS receipt
      LEFT JOIN notification_receipt_applied AS applied
        ON applied.tenant_id = current_tenant() AND applied.receipt_id = receipt.id`);
}

/** To be called in the transaction of its effects. */
export async function markReceiptApplied(
  tx: Transaction,
  applied: { receipt: string; message: string | null; outcome: string; at: Date },
): Promise<void> {
  const { receipt, message, outcome, at } = applied;
  await tx.query(sql.prepared('mark_receipt_applied', z.object({}))`
    INSERT INTO notification_receipt_applied (tenant_id, receipt_id, message_id, outcome, applied_at)
    VALUES (current_tenant(), ${receipt}, ${message}, ${outcome}, ${at.toISOString()})`);
}

const shownRow = z.object({
  id: z.string(),
  message_id: z.string(),
  provider: z.string(),
  event: z.string(),
  way: z.enum(['told', 'asked']),
  body: z.string(),
  received_at: z.date(),
  outcome: z.string(),
  applied_at: z.date(),
});
/** A receipt of a message, as it came, and what it did. */
export type ShownReceipt = z.output<typeof shownRow>;

/** Of one message, in the order in which they came. */
const RECEIPTS_SHOWN_MAX = 100;

export function receiptsOf(tx: Transaction, message: string): Promise<readonly ShownReceipt[]> {
  return tx.any(sql.prepared('receipts_of', shownRow)`
    SELECT receipt.id, message_id, provider, event, way, body, received_at, outcome, applied_at
    FROM notification_receipt_applied AS applied JOIN notification_receipt AS receipt
      ON receipt.tenant_id = current_tenant() AND receipt.id = applied.receipt_id
    WHERE applied.tenant_id = current_tenant() AND message_id = ${message}
    ORDER BY receipt.id LIMIT ${RECEIPTS_SHOWN_MAX}`);
}
