import { type Allocated, allocate, noParts, total } from '../allocation.ts';
import type { ProductRules } from '../product-rules.ts';
import { type Booking, classify, emptyBooking } from './carry.ts';
import { fallDue } from './interest.ts';
import { closeIfPaid, settle, waterfallOf } from './settle.ts';
import { copyOf, type LoanStanding, owedOf } from './standing.ts';

/**
 * Where the money of a payment is. `collection`: it reached the bank, and is credited to the wallet first.
 * `wallet`: it is held there. `gateway`: a payment gateway has it for us; the wallet gets what the loan leaves.
 */
export const PAYMENT_SOURCES = ['collection', 'wallet', 'gateway'] as const;
export type PaymentSource = (typeof PAYMENT_SOURCES)[number];

/** A payment towards a loan that was carried to its day. */
export interface Payment {
  /** In minor units, above zero. */
  amount: bigint;
  source: PaymentSource;
  /** Where money goes that nothing due asks for; the product says where it is left out. */
  excess?: ProductRules['excess'];
  /** The day on which it counts as paid, and the day of the books. */
  day: number;
  business_date: string;
}

export interface Paid {
  booking: Booking;
  allocated: Allocated;
  /** Kept for the next due date. */
  advance: bigint;
  /** Taken from the wallet; the rest of the payment stays there. */
  taken: bigint;
}

/**
 * Takes a payment: what is due first, by the waterfall of the loan's asset class, then what the product
 * says of money that nothing due asks for. A loan of which nothing is left to pay is closed.
 */
export function pay(loan: LoanStanding, payment: Payment): Paid {
  const { amount, source, day, business_date, excess = loan.terms.excess } = payment;
  const booking = emptyBooking(business_date, day);
  if (source === 'collection') booking.lines.move('bank', 'wallet', amount);

  const due = loan.unpaid.filter((each) => each.fell_due_on !== null);
  const allocated = allocate(amount, due.map(owedOf), waterfallOf(loan));
  settle(loan, allocated, booking);
  const rest = amount - allocated.taken;
  const ahead = rest > 0n ? payAhead(loan, rest, excess, booking) : { allocated: nothing(), advance: 0n };

  const taken = allocated.taken + ahead.allocated.taken + ahead.advance;
  if (source === 'gateway') {
    booking.lines.add('debit', 'collection-clearing', amount);
    booking.lines.add('credit', 'wallet', amount - taken);
  } else {
    booking.lines.add('debit', 'wallet', taken);
  }
  classify(loan, day, booking);
  closeIfPaid(loan, booking);
  return { booking, allocated: together(allocated, ahead.allocated), advance: ahead.advance, taken };
}

/**
 * How much of a payment a loan takes: what it can use, and all of it where the product leaves the rest in the
 * wallet. What it does not take of a gateway's payment is not the loan's affair.
 */
export function acceptable(loan: LoanStanding, payment: Payment): bigint {
  const { source, amount, excess = loan.terms.excess } = payment;
  if (source !== 'gateway' || excess === 'wallet') return amount;
  return pay(copyOf(loan), payment).taken;
}

/** Pays coming instalments, whose interest is earned with the payment, or keeps the money for them. */
function payAhead(
  loan: LoanStanding,
  rest: bigint,
  excess: ProductRules['excess'],
  booking: Booking,
): { allocated: Allocated; advance: bigint } {
  const coming = loan.unpaid.filter((each) => each.fell_due_on === null);
  if (excess === 'wallet' || coming.length === 0) return { allocated: nothing(), advance: 0n };
  if (excess === 'advance') {
    const asked = coming.reduce((sum, each) => sum + total(owedOf(each)), 0n) - loan.advance;
    // A prepayment may have left less to come than was paid ahead before.
    const room = asked > 0n ? asked : 0n;
    const advance = rest < room ? rest : room;
    loan.advance += advance;
    booking.lines.add('credit', 'advance', advance);
    return { allocated: nothing(), advance };
  }
  const waterfall = { ...loan.terms.waterfall, direction: 'vertical' as const };
  const allocated = allocate(rest, coming.map(owedOf), waterfall);
  const touched = new Set(allocated.parts.map(({ number }) => number));
  for (const instalment of coming) {
    if (touched.has(instalment.number)) fallDue(loan, instalment, booking);
  }
  settle(loan, allocated, booking);
  return { allocated, advance: 0n };
}

function nothing(): Allocated {
  return { taken: 0n, ...noParts(), parts: [] };
}

function together(one: Allocated, other: Allocated): Allocated {
  return {
    taken: one.taken + other.taken,
    penal: one.penal + other.penal,
    fees: one.fees + other.fees,
    interest: one.interest + other.interest,
    principal: one.principal + other.principal,
    parts: [...one.parts, ...other.parts],
  };
}
