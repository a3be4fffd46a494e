import { sql } from 'slonik';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import { formatAmount, toDecimal } from '../../ledger/money.ts';
import { COLLECTION_STATES } from './states.ts';

export const money = z.string().transform((text) => formatAmount(toDecimal(text)));

export const collectionRow = z.object({
  id: z.string(),
  gateway: z.string(),
  provider_id: z.string(),
  order: z.string().nullable(),
  loan: z.string().nullable(),
  amount: money,
  currency: z.string(),
  fee: money.nullable(),
  tax: money.nullable(),
  method: z.string().nullable(),
  state: z.enum(COLLECTION_STATES),
  reason: z.string().nullable(),
  paid_at: z.date(),
  paid_on: z.string(),
  captured_at: z.date().nullable(),
  allocated: money,
  unallocated: money,
  refunded: money,
  returned: money,
  lost: money,
  created_at: z.date(),
  business_date: z.string(),
});
export type Collection = z.output<typeof collectionRow>;

const COLUMNS = sql.fragment`
  id, gateway, provider_id, order_id AS order, loan_id AS loan, amount, currency, fee, tax, method, state, reason,
  paid_at, paid_on, captured_at, allocated, unallocated, refunded, returned, lost, created_at, business_date`;

/** The collection as it stands; null where there is none. */
export function collectionOf(tx: Transaction, id: string): Promise<Collection | null> {
  return tx.maybeOne(sql.prepared('collection_of', collectionRow)`
    SELECT ${COLUMNS} FROM collection WHERE tenant_id = current_tenant() AND id = ${id}`);
}

/** As collectionOf, locked until the transaction ends: whoever moves a collection takes this lock before its loan's. */
export function lockCollection(tx: Transaction, id: string): Promise<Collection | null> {
  return tx.maybeOne(sql.prepared('lock_collection', collectionRow)`
    SELECT ${COLUMNS} FROM collection WHERE tenant_id = current_tenant() AND id = ${id} FOR NO KEY UPDATE`);
}

/** As lockCollection, by the gateway's id of the payment. */
export function lockCollectionCalled(
  tx: Transaction,
  { gateway, provider_id }: Pick<Collection, 'gateway' | 'provider_id'>,
): Promise<Collection | null> {
  return tx.maybeOne(sql.prepared('lock_collection_called', collectionRow)`
    SELECT ${COLUMNS} FROM collection
    WHERE tenant_id = current_tenant() AND gateway = ${gateway} AND provider_id = ${provider_id}
    FOR NO KEY UPDATE`);
}

export type NewCollection = Pick<
  Collection,
  'gateway' | 'provider_id' | 'order' | 'loan' | 'amount' | 'currency' | 'method' | 'paid_at' | 'paid_on'
> & { created_at: Date; business_date: string };

/** Writes down that a payment is known. @returns false where it was known already */
export async function insertCollection(tx: Transaction, given: NewCollection): Promise<boolean> {
  const { gateway, provider_id, order, loan, amount, currency, method, paid_at, paid_on } = given;
  const { rowCount } = await tx.query(sql.prepared('insert_collection', z.object({}))`
    INSERT INTO collection (tenant_id, id, gateway, provider_id, order_id, loan_id, amount, currency, method,
                            state, paid_at, paid_on, created_at, business_date)
    VALUES (current_tenant(), ${uuidv7()}, ${gateway}, ${provider_id}, ${order}, ${loan}, ${amount}::text::numeric,
            ${currency}, ${method}, 'created', ${paid_at.toISOString()}::text::timestamptz, ${paid_on}::text::date,
            ${given.created_at.toISOString()}::text::timestamptz, ${given.business_date}::text::date)
    ON CONFLICT (tenant_id, gateway, provider_id) DO NOTHING`);
  return rowCount === 1;
}

type Changing =
  | 'order'
  | 'loan'
  | 'fee'
  | 'tax'
  | 'method'
  | 'state'
  | 'reason'
  | 'captured_at'
  | 'allocated'
  | 'unallocated'
  | 'refunded'
  | 'returned'
  | 'lost';
/** What may change of a collection. */
export type CollectionChange = Partial<Pick<Collection, Changing>>;

/** Writes what changed of a locked collection, there and in memory; what is not named stays. */
export async function updateCollection(
  tx: Transaction,
  collection: Collection,
  change: CollectionChange,
): Promise<void> {
  const { order, loan, ...columns } = change;
  const row = {
    ...columns,
    ...(order !== undefined && { order_id: order }),
    ...(loan !== undefined && { loan_id: loan }),
  };
  await tx.query(sql.prepared('update_collection', z.object({}))`
    UPDATE collection SET (order_id, loan_id, fee, tax, method, state, reason, captured_at, allocated, unallocated,
                           refunded, returned, lost) = (
      SELECT order_id, loan_id, fee, tax, method, state, reason, captured_at, allocated, unallocated, refunded, returned, lost
      FROM jsonb_populate_record(collection, ${JSON.stringify(row)}::text::jsonb))
    WHERE tenant_id = current_tenant() AND id = ${collection.id}`);
  Object.assign(collection, change);
}

const allocationRow = z.object({
  seq: z.number(),
  loan: z.string(),
  reference: z.string(),
  amount: money,
  journal: z.string(),
  undone_at: z.date().nullable(),
  undone_by: z.string().nullable(),
});
/** What of a collection a loan took, as which repayment. */
export type Allocation = z.output<typeof allocationRow>;

/** In order, those undone since as well; they are few. */
export function allocationsOf(tx: Transaction, collection: string): Promise<readonly Allocation[]> {
  return tx.any(sql.type(allocationRow)`
    SELECT seq, loan_id AS loan, reference, amount, journal_id AS journal, undone_at, undone_by
    FROM collection_allocation
    WHERE tenant_id = current_tenant() AND collection_id = ${collection}
    ORDER BY seq`);
}

export async function insertAllocation(
  tx: Transaction,
  collection: string,
  { seq, loan, reference, amount, journal }: Omit<Allocation, 'undone_at' | 'undone_by'>,
): Promise<void> {
  await tx.query(sql.type(z.object({}))`
    INSERT INTO collection_allocation (tenant_id, collection_id, seq, loan_id, reference, amount, journal_id)
    VALUES (current_tenant(), ${collection}, ${seq}, ${loan}, ${reference}, ${amount}::text::numeric, ${journal})`);
}

/** @param journal null where the loan could not take it back: people must look */
export async function markUndone(
  tx: Transaction,
  collection: string,
  { seq }: Pick<Allocation, 'seq'>,
  at: Date,
  journal: string | null,
): Promise<void> {
  await tx.query(sql.type(z.object({}))`
    UPDATE collection_allocation SET undone_at = ${at.toISOString()}, undone_by = ${journal}
    WHERE tenant_id = current_tenant() AND collection_id = ${collection} AND seq = ${seq}`);
}

/** The collection of which a loan took a repayment that still stands, locked; null where it came another way. */
export async function lockCollectionOfRepayment(
  tx: Transaction,
  { loan, reference }: { loan: string; reference: string },
): Promise<Collection | null> {
  const id = await tx.maybeOneFirst(sql.type(z.object({ id: z.string() }))`
    SELECT collection_id AS id FROM collection_allocation
    WHERE tenant_id = current_tenant() AND reference = ${reference} AND loan_id = ${loan} AND undone_at IS NULL`);
  return id === null ? null : lockCollection(tx, id);
}

/** As markUndone, by the repayment's name. @returns the amount */
export function markUndoneCalled(
  tx: Transaction,
  collection: string,
  { reference, at, journal }: { reference: string; at: Date; journal: string },
): Promise<string> {
  return tx.oneFirst(sql.type(z.object({ amount: money }))`
    UPDATE collection_allocation SET undone_at = ${at.toISOString()}, undone_by = ${journal}
    WHERE tenant_id = current_tenant() AND collection_id = ${collection} AND reference = ${reference}
    RETURNING amount`);
}

/** Newest first; of a loan, or those of which something lies unallocated. */
export function listCollections(
  tx: Transaction,
  filter: { loan?: string | undefined; unallocated: boolean; after?: string | undefined; limit: number },
): Promise<readonly Collection[]> {
  const { loan = null, unallocated, after = null, limit } = filter;
  return tx.any(sql.type(collectionRow)`
    SELECT ${COLUMNS} FROM collection
    WHERE tenant_id = current_tenant()
      AND (${loan}::uuid IS NULL OR loan_id = ${loan}) AND (NOT ${unallocated} OR unallocated > 0)
      AND (${after}::uuid IS NULL OR id < ${after})
    ORDER BY id DESC
    LIMIT ${limit}`);
}
