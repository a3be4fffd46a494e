import { dateOfDay, dayNumber } from '../calendar/day-number.ts';
import type { Transaction } from '../db/pools.ts';
import { businessDayAt, openBookDate } from '../ledger/business-day.ts';
import { total } from './allocation.ts';
import type { AssetClass } from './delinquency.ts';
import { carry } from './life/carry.ts';
import { daysPastDueOn, oldestDueDay, owedInAll } from './life/standing.ts';
import { minorText } from './schedule.ts';
import { readLoan } from './servicing/load.ts';

/** What a borrower would have to pay today to owe nothing that is due. */
export interface Dues {
  as_of: string;
  penal: string;
  fees: string;
  interest: string;
  principal: string;
  total: string;
  /** Paid ahead, for the next due date. */
  advance: string;
  days_past_due: number;
  oldest_due_on: string | null;
  asset_class: AssetClass;
}

/**
 * What is due on a loan on the tenant's day at `now`: the loan as it is stored, carried to that day in
 * memory, so that the answer does not wait for the close of the day. Null where there is no loan.
 */
export async function duesOf(tx: Transaction, tenant: string, id: string, now: Date): Promise<Dues | null> {
  const loan = await readLoan(tx, id);
  if (!loan) return null;
  const day = await businessDayAt(tx, tenant, now);
  const today = dayNumber(day.today);
  carry(loan, today, (number) => openBookDate(dateOfDay(number), day));
  const through = Math.max(today, loan.carried_through ?? today);
  const active = loan.state === 'active';
  const owed = owedInAll(active ? loan.unpaid.filter(({ fell_due_on }) => fell_due_on !== null) : []);
  const oldest = active ? oldestDueDay(loan, through) : null;
  return {
    as_of: dateOfDay(through),
    penal: minorText(owed.penal),
    fees: minorText(owed.fees),
    interest: minorText(owed.interest),
    principal: minorText(owed.principal),
    total: minorText(total(owed)),
    advance: minorText(loan.advance),
    days_past_due: active ? daysPastDueOn(loan, through) : 0,
    oldest_due_on: oldest === null ? null : dateOfDay(oldest),
    asset_class: loan.asset_class,
  };
}
