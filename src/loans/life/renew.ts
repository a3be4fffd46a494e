import type { IsoDate } from '../../calendar/business-date.ts';
import { dateOfDay } from '../../calendar/day-number.ts';
import type { PlannedRow } from '../calculator/plan.ts';
import { roundHalfEven } from '../schedule.ts';
import type { Booking } from './carry.ts';
import { accruedTo, recognise } from './interest.ts';
import { freshInstalment, type Instalment, type LoanStanding, owedOf } from './standing.ts';

/** A schedule made anew: what was done, and which rows went and came. */
export interface Renewed {
  booking: Booking;
  removed: Instalment[];
  added: Instalment[];
}

/** The part of the schedule that is still to fall due, and where its interest stands. */
export interface Rest {
  coming: Instalment[];
  /** Of their principal, and of fees that wait on them. */
  principal: bigint;
  fees: bigint;
  fees_tax: bigint;
  /** Interest of the running period that is earned by the day. */
  accrued: bigint;
  /** The day that interest is settled through: the day itself, or a later one that was paid ahead. */
  from_day: number;
}

/** What is still to fall due after `day`. Null where nothing is. */
export function restOf(loan: LoanStanding, day: number): Rest | null {
  const coming = loan.unpaid.filter(({ fell_due_on }) => fell_due_on === null);
  const [running] = coming;
  if (!running) return null;
  const sum = (amount: (each: Instalment) => bigint) => coming.reduce((all, each) => all + amount(each), 0n);
  return {
    coming,
    principal: sum((each) => owedOf(each).principal),
    fees: sum((each) => owedOf(each).fees),
    fees_tax: sum(({ fees_tax }) => fees_tax),
    accrued: accruedTo(running, day),
    from_day: Math.max(day, running.from_day ?? day),
  };
}

/**
 * Makes the interest earned in the running period receivable, on a row of its own: the others of the rest
 * are replaced. What was accrued day by day moves over.
 */
export function recogniseRest(
  loan: LoanStanding,
  rest: Rest,
  row: Instalment,
  day: number,
  booking: Booking,
): void {
  const already = rest.coming.reduce((sum, { accrued }) => sum + accrued, 0n);
  const amount = rest.accrued - already;
  booking.lines.move('interest', 'accrued', already);
  if (amount > 0n) {
    recognise(loan, booking.lines, 'interest', amount);
    booking.accruals.push({
      ...{ component: 'interest', number: row.number, chargeable_day: day, amount, tax: 0n },
      ...{ base: rest.accrued, rate: '1', rule: 'schedule' },
    });
  }
  row.accrued = row.interest;
  row.fell_due_on = booking.business_date;
}

/** A row that begins with the running period and is due on the day. */
export function rowOfDay(
  rest: Rest,
  day: number,
  row: { number: number; principal: bigint; interest: bigint },
): Instalment {
  const from_day = rest.coming[0]!.from_day ?? day;
  return freshInstalment({
    ...{ ...row, from_on: dateOfDay(Math.min(from_day, day)), due_on: dateOfDay(day) },
  });
}

/** Planned rows as instalments, numbered on from `after`; fees that waited on replaced rows go with the first. */
export function plannedInstalments(
  rows: readonly PlannedRow[],
  after: number,
  { fees, fees_tax }: { fees: bigint; fees_tax: bigint },
): Instalment[] {
  return rows.map(({ from_on, due_on, principal, interest }, index) => ({
    ...freshInstalment({ number: after + index + 1, from_on, due_on, principal, interest }),
    ...(index === 0 ? { fees, fees_tax } : {}),
  }));
}

export function dueDatesOf(instalments: readonly Instalment[]): IsoDate[] {
  return instalments.map(({ due_day }) => dateOfDay(due_day));
}

/** What another day adds to the interest of the running period; the days of a period add up to all of it. */
export function perDiemOf(loan: LoanStanding, day: number): bigint {
  const running = loan.unpaid.find(({ fell_due_on }) => fell_due_on === null);
  if (!running || running.from_day === null || running.from_day > day) return 0n;
  return roundHalfEven(running.interest, BigInt(running.due_day - running.from_day));
}
