import { type Booking, emptyBooking } from './carry.ts';
import { type Instalment, isPaid, type LoanStanding } from './standing.ts';

/** A fee on a loan that was carried to the day. Amounts in minor units. */
export interface Fee {
  amount: bigint;
  tax: bigint;
  day: number;
  business_date: string;
}

export interface FeeCharged {
  booking: Booking;
  instalment: Instalment;
}

/** Adds a fee to the instalment that falls due next, or to the last one where all have fallen due. */
export function chargeFee(loan: LoanStanding, { amount, tax, day, business_date }: Fee): FeeCharged {
  const booking = emptyBooking(business_date, day);
  const unpaid = loan.unpaid.filter((each) => !isPaid(each));
  const instalment = unpaid.find(({ fell_due_on }) => fell_due_on === null) ?? unpaid.at(-1)!;
  instalment.fees += amount + tax;
  instalment.fees_tax += tax;
  instalment.changed = true;
  booking.lines.add('debit', 'fees', amount + tax);
  booking.lines.add('credit', 'fee-income', amount);
  booking.lines.add('credit', 'tax-payable', tax);
  return { booking, instalment };
}
