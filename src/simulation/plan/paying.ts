import { minorUnits } from '../../loans/schedule.ts';
import type { Borrower } from './borrower.ts';
import { drawFate, FATE_DAYS, type Fate, GOES_WELL, timesPaid } from './fates.ts';

/** A payment through the gateway as it is planned. */
export interface PlannedPayment {
  /** The number of the bank account that is paid. */
  payee: string;
  fate: Fate;
  /** The life goes on until all that may become of it is over. */
  lasts: boolean;
}

/** A payment, or a disbursal that found no account: what the books and the gateway must agree on at the end. */
export interface ExpectedPayout {
  /** The loan application's, or the payout's own. */
  reference: string;
  amount: bigint;
  ends: Fate['ends'];
  exceptions: readonly string[];
  /** Paid again when the wallet had not the money: people must sort it out. */
  from_suspense: bigint;
}

/** The number of the account that a borrower named last; each is another's nobody else has. */
export function accountOf({ number, bank }: Borrower): string {
  return `55${String(number).padStart(8, '0')}${bank.accounts}`;
}

/**
 * Pays a borrower's money out of the wallet, and leads it to what its fate makes of it. Whoever waits for it
 * does nothing until then, so that nothing depends on when it is heard of.
 */
export function sendOut(
  borrower: Borrower,
  { reference, amount, purpose }: { reference: string; amount: string; purpose: 'disbursal' | 'withdrawal' },
  { day, lasts }: { day: number; lasts: boolean },
): { payment: PlannedPayment; expected: ExpectedPayout } {
  const { dice, wallet, bank } = borrower;
  const minor = minorUnits(amount);
  const payment = {
    payee: accountOf(borrower),
    lasts,
    fate: drawFate(dice, { lasts, steady: isSteady(borrower) }),
  };
  const { fate } = payment;
  wallet.available -= minor;
  if (timesPaid(fate) === 0) wallet.available += minor;
  const from_suspense = timesPaid(fate) > 1 && !wallet.take(minor) ? minor : 0n;
  if (fate.condemns_account) bank.is_usable = false;
  if (fate !== GOES_WELL) borrower.settled_on = day + FATE_DAYS;
  const not_paid = purpose === 'disbursal' && wasLeftUnpaid(fate);
  const exceptions = [
    ...(not_paid ? ['disbursal-not-paid'] : []),
    ...(fate.exception ? [fate.exception] : []),
  ];
  return { payment, expected: { reference, amount: minor, ends: fate.ends, exceptions, from_suspense } };
}

/** Whether it was left unpaid at some time with nobody to try again. */
function wasLeftUnpaid(fate: Fate): boolean {
  return timesPaid(fate) === 0 || fate.exception === 'paid-after-failure';
}

/** Nothing but what is planned moves the wallet meanwhile: no hold ends, no advance comes back. */
function isSteady({ wallet, loan }: Borrower): boolean {
  return wallet.held.length === 0 && (loan?.standing.advance ?? 0n) === 0n;
}
