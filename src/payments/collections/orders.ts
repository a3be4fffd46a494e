import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import type { OrderPicture } from '../gateway/gateway.ts';
import type { Applied, Occasion } from '../occasion.ts';
import { firstLookAt } from './looks.ts';
import { money } from './rows.ts';

export const ORDER_PURPOSES = ['repayment', 'mandate-debit', 'other'] as const;
export const ORDER_STATES = ['asking', 'created', 'attempted', 'paid', 'refused'] as const;

export const orderRow = z.object({
  id: z.string(),
  loan: z.string().nullable(),
  gateway: z.string(),
  purpose: z.enum(ORDER_PURPOSES),
  reference: z.string(),
  amount: money,
  currency: z.string(),
  state: z.enum(ORDER_STATES),
  provider_id: z.string().nullable(),
  reason: z.string().nullable(),
  created_at: z.date(),
  looks: z.number(),
});
export type Order = z.output<typeof orderRow>;

const COLUMNS = sql.fragment`
  id, loan_id AS loan, gateway, purpose, reference, amount, currency, state, provider_id, reason, created_at, looks`;

/** What a borrower may pay against; null where there is none. */
export function orderOf(tx: Transaction, id: string): Promise<Order | null> {
  return tx.maybeOne(sql.type(orderRow)`
    SELECT ${COLUMNS} FROM collection_order WHERE tenant_id = current_tenant() AND id = ${id}`);
}

/**
 * The order, locked until the transaction ends. Whoever goes by an order and its payments locks the order first: what
 * a gateway tells of both comes at the same time.
 */
export function lockOrderCalled(
  tx: Transaction,
  { gateway, provider_id }: { gateway: string; provider_id: string },
): Promise<Order | null> {
  return tx.maybeOne(sql.prepared('lock_order_called', orderRow)`
    SELECT ${COLUMNS} FROM collection_order
    WHERE tenant_id = current_tenant() AND gateway = ${gateway} AND provider_id = ${provider_id}
    FOR NO KEY UPDATE`);
}

/** Of a loan, newest first. */
export function ordersOf(tx: Transaction, loan: string, limit: number): Promise<readonly Order[]> {
  return tx.any(sql.type(orderRow)`
    SELECT ${COLUMNS} FROM collection_order
    WHERE tenant_id = current_tenant() AND loan_id = ${loan}
    ORDER BY id DESC LIMIT ${limit}`);
}

export type NewOrder = Pick<
  Order,
  'id' | 'loan' | 'gateway' | 'purpose' | 'reference' | 'amount' | 'currency'
>;

/** Writes down that an order is to be made. @returns false where its purpose has that reference already */
export async function insertOrder(
  tx: Transaction,
  order: NewOrder,
  { now, business_date }: { now: Date; business_date: string },
): Promise<boolean> {
  const { id, loan, gateway, purpose, reference, amount, currency } = order;
  const { rowCount } = await tx.query(sql.type(z.object({}))`
    INSERT INTO collection_order (tenant_id, id, loan_id, gateway, purpose, reference, amount, currency, state,
                                  created_at, business_date)
    VALUES (current_tenant(), ${id}, ${loan}, ${gateway}, ${purpose}, ${reference}, ${amount}::text::numeric,
            ${currency}, 'asking', ${now.toISOString()}, ${business_date})
    ON CONFLICT (tenant_id, purpose, reference) DO NOTHING`);
  return rowCount === 1;
}

/** The gateway made it: from now on it is looked at. One that it has another id for stays as it was told. */
export async function orderMade(tx: Transaction, id: string, provider_id: string, now: Date): Promise<void> {
  await tx.query(sql.type(z.object({}))`
    UPDATE collection_order
    SET state = 'created', provider_id = ${provider_id}, next_look_at = ${firstLookAt(now).toISOString()}
    WHERE tenant_id = current_tenant() AND id = ${id} AND state = 'asking'`);
}

export async function orderRefused(tx: Transaction, id: string, reason: string): Promise<void> {
  await tx.query(sql.type(z.object({}))`
    UPDATE collection_order SET state = 'refused', reason = ${reason}
    WHERE tenant_id = current_tenant() AND id = ${id} AND state = 'asking'`);
}

const RANK = { asking: 0, refused: 0, created: 1, attempted: 2, paid: 3 } as const;

/** Goes by what a gateway says of an order. Forward only; it moves no money: its payments do. */
export async function applyOrderPicture(
  tx: Transaction,
  { gateway }: Occasion & { gateway: string },
  picture: OrderPicture,
): Promise<Applied> {
  const order = await lockOrderCalled(tx, { gateway, provider_id: picture.id });
  if (!order) return 'stranger';
  return advanceOrder(tx, order, picture.status);
}

export async function advanceOrder(
  tx: Transaction,
  { id, state }: Order,
  to: 'created' | 'attempted' | 'paid',
): Promise<Applied> {
  if (state === to) return 'same';
  if (RANK[to] < RANK[state]) return 'older';
  await tx.query(sql.type(z.object({}))`
    UPDATE collection_order SET state = ${to}
    WHERE tenant_id = current_tenant() AND id = ${id} AND state = ${state}`);
  return 'move';
}
