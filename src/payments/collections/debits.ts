import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import { emit } from '../../events/emit.ts';
import { raiseException } from '../exceptions.ts';
import { recordMoves } from '../moves.ts';
import type { Occasion } from '../occasion.ts';
import type { Moment } from './books.ts';
import type { Order } from './orders.ts';
import { type Collection, money } from './rows.ts';
import { type CollectionState, DEBIT_MOVES, DEBIT_STATES, type DebitState, mayMove } from './states.ts';

export const debitRow = z.object({
  id: z.string(),
  mandate: z.string(),
  loan: z.string(),
  instalment: z.number(),
  attempt: z.number(),
  order: z.string(),
  amount: money,
  currency: z.string(),
  state: z.enum(DEBIT_STATES),
  contradicts: z.boolean(),
  provider_id: z.string().nullable(),
  reason: z.string().nullable(),
  created_at: z.date(),
  presented_at: z.date().nullable(),
  resolved_at: z.date().nullable(),
});
/** One presentment of a mandate for an instalment. */
export type Debit = z.output<typeof debitRow>;

export const DEBIT_COLUMNS = sql.fragment`
  id, mandate_id AS mandate, loan_id AS loan, instalment, attempt, order_id AS order, amount, currency, state,
  contradicts, provider_id, reason, created_at, presented_at, resolved_at`;

export function debitOf(tx: Transaction, id: string): Promise<Debit | null> {
  return tx.maybeOne(sql.type(debitRow)`
    SELECT ${DEBIT_COLUMNS} FROM mandate_debit WHERE tenant_id = current_tenant() AND id = ${id}`);
}

export function lockDebit(tx: Transaction, id: string): Promise<Debit | null> {
  return tx.maybeOne(sql.type(debitRow)`
    SELECT ${DEBIT_COLUMNS} FROM mandate_debit
    WHERE tenant_id = current_tenant() AND id = ${id} FOR NO KEY UPDATE`);
}

function lockDebitOf(tx: Transaction, order: string): Promise<Debit | null> {
  return tx.maybeOne(sql.type(debitRow)`
    SELECT ${DEBIT_COLUMNS} FROM mandate_debit
    WHERE tenant_id = current_tenant() AND order_id = ${order} FOR NO KEY UPDATE`);
}

/** What a collection's state says of the presentment that it came of. */
const SAYS: Record<CollectionState, DebitState> = {
  ...{ created: 'pending', authorized: 'pending', failed: 'bounced', 'auto-refunded': 'bounced' },
  ...{
    captured: 'captured',
    settled: 'captured',
    disputed: 'captured',
    won: 'captured',
    refunded: 'captured',
  },
  ...{ lost: 'returned', reversed: 'returned' },
};

/** A payment of a mandate's order moved: so does the presentment that it was made for. */
export async function followDebit(
  tx: Transaction,
  occasion: Occasion,
  moment: Moment,
  order: Order,
  { state, provider_id, reason }: Collection,
): Promise<void> {
  if (order.purpose !== 'mandate-debit') return;
  const debit = await lockDebitOf(tx, order.id);
  const to = SAYS[state];
  if (!debit || debit.state === to || !mayMove(DEBIT_MOVES, debit.state, to)) return;
  await moveDebit(tx, occasion, moment, debit, { state: to, provider_id, reason });
}

/** One legal move of a locked presentment, with its evidence. */
export async function moveDebit(
  tx: Transaction,
  occasion: Occasion,
  moment: Moment,
  debit: Debit,
  to: { state: DebitState; provider_id?: string | null; reason?: string | null },
): Promise<void> {
  const { now, business_date } = moment;
  const rival = to.state === 'pending' || to.state === 'captured' ? await rivalOf(tx, debit) : null;
  const change = {
    ...{ state: to.state, provider_id: to.provider_id ?? debit.provider_id, reason: to.reason ?? null },
    contradicts: debit.contradicts || rival !== null,
    presented_at: to.state === 'presenting' ? now : to.state === 'created' ? null : debit.presented_at,
    resolved_at: ['captured', 'bounced', 'returned'].includes(to.state) ? now : null,
  };
  await tx.query(sql.type(z.object({}))`
    UPDATE mandate_debit SET (state, contradicts, provider_id, reason, presented_at, resolved_at) = (
      SELECT state, contradicts, provider_id, reason, presented_at, resolved_at
      FROM jsonb_populate_record(mandate_debit, ${JSON.stringify(change)}::text::jsonb))
    WHERE tenant_id = current_tenant() AND id = ${debit.id}`);
  const { id, state: from } = debit;
  await recordMoves(tx, occasion, business_date, [
    { subject: id, kind: 'mandate-debit', from, to: to.state, journal: null },
  ]);
  Object.assign(debit, change);
  if (rival !== null) {
    await raiseException(tx, occasion, {
      ...{ kind: 'mandate-debit', subject: id, code: 'paid-twice' },
      message: `Attempt ${debit.attempt} came through after all, and attempt ${rival} was made meanwhile.`,
    });
  }
  if (to.state === 'bounced') await emit(tx, [bounced(debit, moment)]);
}

const H_MS = 3_600_000;
/** The result of a presentment can take two working days more; with a weekend and a holiday, six days. */
const PENDING_MS_MAX = 6 * 24 * H_MS;
/** Nobody knows whether it was presented, and its order shows no payment. */
const UNKNOWN_MS_MAX = 24 * H_MS;

/** Puts a presentment before people that no look at its order has resolved in time. */
export async function tellIfUnresolved(tx: Transaction, occasion: Occasion, order: Order): Promise<void> {
  const debit = order.purpose === 'mandate-debit' ? await lockDebitOf(tx, order.id) : null;
  if (!debit || debit.resolved_at !== null) return;
  const age_ms = occasion.clock.now().getTime() - debit.created_at.getTime();
  if (age_ms < (debit.state === 'pending' ? PENDING_MS_MAX : UNKNOWN_MS_MAX)) return;
  await raiseException(tx, occasion, {
    ...{ kind: 'mandate-debit', subject: debit.id, code: 'debit-unresolved' },
    message: `It is ${debit.state}, and its order shows nothing: ask the gateway; nothing is presented before.`,
  });
}

/** Another attempt at the same instalment that stands. @returns its number */
function rivalOf(tx: Transaction, { id, loan, instalment }: Debit): Promise<number | null> {
  return tx.maybeOneFirst(sql.type(z.object({ attempt: z.number() }))`
    SELECT attempt FROM mandate_debit
    WHERE tenant_id = current_tenant() AND loan_id = ${loan} AND instalment = ${instalment} AND id <> ${id}
      AND state NOT IN ('bounced', 'returned') AND NOT contradicts`);
}

function bounced(debit: Debit, { now: at, business_date }: Moment) {
  const { id, loan, instalment, attempt, amount, currency, reason } = debit;
  const data = { debit: id, loan, instalment, attempt, amount, currency, reason };
  return { subject: loan, type: 'mandate.debit-bounced', at, business_date, data };
}
