import { allocate, noParts } from '../allocation.ts';
import { roundHalfEven } from '../schedule.ts';
import { type Booking, classify, emptyBooking } from './carry.ts';
import { closeIfPaid, markIfPaid } from './settle.ts';
import { type Instalment, type LoanStanding, owedOf } from './standing.ts';

/** What is forgiven of a loan that was carried to the day. */
export interface Waiver {
  component: 'penal' | 'fees';
  /** Of this instalment only; of the oldest first where it is null. */
  number: number | null;
  /** In minor units, tax included. More than is unpaid forgives what is unpaid. */
  amount: bigint;
  day: number;
  business_date: string;
}

export interface Waived {
  booking: Booking;
  waived: bigint;
  /** The tax in it. */
  tax: bigint;
}

/**
 * Forgives penal charges or fees. The lender's part is an expense, or comes out of what was suspended and
 * never was income; the tax in it, in proportion, is owed no more.
 */
export function waive(loan: LoanStanding, { component, number, amount, day, business_date }: Waiver): Waived {
  const booking = emptyBooking(business_date, day);
  const rows = waivable(loan, number);
  const owed = rows.map((each) => ({
    ...{ number: each.number, ...noParts(), [component]: owedOf(each)[component] },
  }));
  const { order } = loan.terms.waterfall;
  const { parts, taken } = allocate(amount, owed, { order, direction: 'vertical' });
  let tax = 0n;
  for (const part of parts) {
    const instalment = rows.find((each) => each.number === part.number)!;
    tax += forgive(instalment, component, part[component]);
    markIfPaid(instalment, business_date);
  }
  const own = taken - tax;
  const suspended = component === 'penal' ? smaller(own, loan.suspended_penal) : 0n;
  loan.suspended_penal -= suspended;
  booking.lines.add('debit', 'penal-suspense', suspended);
  booking.lines.add('debit', 'waiver-expense', own - suspended);
  booking.lines.add('debit', 'tax-payable', tax);
  booking.lines.add('credit', component, taken);
  classify(loan, day, booking);
  closeIfPaid(loan, booking);
  return { booking, waived: taken, tax };
}

/** What could be forgiven at most. */
export function waivableOf(
  loan: LoanStanding,
  { component, number }: Pick<Waiver, 'component' | 'number'>,
): bigint {
  return waivable(loan, number).reduce((sum, each) => sum + owedOf(each)[component], 0n);
}

function waivable({ unpaid }: LoanStanding, number: number | null): Instalment[] {
  return number === null ? unpaid : unpaid.filter((each) => each.number === number);
}

/** @returns the tax in the part */
function forgive(instalment: Instalment, component: 'penal' | 'fees', part: bigint): bigint {
  const name = component === 'penal' ? 'penal_tax' : 'fees_tax';
  const tax = roundHalfEven(part * instalment[name], instalment[component]);
  instalment[component] -= part;
  instalment[name] -= tax;
  return tax;
}

function smaller(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}
