import type { Calendar } from '../calendar/business-date.ts';
import { dayNumber } from '../calendar/day-number.ts';
import type { Transaction } from '../db/pools.ts';
import type { TransactionContext } from '../runtime/definition.ts';
import { type Happening, tell } from './life/replay.ts';
import { paymentReceived, paymentReversed, type ReversalCause } from './payment-events.ts';
import {
  journalKey,
  type Repaid,
  type Repayment,
  refused,
  refusedPosting,
  repaid,
} from './repayment-answers.ts';
import { DATED_BACK_DAYS_MAX, type Life, lifeOf, rewrite } from './replaying.ts';
import { minorUnits } from './schedule.ts';
import type { Desk } from './servicing/book.ts';
import type { ServicedLoan } from './servicing/load.ts';
import type { LoanState } from './states.ts';

type Accepting = Pick<TransactionContext, 'accept'>;

/**
 * Takes a repayment that was paid before a day through which its loan was carried already: the loan ends
 * as if it had been taken in time, and what was charged in between is put right.
 */
export async function repayBack(
  tx: Transaction,
  desk: Desk,
  context: Accepting,
  loan: ServicedLoan,
  repayment: Repayment,
): Promise<Repaid> {
  const { source, reference } = repayment;
  const day = dayNumber(repayment.paid_on!);
  const life = await lifeOf(tx, loan);
  const earliest = Math.max(life.from_day, dayNumber(desk.day.today) - DATED_BACK_DAYS_MAX);
  if (day < earliest) {
    return refused('too-far-back', `Nothing of loan ${loan.id} can be dated back to ${repayment.paid_on}.`);
  }
  const offered: Happening & { kind: 'repayment' } = {
    ...{ seq: Number.MAX_SAFE_INTEGER, day, kind: 'repayment', amount: minorUnits(repayment.amount), source },
  };
  const amount = acceptedOf(life, offered, { through: loan.carried_through!, calendar: desk.day.calendar });
  if (amount === 0n) return refused('nothing-due', `Loan ${loan.id} asked for nothing then.`);
  const happening: Happening = { ...offered, amount };
  const change = {
    ...{ kind: 'loan.repay', key: journalKey(reference) },
    event: {
      ...{ kind: 'repayment', effective_on: repayment.paid_on!, amount },
      ...{ detail: { reference, source }, reverses: null },
    },
  };
  const happenings = [...life.happenings, happening];
  const { posting, told } = await rewrite(tx, desk, context, loan, life, {
    ...{ change, happenings, asked: happening },
    tells: (standing, moment, { of }) =>
      paymentReceived(standing, moment, {
        ...{ reference, source, paid_on: repayment.paid_on!, amount, taken: of?.taken ?? amount },
      }),
  });
  const paid = told.of;
  if (!paid) return refused('loan-not-active', `Loan ${loan.id} was not active on ${repayment.paid_on}.`);
  if (posting.status !== 'posted') return refusedPosting(posting, repayment, loan, paid.taken);
  const booking = { ...paid.booking, business_date: desk.day.business_date };
  const entry = { journal: posting.journal, booking };
  return repaid({ amount, day, paid, state: loan.state, entry });
}

/** As `acceptable`, of a payment among what happened since. */
function acceptedOf(
  { beginning, happenings }: Life,
  offered: Happening & { kind: 'repayment' },
  options: { through: number; calendar: Calendar },
): bigint {
  const { source, amount, excess = beginning.terms.excess } = offered;
  if (source !== 'gateway' || excess === 'wallet') return amount;
  return tell(beginning, [...happenings, offered], { ...options, asked: offered }).of?.taken ?? amount;
}

/** States of a loan whose life can be told again with a repayment less. */
const TELLABLE: readonly LoanState[] = ['active', 'closed'];

export type Reversed =
  | { outcome: 'reversed'; loan: string; journal: string; business_date: string; loan_state: string }
  | {
      outcome: 'refused';
      code:
        | 'unknown-loan'
        | 'unknown-repayment'
        | 'already-reversed'
        | 'illegal-transition'
        | 'too-far-back'
        | 'insufficient-funds'
        | 'account-frozen';
      message: string;
    };

/**
 * Undoes a repayment that bounced: the loan ends as if it had never come, with the schedule restored and
 * with the charges that its days without it bring.
 * @param reference the repayment's own name
 * @param cause for those who tell the borrower; the reason is for people of the lender
 */
export async function reverseRepayment(
  tx: Transaction,
  desk: Desk,
  context: Accepting,
  loan: ServicedLoan,
  { reference, reason, cause = 'bounced' }: { reference: string; reason: string; cause?: ReversalCause },
): Promise<Reversed> {
  if (!TELLABLE.includes(loan.state)) {
    return no('illegal-transition', `Loan ${loan.id} is ${loan.state}: no repayment of it can be undone.`);
  }
  const life = await lifeOf(tx, loan);
  const event = life.events.find(
    ({ kind, detail }) => kind === 'repayment' && detail.reference === reference,
  );
  if (!event) return no('unknown-repayment', `Loan ${loan.id} has no repayment ${reference}.`);
  if (life.events.some(({ reverses }) => reverses === event.seq)) {
    return no('already-reversed', `Repayment ${reference} was reversed before.`);
  }
  const happenings = life.happenings.filter(({ seq }) => seq !== event.seq);
  if (happenings.length === life.happenings.length) {
    return no('too-far-back', `The schedule of loan ${loan.id} was made anew after repayment ${reference}.`);
  }
  const { posting } = await rewrite(tx, desk, context, loan, life, {
    change: {
      ...{ kind: 'loan.repay', key: `reversal/${event.journal_id}`, undoes: event.journal_id! },
      event: {
        ...{ kind: 'repayment-reversal', effective_on: event.effective_on, amount: event.amount },
        ...{ detail: { reference, reason }, reverses: event.seq },
      },
    },
    happenings,
    tells: (standing, moment) =>
      paymentReversed(standing, moment, {
        ...{ reference, cause, amount: event.amount, paid_on: event.effective_on },
      }),
  });
  if (posting.status === 'posted') {
    const { business_date } = desk.day;
    const { journal } = posting;
    return { outcome: 'reversed', loan: loan.id, journal, business_date, loan_state: loan.state };
  }
  if (posting.status === 'duplicate')
    return no('already-reversed', `Repayment ${reference} was reversed before.`);
  return no(
    posting.status,
    `Wallet ${loan.wallet_id} is frozen, or no longer holds what the repayment left in it.`,
  );
}

function no(code: Extract<Reversed, { outcome: 'refused' }>['code'], message: string): Reversed {
  return { outcome: 'refused', code, message };
}
