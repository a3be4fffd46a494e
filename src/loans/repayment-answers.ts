import type { IsoDate } from '../calendar/business-date.ts';
import { dateOfDay } from '../calendar/day-number.ts';
import type { Posting } from '../ledger/post.ts';
import type { Paid, PaymentSource } from './life/pay.ts';
import { minorText } from './schedule.ts';
import type { Entry } from './servicing/book.ts';
import type { ServicedLoan } from './servicing/load.ts';

/** A payment towards a loan. */
export interface Repayment {
  loan: string;
  amount: string;
  currency: string;
  /** The caller's own name for it: the same one is never taken twice. */
  reference: string;
  source: PaymentSource;
  /** The day on which it was paid, where that is not today. */
  paid_on?: IsoDate | undefined;
}

export const REPAYMENT_REFUSALS = [
  'unknown-loan',
  'loan-not-active',
  'insufficient-funds',
  'account-frozen',
  'currency-mismatch',
  'duplicate-reference',
  'too-far-back',
  'nothing-due',
  'not-yet',
] as const;
export type RefusalCode = (typeof REPAYMENT_REFUSALS)[number];

export type Repaid =
  | {
      outcome: 'repaid';
      journal: string;
      business_date: IsoDate;
      paid_on: IsoDate;
      /** What was taken in all; what of it each component got, and what is kept for the next due date. */
      taken: string;
      penal: string;
      fees: string;
      interest: string;
      principal: string;
      advance: string;
      /** What was accepted above that. It stays in the wallet. */
      left_in_wallet: string;
      loan_state: 'active' | 'closed';
    }
  | { outcome: 'refused'; code: RefusalCode; message: string };

/** The key of a repayment's journal: a reference is taken once, whatever job brings it. */
export function journalKey(reference: string): string {
  return `loan.repay/${reference}`;
}

/** The answer for a payment that was posted. */
export function repaid(taken: {
  /** What the loan accepted of it. */
  amount: bigint;
  day: number;
  paid: Paid;
  state: string;
  entry: Pick<Entry, 'journal' | 'booking'>;
}): Repaid {
  const { amount, day, paid, state, entry } = taken;
  const { allocated } = paid;
  return {
    outcome: 'repaid',
    journal: entry.journal,
    business_date: entry.booking.business_date,
    paid_on: dateOfDay(day),
    taken: minorText(paid.taken),
    penal: minorText(allocated.penal),
    fees: minorText(allocated.fees),
    interest: minorText(allocated.interest),
    principal: minorText(allocated.principal),
    advance: minorText(paid.advance),
    left_in_wallet: minorText(amount - paid.taken),
    loan_state: state === 'closed' ? 'closed' : 'active',
  };
}

/** The answer for a payment that the books refused. */
export function refusedPosting(
  posting: Exclude<Posting, { status: 'posted' }>,
  repayment: Repayment,
  loan: ServicedLoan,
  taken: bigint,
): Repaid {
  if (posting.status === 'duplicate') {
    return refused(
      'duplicate-reference',
      `Reference ${repayment.reference} was taken by journal ${posting.journal}.`,
    );
  }
  if (posting.status === 'account-frozen') {
    return refused('account-frozen', `Wallet ${loan.wallet_id} is frozen: no money leaves it.`);
  }
  return refused(
    'insufficient-funds',
    `Wallet ${loan.wallet_id} does not hold ${minorText(taken)} ${loan.currency}.`,
  );
}

export function refused(code: RefusalCode, message: string): Repaid {
  return { outcome: 'refused', code, message };
}
