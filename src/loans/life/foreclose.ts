import { total } from '../allocation.ts';
import { type ForeclosureAmount, type ForeclosureParts, foreclosureAmount } from '../foreclosure.ts';
import { type Booking, classify, emptyBooking } from './carry.ts';
import { type Renewed, type Rest, recogniseRest, restOf, rowOfDay } from './renew.ts';
import { settle } from './settle.ts';
import { type LoanStanding, owedInAll, owedOf } from './standing.ts';

/** What ending a loan asks for on the day it was carried to. */
export interface Asked extends ForeclosureParts, ForeclosureAmount {}

export function askedOn(
  loan: LoanStanding,
  day: number,
  chargeOf: (principal: bigint) => { charge: bigint; tax: bigint },
): Asked {
  const rest = restOf(loan, day);
  const due = owedInAll(loan.unpaid.filter(({ fell_due_on }) => fell_due_on !== null));
  const { charge, tax } = chargeOf(rest?.principal ?? 0n);
  const parts: ForeclosureParts = {
    principal: due.principal + (rest?.principal ?? 0n),
    accrued: rest?.accrued ?? 0n,
    ...{ interest: due.interest, penal: due.penal, fees: due.fees + (rest?.fees ?? 0n) },
    ...{ charge, tax, advance: loan.advance },
  };
  return { ...parts, ...foreclosureAmount(parts) };
}

export interface Foreclosed extends Renewed {
  asked: Asked;
}

/** Ends a loan: all that it asks for on the day is paid, what was to come is replaced by one settled row. */
export function foreclose(
  loan: LoanStanding,
  {
    day,
    business_date,
    source,
    last_number,
    chargeOf,
  }: {
    day: number;
    business_date: string;
    source: 'collection' | 'wallet';
    last_number: number;
    chargeOf(principal: bigint): { charge: bigint; tax: bigint };
  },
): Foreclosed {
  const asked = askedOn(loan, day, chargeOf);
  const rest = restOf(loan, day);
  const booking = emptyBooking(business_date, day);
  if (source === 'collection') booking.lines.move('bank', 'wallet', asked.total);
  booking.lines.add('debit', 'wallet', asked.total);
  booking.lines.add('debit', 'advance', asked.advance);
  booking.lines.add('credit', 'wallet', asked.refund);
  loan.advance = 0n;
  const due = loan.unpaid.filter(({ fell_due_on }) => fell_due_on !== null);
  const row = rest && finalRow(loan, rest, { asked, day, number: last_number + 1 }, booking);
  loan.unpaid = row ? [...due, row] : due;
  payAll(loan, booking);
  classify(loan, day, booking);
  loan.state = 'foreclosed';
  booking.closes = true;
  return { booking, asked, removed: rest?.coming ?? [], added: row ? [row] : [] };
}

function finalRow(
  loan: LoanStanding,
  rest: Rest,
  { asked, day, number }: { asked: Asked; day: number; number: number },
  booking: Booking,
) {
  const { charge, tax } = asked;
  const row = rowOfDay(rest, day, { number, principal: rest.principal, interest: rest.accrued });
  recogniseRest(loan, rest, row, day, booking);
  row.fees = rest.fees + charge + tax;
  row.fees_tax = rest.fees_tax + tax;
  booking.lines.add('debit', 'fees', charge + tax);
  booking.lines.add('credit', 'fee-income', charge);
  booking.lines.add('credit', 'tax-payable', tax);
  return row;
}

function payAll(loan: LoanStanding, booking: Booking): void {
  const parts = loan.unpaid.map(owedOf).filter((each) => total(each) > 0n);
  const sum = owedInAll(loan.unpaid);
  settle(loan, { ...sum, taken: total(sum), parts }, booking);
}
