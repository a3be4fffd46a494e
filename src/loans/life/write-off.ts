import { total } from '../allocation.ts';
import { type Booking, emptyBooking } from './carry.ts';
import { cutToPaid } from './cut.ts';
import type { Renewed } from './renew.ts';
import { type LoanStanding, owedInAll } from './standing.ts';

export interface WrittenOff extends Renewed {
  /** In minor units: given up in all, the principal in it, and what the lender loses by it now. */
  written_off: bigint;
  principal: bigint;
  expense: bigint;
}

/**
 * Gives up what is unpaid of a loan. What never became income leaves suspense, what was paid ahead is kept;
 * the rest is an expense.
 */
export function writeOff(
  loan: LoanStanding,
  { day, business_date }: { day: number; business_date: string },
): WrittenOff {
  const booking: Booking = emptyBooking(business_date, day);
  const due = loan.unpaid.filter(({ fell_due_on }) => fell_due_on !== null);
  const coming = loan.unpaid.filter(({ fell_due_on }) => fell_due_on === null);
  const owed = owedInAll(due);
  const later = owedInAll(coming);
  const accrued = coming.reduce((sum, each) => sum + each.accrued, 0n);
  const parts = {
    principal: owed.principal + later.principal,
    ...{ interest: owed.interest, penal: owed.penal + later.penal, fees: owed.fees + later.fees },
  };
  const { lines } = booking;
  for (const component of ['penal', 'fees', 'interest', 'principal'] as const) {
    lines.add('credit', component, parts[component]);
  }
  lines.add('credit', 'accrued', accrued);
  const asked = total(parts) + accrued;
  const kept = asked < loan.advance ? asked : loan.advance;
  lines.add('debit', 'advance', loan.advance);
  lines.add('credit', 'wallet', loan.advance - kept);
  lines.add('debit', 'interest-suspense', loan.suspended_interest);
  lines.add('debit', 'penal-suspense', loan.suspended_penal);
  const expense = asked - kept - loan.suspended_interest - loan.suspended_penal;
  if (expense >= 0n) lines.add('debit', 'write-off-expense', expense);
  else lines.add('credit', 'interest-income', -expense);
  const cut = cutToPaid(loan.unpaid, business_date);
  const removed = loan.unpaid;
  Object.assign(loan, { unpaid: cut, advance: 0n, suspended_interest: 0n, suspended_penal: 0n });
  loan.state = 'written-off';
  booking.closes = true;
  return { booking, removed, added: cut, written_off: asked - kept, principal: parts.principal, expense };
}
