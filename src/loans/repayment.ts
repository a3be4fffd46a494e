import { v7 as uuidv7 } from 'uuid';
import { dateOfDay, dayNumber } from '../calendar/day-number.ts';
import type { Transaction } from '../db/pools.ts';
import type { Posting } from '../ledger/post.ts';
import type { TransactionContext } from '../runtime/definition.ts';
import { repayBack } from './backdating.ts';
import { acceptable, type Paid, pay } from './life/pay.ts';
import { copyOf } from './life/standing.ts';
import { paymentReceived } from './payment-events.ts';
import {
  journalKey,
  type Repaid,
  type Repayment,
  refused,
  refusedPosting,
  repaid,
} from './repayment-answers.ts';
import { minorUnits } from './schedule.ts';
import { book, carryAll, type Desk, deskAt, type Entry } from './servicing/book.ts';
import { followUp } from './servicing/consequences.ts';
import { recordEvents } from './servicing/event-log.ts';
import { lockLoans, type ServicedLoan } from './servicing/load.ts';
import { storeLoans } from './servicing/store.ts';

/** One repayment worked out against its loan. */
interface Plan {
  repayment: Repayment;
  /** What the loan accepts of it, in minor units. */
  amount: bigint;
  loan: ServicedLoan;
  /** How the loan stood, carried to the day, before the payment. */
  before: ServicedLoan;
  day: number;
  paid: Paid;
  entry: Entry;
}

/**
 * Takes repayments, set-based: locks the loans and their unpaid instalments, carries each loan to the day
 * of its payment, allocates, posts, and closes the loans that are paid. Two repayments of one loan are
 * taken one after the other. One dated back to before a day that the loan was carried through is worked
 * out anew from that day on (replaying.ts).
 * @returns one answer per repayment, in order.
 */
export async function takeRepayments(
  tx: Transaction,
  tenant: string,
  context: Pick<TransactionContext, 'clock' | 'accept'>,
  repayments: readonly Repayment[],
): Promise<Repaid[]> {
  const desk = await deskAt(tx, tenant, context.clock.now());
  const answers = new Map<Repayment, Repaid>();
  for (let waiting = [...repayments]; waiting.length > 0; ) {
    const round = firstOfEachLoan(waiting);
    for (const [repayment, answer] of await takeRound(tx, desk, context, round))
      answers.set(repayment, answer);
    waiting = waiting.filter((repayment) => !answers.has(repayment));
  }
  return repayments.map((repayment) => answers.get(repayment)!);
}

function firstOfEachLoan(repayments: readonly Repayment[]): Repayment[] {
  const seen = new Set<string>();
  return repayments.filter(({ loan }) => !seen.has(loan) && seen.add(loan));
}

async function takeRound(
  tx: Transaction,
  desk: Desk,
  context: Pick<TransactionContext, 'accept'>,
  repayments: readonly Repayment[],
): Promise<Map<Repayment, Repaid>> {
  const loans = await lockLoans(
    tx,
    repayments.map(({ loan }) => loan),
  );
  const answers = new Map<Repayment, Repaid>();
  const plans: Plan[] = [];
  const days: Entry[] = [];
  for (const repayment of repayments) {
    const loan = loans.get(repayment.loan);
    const refusal = refusalOf(repayment, loan, desk);
    if (refusal) {
      answers.set(repayment, refusal);
    } else if (isBackdated(repayment, loan!)) {
      answers.set(repayment, await repayBack(tx, desk, context, loan!, repayment));
    } else {
      const day = dayOf(repayment, loan!, desk);
      days.push(...carryAll([loan!], day, desk));
      const plan = loan!.state === 'active' ? planOf(repayment, loan!, day, desk) : notActive(loan!);
      if ('outcome' in plan) answers.set(repayment, plan);
      else plans.push(plan);
    }
  }
  const entries = [...days, ...plans.map(({ entry }) => entry)];
  const postings = await book(tx, desk, entries);
  const posted = plans.filter((_, index) => postings[days.length + index]?.status === 'posted');
  for (const plan of plans) {
    if (!posted.includes(plan)) Object.assign(plan.loan, plan.before, { accounts: plan.loan.accounts });
  }
  await storeLoans(tx, [...new Set(entries.map(({ loan }) => loan))], desk.day.business_date);
  await recordEvents(
    tx,
    posted.map((plan) => eventOf(plan)),
    desk.posted_at,
  );
  await followUp(
    tx,
    context.accept,
    desk,
    [...days, ...posted.map(({ entry }) => entry)],
    posted.map((plan) => receiptOf(plan, desk)),
  );
  for (const [index, plan] of plans.entries()) {
    answers.set(plan.repayment, answerOf(plan, postings[days.length + index]!));
  }
  return answers;
}

/** A loan that the close of its day has reached already is paid on that day. */
function dayOf({ paid_on }: Repayment, loan: ServicedLoan, { day }: Desk): number {
  return Math.max(dayNumber(paid_on ?? day.today), loan.carried_through!);
}

function isBackdated({ paid_on }: Repayment, loan: ServicedLoan): boolean {
  return paid_on !== undefined && dayNumber(paid_on) < loan.carried_through!;
}

function refusalOf(repayment: Repayment, loan: ServicedLoan | undefined, { day }: Desk): Repaid | null {
  if (!loan) return refused('unknown-loan', `There is no loan ${repayment.loan}.`);
  if (loan.state !== 'active') return notActive(loan);
  if (loan.currency !== repayment.currency) {
    return refused('currency-mismatch', `Loan ${loan.id} is kept in ${loan.currency}.`);
  }
  if (repayment.paid_on !== undefined && repayment.paid_on > day.today) {
    return refused('not-yet', `${repayment.paid_on} is still to come.`);
  }
  return null;
}

function notActive({ id, state }: ServicedLoan): Repaid {
  return refused('loan-not-active', `Loan ${id} is ${state}.`);
}

function planOf(repayment: Repayment, loan: ServicedLoan, day: number, desk: Desk): Plan | Repaid {
  const before = copyOf(loan) as ServicedLoan;
  const { business_date } = desk.day;
  const { source } = repayment;
  const offered = { amount: minorUnits(repayment.amount), source, day, business_date };
  const amount = acceptable(loan, offered);
  if (amount === 0n) return nothingDue(loan);
  const paid = pay(loan, { ...offered, amount });
  const entry = {
    ...{ loan, booking: paid.booking, kind: 'loan.repay', journal: uuidv7() },
    key: journalKey(repayment.reference),
  };
  return { repayment, amount, loan, before, day, paid, entry };
}

function eventOf({ repayment, amount, day, entry }: Plan) {
  const { reference, source } = repayment;
  return {
    ...{ loan_id: repayment.loan, kind: 'repayment', amount },
    ...{ effective_on: dateOfDay(day), business_date: entry.booking.business_date },
    ...{ detail: { reference, source }, reverses: null, journal_id: entry.journal },
  };
}

function receiptOf({ repayment, amount, loan, day, paid, entry }: Plan, { posted_at: at }: Desk) {
  const { reference, source } = repayment;
  const { journal, booking } = entry;
  return paymentReceived(
    loan,
    { at, business_date: booking.business_date, journal },
    { reference, source, amount, taken: paid.taken, paid_on: dateOfDay(day) },
  );
}

function nothingDue({ id }: ServicedLoan): Repaid {
  return refused('nothing-due', `Loan ${id} asks for nothing now.`);
}

function answerOf({ repayment, amount, loan, day, paid, entry }: Plan, posting: Posting | null): Repaid {
  if (posting === null) return nothingDue(loan);
  if (posting.status !== 'posted') return refusedPosting(posting, repayment, loan, paid.taken);
  return repaid({ amount, day, paid, state: loan.state, entry });
}
