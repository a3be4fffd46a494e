import { allocate, total } from '../allocation.ts';
import type { PlannedRow } from '../calculator/plan.ts';
import { classify, emptyBooking } from './carry.ts';
import { plannedInstalments, type Renewed, recogniseRest, restOf, rowOfDay } from './renew.ts';
import { markIfPaid, settle, waterfallOf } from './settle.ts';
import { type LoanStanding, owedInAll, owedOf } from './standing.ts';

/** A payment that shall make the rest of the schedule smaller. Amounts in minor units. */
export interface Prepayment {
  amount: bigint;
  source: 'collection' | 'wallet';
  day: number;
  business_date: string;
  /** The last number that an instalment of the loan ever had. */
  last_number: number;
  /** What is charged for principal paid early. */
  chargeOf(principal: bigint): { charge: bigint; tax: bigint };
  /** The schedule of what is left, from `from_day` on. */
  plan(principal: bigint, from_day: number): PlannedRow[];
}

export interface Prepaid extends Renewed {
  outcome: 'prepaid';
  /** Of the payment: what was due, interest to the day, the charge with its tax, and the principal. */
  dues: bigint;
  interest: bigint;
  charge: bigint;
  tax: bigint;
  principal: bigint;
  left: bigint;
}

/** Below what a product takes for a prepayment. */
export interface TooLittle {
  outcome: 'too-little';
}

/** It would pay all of the loan: that is a foreclosure. */
export interface TooMuch {
  outcome: 'too-much';
}

/**
 * Takes a prepayment: dues, then the interest earned to the day, then the charge; what remains lowers the
 * principal from the same day on, and the rest of the schedule is made anew. The payment itself becomes a
 * settled row, so that the principal of all rows is always what was paid out.
 */
export function prepay(loan: LoanStanding, payment: Prepayment): Prepaid | TooLittle | TooMuch {
  const { amount, day, business_date, last_number } = payment;
  const rest = restOf(loan, day);
  if (!rest) return { outcome: 'too-little' };
  const due = loan.unpaid.filter(({ fell_due_on }) => fell_due_on !== null);
  const dues = total(owedInAll(due));
  const available = amount - dues - rest.accrued;
  const least = loan.terms.rules.prepayment.minimum === 'none' ? 1n : leastOf(rest.coming[0]!);
  if (amount - dues < least) return { outcome: 'too-little' };
  const { principal, charge, tax } = mostPrincipal(available, payment);
  if (principal <= 0n) return { outcome: 'too-little' };
  if (principal >= rest.principal) return { outcome: 'too-much' };

  const booking = emptyBooking(business_date, day);
  const taken = dues + rest.accrued + charge + tax + principal;
  if (payment.source === 'collection') booking.lines.move('bank', 'wallet', amount);
  booking.lines.add('debit', 'wallet', taken);
  settle(loan, allocate(dues, due.map(owedOf), waterfallOf(loan)), booking);

  const row = rowOfDay(rest, day, { number: last_number + 1, principal, interest: rest.accrued });
  recogniseRest(loan, rest, row, day, booking);
  Object.assign(row, { fees: charge + tax, fees_tax: tax });
  booking.lines.add('debit', 'fees', charge + tax);
  booking.lines.add('credit', 'fee-income', charge);
  booking.lines.add('credit', 'tax-payable', tax);
  const added = plannedInstalments(payment.plan(rest.principal - principal, rest.from_day), row.number, rest);
  loan.unpaid = [...due, row, ...added];
  const { number, penal, fees, interest, principal: own } = owedOf(row);
  settle(
    loan,
    {
      ...{ taken: fees + interest + own, penal, fees, interest, principal: own },
      parts: [{ number, penal, fees, interest, principal: own }],
    },
    booking,
  );
  markIfPaid(row, business_date);
  classify(loan, day, booking);
  return {
    ...{ outcome: 'prepaid', booking, removed: rest.coming, added: [row, ...added] },
    ...{ dues, interest: rest.accrued, charge, tax, principal, left: amount - taken },
  };
}

function leastOf({ principal, interest }: { principal: bigint; interest: bigint }): bigint {
  return principal + interest;
}

/** The most principal that `available` pays together with the charge on it. */
function mostPrincipal(
  available: bigint,
  { chargeOf }: Pick<Prepayment, 'chargeOf'>,
): { principal: bigint; charge: bigint; tax: bigint } {
  const costOf = (principal: bigint) => {
    const { charge, tax } = chargeOf(principal);
    return { principal, charge, tax };
  };
  let least = 0n;
  let most = available > 0n ? available : 0n;
  while (least < most) {
    const middle = (least + most + 1n) / 2n;
    const { charge, tax } = costOf(middle);
    if (middle + charge + tax <= available) least = middle;
    else most = middle - 1n;
  }
  return costOf(least);
}
