import { bookDate, type Calendar, type IsoDate, localDate } from '../calendar/business-date.ts';
import type { Transaction } from '../db/pools.ts';
import { type BusinessDay, businessDayAt } from '../ledger/business-day.ts';
import { chainHeadOf, lastSealOf } from '../ledger/statements.ts';
import { duesOf } from '../loans/dues.ts';
import { minorText } from '../loans/schedule.ts';
import { type InstalmentView, type LoanView, loanOf, scheduleOf } from '../loans/views.ts';
import { DocumentError } from './errors.ts';
import { type Known, particularsOf } from './particulars.ts';
import {
  type Amounts,
  type Journal,
  journalsOf,
  noAmounts,
  type Part,
  partsOf,
  plus,
  sumOf,
} from './statement-entries.ts';
import {
  type AccrualSpan,
  accrualsBooked,
  type Cause,
  causesOf,
  LINES_MAX,
  linesOf,
  owedBefore,
  partiesOf,
} from './statement-rows.ts';
import { type LoanStatement, OWED, type StatementEntry, type StatementPosition } from './statement-schema.ts';

/** The days that a statement is about, both included, by the day of the books. */
export interface Period {
  from?: IsoDate | undefined;
  to?: IsoDate | undefined;
}

/**
 * The statement of a loan: everything that changed what is owed in a period, from the books, with what was
 * owed before and after it. What is owed is principal, interest that fell due, penal charges and fees, less
 * what was paid ahead.
 * @param period from the loan's beginning to today, where it does not say
 * @returns null where there is no such loan
 * @throws DocumentError wrong-period, too-long
 */
export async function statementOf(
  tx: Transaction,
  tenant: string,
  id: string,
  period: Period,
  now: Date,
): Promise<LoanStatement | null> {
  const loan = await loanOf(tx, id);
  if (!loan) return null;
  const day = await businessDayAt(tx, tenant, now);
  const { from, to } = periodOf(loan, period, day);
  const lines = await linesOf(tx, id, { from, to });
  if (lines.length > LINES_MAX) {
    throw new DocumentError(
      'too-long',
      `More than ${LINES_MAX} lines from ${from} to ${to}: ask for a shorter period.`,
    );
  }
  const opening = { ...noAmounts(), ...Object.fromEntries(await owedBefore(tx, id, from)) };
  const booked = journalsOf(lines);
  const tell = teller({
    causes: await causesOf(tx, id),
    accruals: await accrualsBooked(tx, id, { from, to }),
    schedule: await scheduleOf(tx, id),
    calendar: day.calendar,
  });
  const { entries, positions, closing } = walk(booked, opening, tell);
  const { lender, product_name, name, reference } = await partiesOf(tx, id);
  return {
    made_at: now.toISOString(),
    lender,
    borrower: { name, reference },
    loan: factsOf(loan, product_name),
    period: { from, to },
    opening: written(opening),
    entries,
    closing: written(closing),
    positions,
    dues: (await duesOf(tx, tenant, id, now))!,
    proof: await proofOf(tx, id),
  };
}

/** The days that a statement of the loan would be about. @throws DocumentError wrong-period */
export async function statementPeriod(
  tx: Transaction,
  tenant: string,
  loan: LoanView,
  period: Period,
  now: Date,
): Promise<Required<Period>> {
  return periodOf(loan, period, await businessDayAt(tx, tenant, now));
}

function periodOf(
  loan: LoanView,
  period: Period,
  { today, business_date, calendar }: BusinessDay,
): { from: IsoDate; to: IsoDate } {
  const opened = localDate(loan.opened_at, calendar.time_zone);
  const from = period.from ?? (loan.disbursed_on && loan.disbursed_on < opened ? loan.disbursed_on : opened);
  // What is done on a holiday stands in the books of the day that follows.
  const to = period.to ?? (business_date > today ? business_date : today);
  if (from > to)
    throw new DocumentError('wrong-period', `A statement cannot begin on ${from} and end on ${to}.`);
  return { from, to };
}

function factsOf(loan: LoanView, product_name: string): LoanStatement['loan'] {
  const { id, product, product_version, currency, principal, annual_rate, tenure_months, state } = loan;
  const { disbursed_on, closed_on, next_due_on, instalments_paid } = loan;
  const terms = {
    id,
    product,
    product_name,
    product_version,
    currency,
    principal,
    annual_rate,
    tenure_months,
  };
  return { ...terms, state, disbursed_on, closed_on, next_due_on, instalments_paid };
}

async function proofOf(tx: Transaction, loan: string): Promise<LoanStatement['proof']> {
  const { head_seq, head_hash, sealed_seq } = await chainHeadOf(tx, loan);
  return {
    head: { seq: String(head_seq), hash: head_hash },
    sealed_through: String(sealed_seq),
    seal: await lastSealOf(tx),
  };
}

/** Says what is known of a journal. */
type Tell = (journal: Journal) => Known & { value_date: IsoDate; corrected: Partial<Amounts> };

function teller({
  causes,
  accruals,
  schedule,
  calendar,
}: {
  causes: ReadonlyMap<string, Cause>;
  accruals: ReadonlyMap<string, AccrualSpan>;
  schedule: readonly InstalmentView[];
  calendar: Calendar;
}): Tell {
  const numbers = new Map<IsoDate, number[]>();
  for (const { due_on, number } of schedule) {
    const booked_on = bookDate(due_on, calendar);
    numbers.set(booked_on, [...(numbers.get(booked_on) ?? []), number]);
  }
  return ({ journal, business_date }) => {
    const cause = causes.get(journal);
    const accrual = (component: 'interest' | 'penal') => accruals.get(`${journal}/${component}`);
    const spans = (['interest', 'penal'] as const).flatMap((component) => accrual(component) ?? []);
    const corrected: Partial<Amounts> = {};
    for (const { component, amount, corrects } of spans)
      if (corrects) corrected[component] = signedMinor(amount);
    const last = spans
      .map(({ to }) => to)
      .toSorted()
      .at(-1);
    return {
      ...{ cause, accrual, corrected, fell_due: numbers.get(business_date) ?? [] },
      value_date: cause?.effective_on ?? last ?? business_date,
    };
  };
}

function walk(journals: readonly Journal[], opening: Amounts, tell: Tell) {
  const sums = { debits: noAmounts(), credits: noAmounts(), moved: noAmounts() };
  const entries: StatementEntry[] = [];
  let owed = opening;
  for (const journal of journals) {
    const known = tell(journal);
    for (const part of partsOf(journal, known.corrected)) {
      owed = plus(owed, part.change);
      note(sums, part);
      entries.push(entryOf(journal, part, { known, balance: sumOf(owed) }));
    }
  }
  return { entries, closing: owed, positions: positionsOf(opening, sums, owed) };
}

type Sums = Record<'debits' | 'credits' | 'moved', Amounts>;

function note(sums: Sums, { is, change }: Part): void {
  for (const kind of OWED) {
    if (is === 'moved') sums.moved[kind] += change[kind];
    else if (change[kind] > 0n) sums.debits[kind] += change[kind];
    else sums.credits[kind] -= change[kind];
  }
}

function entryOf(
  booked: Journal,
  part: Part,
  { known, balance }: { known: ReturnType<Tell>; balance: bigint },
): StatementEntry {
  const { business_date, posted_at, journal, seq, kind } = booked;
  const change = part.is === 'moved' ? 0n : sumOf(part.change);
  const { total: _, ...components } = written(part.change);
  return {
    ...{ date: business_date, value_date: known.value_date, posted_at: posted_at.toISOString() },
    ...{ journal, seq: String(seq), kind },
    particulars: particularsOf(booked, part, known),
    debit: minorText(change > 0n ? change : 0n),
    credit: minorText(change < 0n ? -change : 0n),
    balance: signedText(balance),
    components,
  };
}

function positionsOf(opening: Amounts, sums: Sums, closing: Amounts): StatementPosition[] {
  const row = (component: StatementPosition['component'], of: (amounts: Amounts) => bigint) => ({
    component,
    opening: signedText(of(opening)),
    debits: signedText(of(sums.debits)),
    credits: signedText(of(sums.credits)),
    moved: signedText(of(sums.moved)),
    closing: signedText(of(closing)),
  });
  return [...OWED.map((kind) => row(kind, (amounts) => amounts[kind])), row('total', sumOf)];
}

function written(amounts: Amounts) {
  const texts = Object.fromEntries(OWED.map((kind) => [kind, signedText(amounts[kind])])) as Record<
    (typeof OWED)[number],
    string
  >;
  return { ...texts, total: signedText(sumOf(amounts)) };
}

function signedText(minor: bigint): string {
  return minor < 0n ? `-${minorText(-minor)}` : minorText(minor);
}

function signedMinor(text: string): bigint {
  const [whole = '', decimals = ''] = text.replace('-', '').split('.');
  const minor = BigInt(whole + decimals.padEnd(2, '0').slice(0, 2));
  return text.startsWith('-') ? -minor : minor;
}
