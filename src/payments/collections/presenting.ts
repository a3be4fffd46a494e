import { sql } from 'slonik';
import { z } from 'zod';
import type { Clock } from '../../calendar/clock.ts';
import type { Transaction } from '../../db/pools.ts';
import { businessDateAt } from '../../ledger/business-day.ts';
import { formatAmount, toDecimal } from '../../ledger/money.ts';
import { loanOf, scheduleOf } from '../../loans/views.ts';
import { reach } from '../../runtime/faults.ts';
import { GatewayError } from '../gateway/errors.ts';
import { type Calling, laterOn, reachGateway } from '../gateway/reaching.ts';
import { recordMoves } from '../moves.ts';
import type { Occasion } from '../occasion.ts';
import { momentAt } from './books.ts';
import { type Debit, lockDebit, moveDebit } from './debits.ts';
import { type Mandate, mandateOf } from './mandates.ts';
import { concludeOrder, makeOrder } from './ordering.ts';
import { insertOrder, orderOf } from './orders.ts';
import { DEBIT_MOVES, type DebitState, mayMove } from './states.ts';

/** An instalment that a mandate shall be debited for. */
export interface DebitWish {
  mandate: string;
  instalment: number;
  /** What the instalment still asks for where it is left out. */
  amount?: string | undefined;
}

export const DEBIT_REFUSALS = [
  ...([
    'unknown-mandate',
    'mandate-revoked',
    'loan-not-active',
    'unknown-instalment',
    'nothing-due',
  ] as const),
  ...(['above-mandate', 'attempt-unresolved'] as const),
] as const;
export interface RefusedDebit {
  outcome: 'refused';
  code: (typeof DEBIT_REFUSALS)[number];
  message: string;
}

export type DebitIntent = { debit: string } | { refused: RefusedDebit };

/**
 * Writes an attempt down, with an order of its own, before the gateway hears of it. While the last attempt at the
 * instalment is not resolved there is no other; the database refuses it as well.
 */
export async function beginDebit(
  tx: Transaction,
  { tenant, clock }: { tenant: string; clock: Clock },
  id: string,
  wish: DebitWish,
): Promise<DebitIntent> {
  const mandate = await mandateOf(tx, wish.mandate);
  if (!mandate) return no('unknown-mandate', `There is no mandate ${wish.mandate}.`);
  const asked = await amountOf(tx, mandate, wish);
  if (typeof asked !== 'string') return asked;
  const { loan, gateway, currency, max_amount } = mandate;
  if (await isUnresolved(tx, loan, wish.instalment)) {
    const message = `The last attempt at instalment ${wish.instalment} of loan ${loan} is not resolved.`;
    return no('attempt-unresolved', message);
  }
  if (toDecimal(asked).gt(toDecimal(max_amount))) {
    return no('above-mandate', `${asked} ${currency} is more than the mandate allows, ${max_amount}.`);
  }
  const now = clock.now();
  const business_date = await businessDateAt(tx, tenant, now);
  const order = {
    id,
    loan,
    gateway,
    purpose: 'mandate-debit' as const,
    reference: id,
    amount: asked,
    currency,
  };
  await insertOrder(tx, order, { now, business_date });
  // Two mandates of one loan may come at once: the index lets one of them in, and the other tries again.
  await tx.query(sql.type(z.object({}))`
    INSERT INTO mandate_debit (tenant_id, id, mandate_id, loan_id, instalment, attempt, order_id, amount, currency,
                               state, created_at)
    SELECT current_tenant(), ${id}::uuid, ${mandate.id}::uuid, ${loan}::uuid, ${wish.instalment}::int2,
           1 + coalesce((SELECT max(attempt) FROM mandate_debit
                         WHERE tenant_id = current_tenant() AND loan_id = ${loan}
                           AND instalment = ${wish.instalment}), 0),
           ${id}::uuid, ${asked}::text::numeric, ${currency}, 'created', ${now.toISOString()}::timestamptz`);
  await recordMoves(tx, { clock, evidence: 'machine', detail: {} }, business_date, [
    { subject: id, kind: 'mandate-debit', from: null, to: 'created', journal: null },
  ]);
  return { debit: id };
}

function isUnresolved(tx: Transaction, loan: string, instalment: number): Promise<boolean> {
  return tx.exists(sql.type(z.object({}))`
    SELECT FROM mandate_debit
    WHERE tenant_id = current_tenant() AND loan_id = ${loan} AND instalment = ${instalment}
      AND state NOT IN ('bounced', 'returned') AND NOT contradicts`);
}

async function amountOf(
  tx: Transaction,
  { id, loan, state }: Mandate,
  { instalment: number, amount }: DebitWish,
): Promise<string | { refused: RefusedDebit }> {
  if (state !== 'active') return no('mandate-revoked', `Mandate ${id} is ${state}.`);
  if ((await loanOf(tx, loan))?.state !== 'active')
    return no('loan-not-active', `Loan ${loan} is not active.`);
  const instalment = (await scheduleOf(tx, loan)).find((each) => each.number === number);
  if (!instalment) return no('unknown-instalment', `Loan ${loan} has no instalment ${number}.`);
  const { total, paid_principal, paid_interest, paid_fees, paid_penal } = instalment;
  const paid = [paid_principal, paid_interest, paid_fees, paid_penal];
  const owed = paid.reduce((rest, each) => rest.minus(toDecimal(each)), toDecimal(total));
  if (owed.lte(0)) return no('nothing-due', `Instalment ${number} of loan ${loan} is paid.`);
  return amount ?? formatAmount(owed);
}

/** What became of presenting. `standing`: an event or a look has said more meanwhile. */
export type Presented =
  | { state: 'pending'; provider_id: string }
  | { state: 'bounced' | 'unknown'; reason: string }
  | { state: 'standing' };

/**
 * Presents a mandate, once. That it is about to be is stored first: whoever finds it so stored does not know what
 * the gateway heard, and presents nothing. There is no key under which it could safely be repeated.
 * @throws Retry or Snooze where the gateway has provably done nothing
 */
export async function present(id: string, calling: Calling): Promise<Presented> {
  const { transact } = calling;
  const found = await transact(async (tx) => {
    const debit = (await lockDebit(tx, id))!;
    return {
      debit,
      order: (await orderOf(tx, debit.order))!,
      mandate: (await mandateOf(tx, debit.mandate))!,
    };
  });
  if (found.debit.state === 'presenting') return { state: 'unknown', reason: 'interrupted' };
  if (found.debit.state !== 'created') return { state: 'standing' };
  const made = await makeOrder(found.order, calling, { partial: false });
  if ('rejected' in made) return { state: 'bounced', reason: made.rejected.code };
  const { gateway, call } = await reachGateway(calling, found.order.gateway);
  const mine = await transact(async (tx) => {
    await concludeOrder(tx, calling, found.order.id, made);
    const debit = (await lockDebit(tx, id))!;
    if (debit.state === 'created') await note(tx, calling, debit, 'presenting');
    return debit.state === 'presenting';
  });
  if (!mine) return { state: 'standing' };
  await reach('debit.stored');
  const { amount, currency, instalment } = found.debit;
  const { customer, token, email, phone } = found.mandate;
  try {
    const provider_id = await gateway.debitMandate(
      {
        ...{ order: made.provider_id, amount, currency, customer, token, email, phone },
        description: `Instalment ${instalment}`,
      },
      call,
    );
    return { state: 'pending', provider_id };
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    if (error.kind === 'rejected') return { state: 'bounced', reason: error.code };
    if (error.kind === 'unknown' || error.kind === 'key-conflict') {
      calling.signal.throwIfAborted();
      return { state: 'unknown', reason: error.code };
    }
    await transact(async (tx) => {
      const debit = (await lockDebit(tx, id))!;
      if (debit.state === 'presenting') await note(tx, calling, debit, 'created');
    });
    throw await laterOn(error, calling, found.order.gateway);
  }
}

async function note(
  tx: Transaction,
  { tenant, clock }: Pick<Calling, 'tenant' | 'clock'>,
  debit: Debit,
  state: DebitState,
): Promise<void> {
  const occasion = {
    ...{ tenant, clock, evidence: 'machine' as const, detail: {} },
    accept: async () => {},
  };
  await moveDebit(tx, occasion, await momentAt(tx, { tenant, clock }), debit, { state });
}

/** Writes down what became of it. Whoever brought a later word meanwhile was right. */
export async function concludeDebit(
  tx: Transaction,
  context: Omit<Occasion, 'evidence' | 'detail'>,
  id: string,
  presented: Presented,
): Promise<Debit> {
  const debit = (await lockDebit(tx, id))!;
  if (presented.state === 'standing' || debit.state === presented.state) return debit;
  if (!mayMove(DEBIT_MOVES, debit.state, presented.state) || debit.resolved_at !== null) return debit;
  const occasion = { ...context, evidence: 'answer' as const, detail: { answer: presented.state } };
  await moveDebit(tx, occasion, await momentAt(tx, context), debit, presented);
  return debit;
}

function no(code: RefusedDebit['code'], message: string): { refused: RefusedDebit } {
  return { refused: { outcome: 'refused', code, message } };
}
