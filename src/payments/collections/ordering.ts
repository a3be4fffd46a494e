import type { Clock } from '../../calendar/clock.ts';
import type { Transaction } from '../../db/pools.ts';
import { businessDateAt } from '../../ledger/business-day.ts';
import { toDecimal } from '../../ledger/money.ts';
import { duesOf } from '../../loans/dues.ts';
import { loanOf } from '../../loans/views.ts';
import { GatewayError } from '../gateway/errors.ts';
import { type Calling, laterOn, reachGateway } from '../gateway/reaching.ts';
import { insertOrder, type Order, orderMade, orderOf, orderRefused } from './orders.ts';

/** What a borrower shall be able to pay. */
export interface OrderWish {
  loan: string;
  reference: string;
  /** What is due today where it is left out. */
  amount?: string | undefined;
  gateway: string;
}

export const ORDER_REFUSALS = [
  ...(['unknown-loan', 'loan-not-active', 'nothing-due', 'duplicate-reference', 'gateway-refused'] as const),
] as const;
export interface RefusedOrder {
  outcome: 'refused';
  code: (typeof ORDER_REFUSALS)[number];
  message: string;
}

export type OrderIntent = { order: string } | { refused: RefusedOrder };

/** Writes an order down that the gateway is about to be asked for. @param id also what the gateway calls our receipt */
export async function beginOrder(
  tx: Transaction,
  { tenant, clock }: { tenant: string; clock: Clock },
  id: string,
  { loan: loan_id, reference, amount: asked, gateway }: OrderWish,
): Promise<OrderIntent> {
  const now = clock.now();
  const loan = await loanOf(tx, loan_id);
  if (!loan) return no('unknown-loan', `There is no loan ${loan_id}.`);
  if (loan.state !== 'active') return no('loan-not-active', `Loan ${loan_id} is ${loan.state}.`);
  const amount = asked ?? (await duesOf(tx, tenant, loan_id, now))!.total;
  if (toDecimal(amount).isZero()) return no('nothing-due', `Nothing of loan ${loan_id} is due today.`);
  const order = { id, loan: loan_id, gateway, purpose: 'repayment' as const, reference, amount };
  const business_date = await businessDateAt(tx, tenant, now);
  const inserted = await insertOrder(tx, { ...order, currency: loan.currency }, { now, business_date });
  if (inserted) return { order: id };
  return no('duplicate-reference', `There is an order ${reference} already.`);
}

/**
 * Has the gateway make an order. One whose answer was lost is made again: an order that nobody was told of
 * cannot be paid, and moves no money.
 * @returns the gateway's id of it, or its refusal
 * @throws Retry or Snooze where it is to be tried again
 */
export async function makeOrder(
  order: Order,
  calling: Calling,
  { partial }: { partial: boolean },
): Promise<{ provider_id: string } | { rejected: { code: string; message: string } }> {
  if (order.provider_id !== null) return { provider_id: order.provider_id };
  const { gateway, call } = await reachGateway(calling, order.gateway);
  const { id, amount, currency, loan } = order;
  try {
    const notes = { order: id, ...(loan !== null && { loan }) };
    const made = await gateway.createOrder({ id, amount, currency, partial, notes }, call);
    return { provider_id: made.id };
  } catch (error) {
    calling.signal.throwIfAborted();
    if (!(error instanceof GatewayError)) throw error;
    if (error.kind === 'rejected') return { rejected: { code: error.code, message: error.message } };
    throw await laterOn(error, calling, order.gateway);
  }
}

export async function concludeOrder(
  tx: Transaction,
  { clock }: { clock: Clock },
  id: string,
  made: Awaited<ReturnType<typeof makeOrder>>,
): Promise<Order> {
  if ('rejected' in made) await orderRefused(tx, id, made.rejected.code);
  else await orderMade(tx, id, made.provider_id, clock.now());
  return (await orderOf(tx, id))!;
}

function no(code: RefusedOrder['code'], message: string): { refused: RefusedOrder } {
  return { refused: { outcome: 'refused', code, message } };
}
