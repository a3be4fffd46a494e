import { v7 as uuidv7 } from 'uuid';
import { dateOfDay, dayNumber } from '../../calendar/day-number.ts';
import type { Transaction } from '../../db/pools.ts';
import { emit } from '../../events/emit.ts';
import type { Posting } from '../../ledger/post.ts';
import { type LoanVerb, loanEvent } from '../events.ts';
import type { Booking } from '../life/carry.ts';
import type { Renewed } from '../life/renew.ts';
import { copyOf } from '../life/standing.ts';
import { book, carryAll, type Desk, deskAt, type Entry } from '../servicing/book.ts';
import { followUp } from '../servicing/consequences.ts';
import { recordEvents } from '../servicing/event-log.ts';
import { lockLoans, type ServicedLoan } from '../servicing/load.ts';
import { type Origin, originOf, recordRenewal, storeRows } from '../servicing/renewals.ts';
import { storeLoans } from '../servicing/store.ts';

/** Why something could not be done to a loan, whatever it was. */
export const OPERATION_REFUSALS = [
  'unknown-loan',
  'loan-not-active',
  'currency-mismatch',
  'not-yet',
  'too-far-back',
  'insufficient-funds',
  'account-frozen',
  'duplicate-reference',
] as const;

type Common = (typeof OPERATION_REFUSALS)[number];

export interface Refused<Code extends string = string> {
  outcome: 'refused';
  code: Code | Common;
  message: string;
}

export function refuse<Code extends string>(
  code: Code,
  message: string,
): { outcome: 'refused'; code: Code; message: string } {
  return { outcome: 'refused', code, message };
}

/** The day on which something is done, and the loan's facts for it. */
export interface Occasion {
  day: number;
  business_date: string;
  desk: Desk;
  origin: Origin;
}

/** What was worked out, and is now to be booked. */
export interface Worked<Answer> {
  booking: Booking;
  /** Where the schedule was made anew. */
  renewal?: Pick<Renewed, 'removed' | 'added'> & { annual_rate?: string };
  /** What is written down of it. */
  event: { kind: string; amount: bigint; detail: Record<string, unknown> };
  /** What those who subscribe are told. */
  told: { verb: LoanVerb; data: Record<string, unknown> } | null;
  /** What else is written, once it is booked. */
  also?: (journal: string) => Promise<unknown>;
  answer(posted: { journal: string; loan: ServicedLoan }): Answer;
}

/** Something that is done to one loan. */
export interface Operation<Answer, Code extends string> {
  loan: string;
  /** Of the journal: its kind, and the key that it is posted under once. */
  kind: string;
  key: string;
  currency?: string | undefined;
  /** The day it counts from, where that is not today. */
  on?: string | undefined;
  /** States of a loan to which it can be done; active unless told. */
  states?: readonly string[];
  work(
    loan: ServicedLoan,
    occasion: Occasion,
    tx: Transaction,
  ): Worked<Answer> | Refused<Code> | Promise<Worked<Answer> | Refused<Code>>;
}

/** Who does it, and when. */
export interface OperationContext {
  now: Date;
  tenant: string;
  accept: Parameters<typeof followUp>[1];
}

/**
 * Does one thing to one loan: locks it, carries it to the day, works out what is to be done, books and
 * stores that, and tells. What is refused leaves nothing behind.
 */
export async function operate<Answer, Code extends string>(
  tx: Transaction,
  { now, tenant, accept }: OperationContext,
  operation: Operation<Answer, Code>,
): Promise<Answer | Refused<Code>> {
  const desk = await deskAt(tx, tenant, now);
  const loan = (await lockLoans(tx, [operation.loan])).get(operation.loan);
  const refusal = refusalOf(operation, loan, desk);
  if (refusal) return refusal;
  const day = Math.max(dayNumber(operation.on ?? desk.day.today), loan!.carried_through ?? 0);
  const days = carryAll([loan!], day, desk);
  if (!statesOf(operation).includes(loan!.state)) return notSo(loan!);
  const before = copyOf(loan!) as ServicedLoan;
  const origin = await originOf(tx, loan!.id, desk.day.calendar.time_zone);
  const { business_date } = desk.day;
  const worked = await operation.work(loan!, { day, business_date, desk, origin }, tx);
  if ('outcome' in worked) return worked;
  return settleUp(tx, { desk, accept, operation, loan: loan!, before, days, day, worked, origin });
}

async function settleUp<Answer, Code extends string>(
  tx: Transaction,
  given: {
    desk: Desk;
    accept: OperationContext['accept'];
    operation: Operation<Answer, Code>;
    loan: ServicedLoan;
    before: ServicedLoan;
    days: Entry[];
    day: number;
    worked: Worked<Answer>;
    origin: Origin;
  },
): Promise<Answer | Refused<Code>> {
  const { desk, accept, operation, loan, before, days, day, worked, origin } = given;
  const { booking, renewal, event, told } = worked;
  const { kind, key } = operation;
  const journal = uuidv7();
  const entry: Entry = { loan, booking, kind, key, journal };
  const postings = await book(tx, desk, [...days, entry]);
  const posting = postings[days.length] ?? null;
  const { business_date } = desk.day;
  if (posting && posting.status !== 'posted') {
    Object.assign(loan, before, { accounts: loan.accounts });
    await storeLoans(tx, [loan], business_date);
    await followUp(tx, accept, desk, days);
    return refusedPosting(posting, loan);
  }
  if (renewal) await storeRows(tx, loan, renewal);
  await storeLoans(tx, [loan], business_date);
  await worked.also?.(journal);
  const [event_seq] = await recordEvents(
    tx,
    [
      {
        ...{ loan_id: loan.id, ...event, effective_on: dateOfDay(day), business_date, reverses: null },
        journal_id: posting ? journal : null,
      },
    ],
    desk.posted_at,
  );
  if (renewal) {
    const { annual_rate } = { annual_rate: origin.annual_rate, ...renewal };
    await recordRenewal(tx, loan, renewal.removed, {
      ...{ cause: event.kind, day, annual_rate, event_seq: event_seq!, made_at: desk.posted_at },
    });
  }
  await followUp(tx, accept, desk, [...days, entry]);
  if (told) {
    const moment = { at: desk.posted_at, business_date, ...(posting ? { journal } : {}) };
    await emit(tx, [loanEvent(loan.id, told.verb, moment, told.data)]);
  }
  return worked.answer({ journal, loan });
}

function statesOf({ states = ['active'] }: { states?: readonly string[] }): readonly string[] {
  return states;
}

function refusalOf(
  operation: Pick<Operation<unknown, string>, 'loan' | 'currency' | 'on' | 'states'>,
  loan: ServicedLoan | undefined,
  { day }: Desk,
): Refused<never> | null {
  if (!loan) return refuse('unknown-loan', `There is no loan ${operation.loan}.`);
  if (!statesOf(operation).includes(loan.state)) return notSo(loan);
  const { currency, on } = operation;
  if (currency !== undefined && currency !== loan.currency) {
    return refuse('currency-mismatch', `Loan ${loan.id} is kept in ${loan.currency}.`);
  }
  if (on !== undefined && on > day.today) {
    return refuse('not-yet', `${on} is still to come.`);
  }
  if (on !== undefined && dayNumber(on) < (loan.carried_through ?? 0)) {
    const message = `Loan ${loan.id} was carried beyond ${on}: only repayments are dated back.`;
    return refuse('too-far-back', message);
  }
  return null;
}

function notSo({ id, state }: ServicedLoan): Refused<never> {
  return refuse('loan-not-active', `Loan ${id} is ${state}.`);
}

function refusedPosting(
  posting: Exclude<Posting, { status: 'posted' }>,
  { wallet_id }: ServicedLoan,
): Refused<never> {
  switch (posting.status) {
    case 'duplicate':
      return refuse('duplicate-reference', `It was done before, by journal ${posting.journal}.`);
    case 'account-frozen':
      return refuse('account-frozen', `Wallet ${wallet_id} is frozen: no money leaves it.`);
    default:
      return refuse('insufficient-funds', `Wallet ${wallet_id} does not hold that much.`);
  }
}
