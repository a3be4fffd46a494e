import { addDays, type Calendar, type IsoDate } from '../../calendar/business-date.ts';
import { dayNumber } from '../../calendar/day-number.ts';
import { minorText } from '../../loans/schedule.ts';
import type { Action, Deed } from './actions.ts';
import type { Borrower } from './borrower.ts';
import type { LoanModel } from './loan-model.ts';
import { accountOf, type ExpectedPayout, sendOut } from './paying.ts';
import type { WalletModel } from './wallet-model.ts';

/** What a borrower may reckon with on a day. */
export interface Today {
  date: IsoDate;
  calendar: Calendar;
  /** Another wallet of the portfolio, to send money to; it does nothing else that day. */
  partner: Borrower | null;
  /** Counted from 0; and whether the life goes on until all that may become of a payment made today is over. */
  day: number;
  lasts: boolean;
  /** Told of what is paid out. */
  onPayout(expected: ExpectedPayout): void;
}

const RUPEE = 100n;
const BACKDATED_DAYS_MAX = 12;
const BOUNCED_DAYS_MAX = 40;
const HOLD_DAYS_MAX = 9;

/** Everything a borrower does on a day, and what must come of it, by the borrower's habits and dice. */
export function deedsOf(borrower: Borrower, today: Today): Action[] {
  const { dice, loan } = borrower;
  const actions = loan ? repaying(borrower, loan, today) : [];
  const mood = dice.between(1, 100);
  // One that is over waits for the close of day.
  const standing = borrower.wallet.held.filter(
    ({ expires_on }) => expires_on === null || expires_on >= today.date,
  );
  if (mood <= 8) actions.push(deposit(borrower));
  else if (mood <= 14) actions.push(withdraw(borrower));
  else if (mood <= 19 && today.partner) actions.push(transfer(borrower, today.partner));
  else if (mood <= 25) actions.push(hold(borrower, today));
  else if (mood <= 32 && standing.length > 0) actions.push(endHold(borrower, standing));
  else if (mood <= 46) actions.push(payOut(borrower, today));
  else if (mood <= 60 && !borrower.bank.is_usable) actions.push(nameAccount(borrower));
  return actions;
}

function repaying(borrower: Borrower, loan: LoanModel, today: Today): Action[] {
  if (loan.state !== 'active' && !isWorthTrying(borrower)) return [];
  const { dice, habit } = borrower;
  const { due, coming } = loan.duesOn(dayNumber(today.date));
  const chance = dice.between(1, 100);
  if (chance <= 5 && loan.repayments.length > 0) return bounce(borrower, loan, today);
  if (habit === 'ahead' && due === 0n && coming > 0n && chance <= 30) {
    return [repay(borrower, loan, today, { amount: coming })];
  }
  if (due === 0n) return chance >= 97 ? [repay(borrower, loan, today, { amount: RUPEE * 500n })] : [];
  switch (habit) {
    case 'never':
      return chance <= 10 ? [repay(borrower, loan, today, { amount: part(borrower, due) })] : [];
    case 'partial':
      return chance <= 60 ? [repay(borrower, loan, today, { amount: part(borrower, due) })] : [];
    case 'late':
      return chance <= 25 ? [repay(borrower, loan, today, { amount: due })] : [];
    case 'erratic':
      return [repay(borrower, loan, today, { amount: erratic(borrower, due), is_backdated: chance <= 55 })];
    default:
      return [repay(borrower, loan, today, { amount: due })];
  }
}

/** Now and then somebody pays a loan that is paid. */
function isWorthTrying({ dice }: Borrower): boolean {
  return dice.between(1, 40) === 1;
}

function part({ dice }: Borrower, due: bigint): bigint {
  return atLeastOne((due * BigInt(dice.between(5, 95))) / 100n);
}

function erratic({ dice }: Borrower, due: bigint): bigint {
  return atLeastOne((due * BigInt(dice.between(20, 240))) / 100n);
}

function repay(
  borrower: Borrower,
  loan: LoanModel,
  { date }: Today,
  { amount, is_backdated = false }: { amount: bigint; is_backdated?: boolean },
): Action {
  const { dice, wallet } = borrower;
  const today = dayNumber(date);
  const source = dice.between(1, 4) === 1 ? 'wallet' : 'collection';
  const back = Math.min(dice.between(1, BACKDATED_DAYS_MAX), today - loan.disbursed_day);
  const paid_on = is_backdated && source === 'collection' ? today - Math.max(back, 0) : today;
  const reference = nameOf(borrower, 'repay');
  const came = loan.repay({ amount, source, reference, paid_on, today, available: wallet.available });
  wallet.available += came.wallet;
  const deed: Deed = { do: 'repay', amount: minorText(amount), source, reference };
  if (paid_on < today) deed.paid_on = addDays(date, paid_on - today);
  return action(borrower, deed, came.outcome);
}

function bounce(borrower: Borrower, loan: LoanModel, { date }: Today): Action[] {
  const { dice, wallet } = borrower;
  const today = dayNumber(date);
  const recent = loan.repayments.filter(({ day }) => day >= today - BOUNCED_DAYS_MAX);
  if (recent.length === 0) return [];
  const { reference } = dice.one(recent);
  const came = loan.bounce(reference, { today, available: wallet.available });
  wallet.available += came.wallet;
  nameOf(borrower, 'bounce');
  return [action(borrower, { do: 'bounce', reference }, came.outcome)];
}

function deposit(borrower: Borrower): Action {
  const amount = someMoney(borrower);
  borrower.wallet.available += amount;
  return action(borrower, { do: 'deposit', ...movement(borrower, 'deposit', amount) }, 'deposited');
}

function withdraw(borrower: Borrower): Action {
  const { wallet } = borrower;
  const amount = spending(borrower);
  const expected = wallet.take(amount) ? 'withdrawn' : 'refused/insufficient-funds';
  return action(borrower, { do: 'withdraw', ...movement(borrower, 'withdraw', amount) }, expected);
}

function transfer(borrower: Borrower, partner: Borrower): Action {
  const amount = spending(borrower);
  const went = borrower.wallet.take(amount);
  if (went) partner.wallet.available += amount;
  const deed: Deed = { do: 'transfer', to: partner.number, ...movement(borrower, 'transfer', amount) };
  return action(borrower, deed, went ? 'transferred' : 'refused/insufficient-funds');
}

function hold(borrower: Borrower, { date }: Today): Action {
  const { dice, wallet } = borrower;
  const amount = spending(borrower);
  const moved = movement(borrower, 'hold', amount);
  const expires_on = dice.between(0, 2) === 0 ? null : addDays(date, dice.between(1, HOLD_DAYS_MAX));
  const went = wallet.hold({ reference: moved.reference, amount, expires_on });
  const expires_at = expires_on === null ? null : `${expires_on}T12:00:00Z`;
  return action(borrower, { do: 'hold', expires_at, ...moved }, went ? 'held' : 'refused/insufficient-funds');
}

function endHold(borrower: Borrower, standing: WalletModel['held']): Action {
  const { dice, wallet } = borrower;
  const { reference, amount } = dice.one(standing);
  nameOf(borrower, 'end');
  if (dice.between(0, 1) === 0) {
    wallet.end(reference, 0n);
    return action(borrower, { do: 'release', hold: reference }, 'released');
  }
  const captured = part(borrower, amount);
  wallet.end(reference, captured);
  return action(borrower, { do: 'capture', hold: reference, amount: minorText(captured) }, 'captured');
}

/** The last deed of the day: from here on they wait for what becomes of it. */
function payOut(borrower: Borrower, today: Today): Action {
  const { wallet, bank } = borrower;
  const amount = atLeast(RUPEE, spending(borrower));
  const moved = movement(borrower, 'pay-out', amount);
  const refused = (code: string) =>
    action(borrower, { do: 'pay-out', payment: null, ...moved }, `refused/${code}`);
  if (!bank.is_usable) return refused('no-bank-account');
  if (amount > wallet.available) return refused('insufficient-funds');
  const { payment, expected } = sendOut(borrower, { ...moved, purpose: 'withdrawal' }, today);
  today.onPayout(expected);
  return action(borrower, { do: 'pay-out', payment, ...moved }, 'begun');
}

function nameAccount(borrower: Borrower): Action {
  borrower.bank = { accounts: borrower.bank.accounts + 1, is_usable: true };
  nameOf(borrower, 'name-account');
  return action(borrower, { do: 'name-account', account: accountOf(borrower) }, 'named');
}

function someMoney({ dice }: Borrower): bigint {
  return RUPEE * BigInt(dice.skewed(3_000, 1, 50, 50, 100_000));
}

/** Mostly what the wallet has; now and then more. */
function spending({ dice, wallet }: Borrower): bigint {
  if (dice.between(1, 6) === 1) return wallet.available + RUPEE * BigInt(dice.between(1, 10_000));
  return atLeastOne((wallet.available * BigInt(dice.between(1, 30))) / 100n);
}

function atLeastOne(minor: bigint): bigint {
  return atLeast(1n, minor);
}

function atLeast(least: bigint, minor: bigint): bigint {
  return minor < least ? least : minor;
}

function movement(borrower: Borrower, verb: string, amount: bigint) {
  return { amount: minorText(amount), reference: nameOf(borrower, verb) };
}

function nameOf(borrower: Borrower, verb: string): string {
  borrower.deeds += 1;
  return `${borrower.number}-${borrower.deeds}-${verb}`;
}

function action({ number, deeds }: Borrower, deed: Deed, expected: string): Action {
  return { id: `${number}-${deeds}`, loan: number, deed, expected };
}
