import { roundHalfEven } from '../schedule.ts';
import type { Accrual, Booking } from './carry.ts';
import type { Lines } from './lines.ts';
import { type Instalment, isPaid, type LoanStanding } from './standing.ts';

/** Where a product accrues interest daily: the day's part of the running period. */
export function accrueInterest(loan: LoanStanding, day: number, booking: Booking): void {
  for (const instalment of loan.unpaid) {
    const { from_day, due_day } = instalment;
    if (from_day === null || from_day >= day) break;
    if (instalment.fell_due_on !== null || day > due_day) continue;
    const so_far = accruedTo(instalment, day);
    const amount = so_far - instalment.accrued;
    if (amount <= 0n) continue;
    recognise(loan, booking.lines, 'accrued', amount);
    instalment.accrued = so_far;
    instalment.changed = true;
    booking.accruals.push(interestAccrual(instalment, day, amount));
  }
}

/**
 * Makes the whole interest of an instalment receivable: what was accrued daily moves over, the rest is
 * recognised now, as of the due date. Also called for an instalment that is paid before its day.
 */
export function fallDue(
  loan: LoanStanding,
  instalment: Instalment,
  booking: Pick<Booking, 'business_date' | 'lines' | 'accruals'>,
): void {
  const rest = instalment.interest - instalment.accrued;
  booking.lines.move('interest', 'accrued', instalment.accrued);
  if (rest > 0n) {
    recognise(loan, booking.lines, 'interest', rest);
    booking.accruals.push(interestAccrual(instalment, instalment.due_day, rest));
  }
  instalment.accrued = instalment.interest;
  instalment.fell_due_on = booking.business_date;
  instalment.changed = true;
  // One of a moratorium asks for nothing.
  if (isPaid(instalment)) instalment.paid_on = booking.business_date;
}

function interestAccrual({ number, interest }: Instalment, day: number, amount: bigint): Accrual {
  return {
    ...{ component: 'interest', number, chargeable_day: day, amount, tax: 0n, base: interest },
    ...{ rate: '1', rule: 'schedule' },
  };
}

/** Interest of the instalment's period that is earned by the end of `day`: its share of the period's days. */
export function accruedTo({ interest, from_day, due_day }: Instalment, day: number): bigint {
  if (from_day === null || day <= from_day) return 0n;
  if (day >= due_day) return interest;
  return roundHalfEven(interest * BigInt(day - from_day), BigInt(due_day - from_day));
}

/** Interest that is earned becomes income, unless the account is non-performing: then it waits. */
export function recognise(
  loan: LoanStanding,
  lines: Lines,
  asset: 'accrued' | 'interest',
  amount: bigint,
): void {
  if (loan.asset_class === 'npa') {
    lines.move(asset, 'interest-suspense', amount);
    loan.suspended_interest += amount;
  } else lines.move(asset, 'interest-income', amount);
}
