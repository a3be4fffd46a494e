import type { Allocated } from '../allocation.ts';
import type { Waterfall } from '../product-rules.ts';
import type { Booking } from './carry.ts';
import type { Lines } from './lines.ts';
import { type Instalment, isPaid, type LoanStanding } from './standing.ts';

/** The order in which a payment is spread, by the loan's asset class. */
export function waterfallOf({ asset_class, terms }: LoanStanding): Waterfall {
  return asset_class === 'npa' ? terms.waterfall_npa : terms.waterfall;
}

/**
 * Writes an allocated payment to the instalments and credits what the borrower owed; the debit is the
 * caller's. Income that waited for its money is recognised with it.
 */
export function settle(
  loan: LoanStanding,
  allocated: Allocated,
  booking: Pick<Booking, 'business_date' | 'lines'>,
): void {
  const instalments = new Map(loan.unpaid.map((each) => [each.number, each]));
  for (const part of allocated.parts) {
    const instalment = instalments.get(part.number)!;
    instalment.paid.penal += part.penal;
    instalment.paid.fees += part.fees;
    instalment.paid.interest += part.interest;
    instalment.paid.principal += part.principal;
    markIfPaid(instalment, booking.business_date);
  }
  for (const component of ['penal', 'fees', 'interest', 'principal'] as const) {
    booking.lines.add('credit', component, allocated[component]);
  }
  release(loan, allocated, booking.lines);
}

export function markIfPaid(instalment: Instalment, business_date: string): void {
  instalment.changed = true;
  if (instalment.paid_on === null && isPaid(instalment)) instalment.paid_on = business_date;
}

/** Also gives back what was paid ahead and is needed no more. */
export function closeIfPaid(loan: LoanStanding, booking: Pick<Booking, 'lines' | 'closes'>): void {
  if (!loan.unpaid.every(isPaid)) return;
  booking.lines.move('advance', 'wallet', loan.advance);
  loan.advance = 0n;
  loan.state = 'closed';
  booking.closes = true;
}

function release(loan: LoanStanding, paid: Pick<Allocated, 'interest' | 'penal'>, lines: Lines): void {
  const interest = smaller(paid.interest, loan.suspended_interest);
  const penal = smaller(paid.penal, loan.suspended_penal);
  lines.move('interest-suspense', 'interest-income', interest);
  lines.move('penal-suspense', 'penal-income', penal);
  loan.suspended_interest -= interest;
  loan.suspended_penal -= penal;
}

function smaller(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}
