import { v7 as uuidv7 } from 'uuid';
import type { Clock } from '../../calendar/clock.ts';
import type { Transaction } from '../../db/pools.ts';
import { type ControlAccount, controlAccounts } from '../../ledger/accounts.ts';
import { businessDateAt } from '../../ledger/business-day.ts';
import { type Decimal, formatAmount, toDecimal } from '../../ledger/money.ts';
import { post } from '../../ledger/post.ts';
import type { Collection } from './rows.ts';

/** When something is booked, and in whose books. */
export interface Moment {
  tenant: string;
  now: Date;
  business_date: string;
}

/** The moment that it is by the business clock. */
export async function momentAt(
  tx: Transaction,
  { tenant, clock }: { tenant: string; clock: Clock },
): Promise<Moment> {
  const now = clock.now();
  return { tenant, now, business_date: await businessDateAt(tx, tenant, now) };
}

/** Money of a collection that goes from one account of the tenant's own to another. */
export interface Move {
  kind: string;
  /** Of the journal: unique for ever. */
  key: string;
  from: ControlAccount;
  to: ControlAccount;
  amount: string;
}

/**
 * Books it: debits one account, credits the other.
 * @returns the journal
 * @throws Error where it was booked before: whoever moves money here holds the collection's lock, and knows
 */
export async function bookMove(
  tx: Transaction,
  { tenant, now, business_date }: Moment,
  { id, loan, currency }: Pick<Collection, 'id' | 'loan' | 'currency'>,
  { kind, key, from, to, amount }: Move,
): Promise<string> {
  const controls = await controlAccounts(tx, tenant);
  const money = { amount: toDecimal(amount), currency };
  const journal = {
    ...{ id: uuidv7(), stream: loan ?? id, kind, key, business_date, posted_at: now },
    entries: [
      { account: controls[from], direction: 'debit' as const, ...money },
      { account: controls[to], direction: 'credit' as const, ...money },
    ],
  };
  const [posting] = await post(tx, [journal]);
  if (posting!.status !== 'posted') throw new Error(`Journal ${key} ended ${posting!.status}.`);
  return posting!.journal;
}

export function plus(one: string, other: string): string {
  return formatAmount(toDecimal(one).plus(toDecimal(other)));
}

export function minus(one: string, other: string): string {
  return formatAmount(toDecimal(one).minus(toDecimal(other)));
}

export function least(one: string, other: string): string {
  return toDecimal(one).lt(toDecimal(other)) ? one : other;
}

export function isAboveZero(amount: string | Decimal): boolean {
  return (typeof amount === 'string' ? toDecimal(amount) : amount).gt(0);
}
