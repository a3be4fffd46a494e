import type { IsoDate } from '../calendar/business-date.ts';
import { dateOfDay, dayNumber } from '../calendar/day-number.ts';
import { type Decimal, toDecimal } from '../ledger/money.ts';
import type { PayoutMode } from './gateway/gateway.ts';

/**
 * Reserve Bank of India, 19 September 2019 (turn around time for failed transactions): what was debited and not
 * credited is back on the day after, T+1, days of the calendar; each day more costs ₹100. It is said of IMPS and
 * UPI; what NEFT and RTGS owe for delay is interest, by other rules.
 */
const RULE: Partial<Record<PayoutMode, { back_after_days: number; a_day: Decimal }>> = {
  IMPS: { back_after_days: 1, a_day: toDecimal('100') },
  UPI: { back_after_days: 1, a_day: toDecimal('100') },
};

/** How payouts go that the rule is about, and after how many days they must be back. */
export const RULED_MODES = Object.entries(RULE).map(([mode, { back_after_days }]) => ({
  mode,
  back_after_days,
}));

export interface Compensation {
  /** The last day on which nothing is owed. */
  due_on: IsoDate;
  days_late: number;
  /** What the bank owes by then. */
  amount: Decimal;
}

/**
 * What is owed for money that left and neither arrived nor came back.
 * @param paid_on the day it was debited, by the tenant's wall, not its business days
 * @param until_on the day it came back, or the present one
 * @returns null where nothing is owed, or nothing by this rule
 */
export function compensationOf(mode: PayoutMode, paid_on: IsoDate, until_on: IsoDate): Compensation | null {
  const rule = RULE[mode];
  if (!rule) return null;
  const due = dayNumber(paid_on) + rule.back_after_days;
  const days_late = dayNumber(until_on) - due;
  if (days_late <= 0) return null;
  return { due_on: dateOfDay(due), days_late, amount: rule.a_day.times(days_late) };
}
