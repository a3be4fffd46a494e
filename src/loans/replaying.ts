import { sql } from 'slonik';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { dayNumber } from '../calendar/day-number.ts';
import type { Transaction } from '../db/pools.ts';
import type { EventDraft } from '../events/emit.ts';
import type { Posting } from '../ledger/post.ts';
import { reversalOf } from '../ledger/reverse.ts';
import type { TransactionContext } from '../runtime/definition.ts';
import type { Moment } from './events.ts';
import { emptyBooking } from './life/carry.ts';
import { Lines, type Role } from './life/lines.ts';
import { PAYMENT_SOURCES } from './life/pay.ts';
import { corrections, difference, discrepancy, type Happening, type Told, tell } from './life/replay.ts';
import { freshInstalment, type LoanStanding } from './life/standing.ts';
import { minorUnits } from './schedule.ts';
import { rescoreMissedDues } from './score/missed-dues.ts';
import { book, carryAll, type Desk, type Entry } from './servicing/book.ts';
import { followUp } from './servicing/consequences.ts';
import { eventsOf, type LoanEvent, type NewLoanEvent, recordEvents } from './servicing/event-log.ts';
import type { ServicedLoan } from './servicing/load.ts';
import { latestRenewal } from './servicing/renewals.ts';
import { storeCorrections, storeLoans } from './servicing/store.ts';

/** Nothing is dated back further: books of a year ago are with the auditors. */
export const DATED_BACK_DAYS_MAX = 366;

/** The happening that an event of a loan stands for; null for what its schedule was made anew by. */
function happeningOf({ seq, kind, effective_on, amount, detail }: LoanEvent): Happening | null {
  const base = { seq, day: dayNumber(effective_on), amount };
  switch (kind) {
    case 'repayment': {
      const source = PAYMENT_SOURCES.find((each) => each === detail.source) ?? 'wallet';
      return { ...base, kind, source, ...(detail.held === true ? { excess: 'advance' as const } : {}) };
    }
    case 'waiver': {
      const component = detail.component === 'penal' ? 'penal' : 'fees';
      const number = typeof detail.instalment === 'number' ? detail.instalment : null;
      return { ...base, kind, component, number };
    }
    case 'fee':
      return { ...base, kind, tax: minorUnits(String(detail.tax)) };
    default:
      return null;
  }
}

const scheduleRow = z.object({
  number: z.number(),
  from_on: z.string().nullable(),
  due_on: z.string(),
  principal: z.string().transform(minorUnits),
  interest: z.string().transform(minorUnits),
});

/** A loan's life as far as it can be told again. */
export interface Life {
  beginning: LoanStanding;
  /** The first day of it. */
  from_day: number;
  events: readonly LoanEvent[];
  happenings: Happening[];
}

/** What has been done to a loan that the caller has locked, from where its schedule was made. */
export async function lifeOf(tx: Transaction, loan: ServicedLoan): Promise<Life> {
  const renewal = await latestRenewal(tx, loan.id);
  if (renewal) {
    const { from_day, event_seq, standing } = renewal;
    const events = await eventsOf(tx, loan.id);
    const later = events.filter(({ seq }) => seq > event_seq);
    return { beginning: { ...loan, ...standing }, from_day, events, happenings: happeningsOf(later) };
  }
  const disbursed_on = await tx.oneFirst(sql.type(z.object({ disbursed_on: z.string() }))`
    SELECT disbursed_on FROM loan WHERE tenant_id = current_tenant() AND id = ${loan.id}`);
  const rows = await tx.any(sql.type(scheduleRow)`
    SELECT number, from_on, due_on, principal, interest FROM instalment
    WHERE tenant_id = current_tenant() AND loan_id = ${loan.id} ORDER BY number`);
  const from_day = dayNumber(disbursed_on);
  const events = await eventsOf(tx, loan.id);
  const beginning: LoanStanding = {
    ...loan,
    ...{ state: 'active', carried_through: from_day, asset_class: 'standard', advance: 0n },
    class_held_through: null,
    ...{ penal_charged: 0n, suspended_interest: 0n, suspended_penal: 0n },
    unpaid: rows.map(freshInstalment),
  };
  return { beginning, from_day, events, happenings: happeningsOf(events) };
}

/** What happened and still counts. */
function happeningsOf(events: readonly LoanEvent[]): Happening[] {
  const undone = new Set(events.map(({ reverses }) => reverses));
  return events
    .filter(({ seq }) => !undone.has(seq))
    .map(happeningOf)
    .filter((happening) => happening !== null);
}

/** One change to what happened, and how it is booked. */
export interface Change {
  kind: string;
  key: string;
  event: Pick<NewLoanEvent, 'kind' | 'effective_on' | 'amount' | 'detail' | 'reverses'>;
  /** The journal that is undone first; only what is left of the difference is posted besides. */
  undoes?: string;
}

/** What is to become of a loan's life. */
export interface Rewriting {
  change: Change;
  happenings: Happening[];
  /** The happening whose payment is asked for. */
  asked?: Happening;
  /** What those who subscribe are told of it, of the loan as it stands then. */
  tells: (loan: ServicedLoan, moment: Moment & { journal: string }, told: Told) => EventDraft;
}

/**
 * Brings a loan from the life that was booked to another one, posting only what differs, and keeping what
 * was known before beside it.
 * @returns the posting of the change, and what was told; nothing is stored where the books refuse it
 * @throws Error where the life as booked does not come to how the loan stands
 */
export async function rewrite(
  tx: Transaction,
  desk: Desk,
  { accept }: Pick<TransactionContext, 'accept'>,
  loan: ServicedLoan,
  life: Life,
  { change, happenings, asked, tells }: Rewriting,
): Promise<{ posting: Posting; told: Told }> {
  const today = dayNumber(desk.day.today);
  const days = carryAll([loan], today, desk);
  await book(tx, desk, days);
  if (days.length > 0) await storeLoans(tx, [loan], desk.day.business_date);
  const calendar = desk.day.calendar;
  const was = tell(life.beginning, life.happenings, { through: loan.carried_through!, calendar });
  const wrong = discrepancy(loan, was.standing);
  if (wrong) throw new Error(`The life of loan ${loan.id} does not come to how it stands: ${wrong}.`);
  const through = Math.max(loan.carried_through!, today);
  const told = tell(life.beginning, happenings, { through, calendar, ...(asked ? { asked } : {}) });

  const { entries, journal } = await entriesOf(tx, desk, loan, change, difference(was, told));
  const refusal = await bookTogether(tx, desk, loan, entries);
  if (refusal) return { posting: refusal, told };
  Object.assign(loan, told.standing, { accounts: loan.accounts });
  for (const instalment of loan.unpaid) instalment.changed = true;
  const { business_date } = desk.day;
  await storeLoans(tx, [loan], business_date);
  const [event_seq] = await recordEvents(
    tx,
    [{ ...change.event, loan_id: loan.id, business_date, journal_id: journal }],
    desk.posted_at,
  );
  await storeCorrections(
    tx,
    { loan: loan.id, journal, business_date, event_seq: event_seq!, posted_at: desk.posted_at },
    corrections(was, told),
  );
  await rescoreMissedDues(tx, { loan: loan.id, business_date, at: desk.posted_at }, was.missed, told.missed);
  await followUp(
    tx,
    accept,
    desk,
    [...days, ...entries],
    [tells(loan, { at: desk.posted_at, business_date, journal }, told)],
  );
  return { posting: { status: 'posted', journal, seq: 0n, hash: '' }, told };
}

/**
 * Posts all of the entries or none. What undoes a payment may need what the other entry puts back first, such
 * as an advance that was used since, or the other way round: where one order is refused, the other is tried.
 * @returns the refusal of the first order, where no order is posted
 */
async function bookTogether(
  tx: Transaction,
  desk: Desk,
  loan: ServicedLoan,
  entries: readonly Entry[],
): Promise<Refusal | null> {
  const accounts = { ...loan.accounts };
  let refusal: Refusal | null = null;
  for (const order of entries.length > 1 ? [entries, entries.toReversed()] : [entries]) {
    try {
      await tx.transaction(async (savepoint) => {
        const postings = await book(savepoint, desk, order);
        const refused = postings.find((posting) => posting && posting.status !== 'posted');
        if (refused && refused.status !== 'posted') throw new NotPosted(refused);
      });
      return null;
    } catch (error) {
      if (!(error instanceof NotPosted)) throw error;
      refusal ??= error.posting;
      // Accounts that were opened for them are gone again.
      loan.accounts = { ...accounts };
    }
  }
  return refusal;
}

type Refusal = Exclude<Posting, { status: 'posted' }>;

/** Takes a savepoint back. */
class NotPosted extends Error {
  readonly posting: Refusal;

  constructor(posting: Refusal) {
    super(posting.status);
    this.posting = posting;
  }
}

/** The journal that undoes another, where one is undone, and one with what else differs. */
async function entriesOf(
  tx: Transaction,
  desk: Desk,
  loan: ServicedLoan,
  change: Change,
  lines: Lines,
): Promise<{ entries: Entry[]; journal: string }> {
  const journal = uuidv7();
  const booking = (own: Lines) => ({
    ...emptyBooking(desk.day.business_date, dayNumber(desk.day.today)),
    lines: own,
  });
  if (!change.undoes) {
    const entry = { loan, booking: booking(lines), kind: change.kind, key: change.key, journal };
    return { entries: [entry], journal };
  }
  const mirror = await mirrorOf(tx, loan, change.undoes);
  const rest = lines.net();
  for (const [role, minor] of mirror.net()) rest.set(role, (rest.get(role) ?? 0n) - minor);
  const undoing: Entry = {
    ...{ loan, booking: booking(mirror), kind: `${change.kind}.reversal`, journal },
    ...{ key: `reversal/${change.undoes}`, reverses: change.undoes },
  };
  const adjusting: Entry = {
    ...{ loan, booking: booking(Lines.ofNet(rest)), kind: 'loan.adjust', journal: uuidv7() },
    key: `adjust/${change.undoes}`,
  };
  return { entries: [undoing, adjusting], journal };
}

async function mirrorOf(tx: Transaction, loan: ServicedLoan, journal: string): Promise<Lines> {
  const draft = await reversalOf(tx, journal, { business_date: '', posted_at: new Date(0) });
  const codes = await tx.any(sql.type(z.object({ id: z.string(), code: z.string() }))`
    SELECT id, code FROM account
    WHERE tenant_id = current_tenant()
      AND id = ANY (${sql.array(
        draft.entries.map(({ account }) => account),
        'uuid',
      )})`);
  const roles = new Map(codes.map(({ id, code }) => [id, roleOf(loan, id, code)]));
  const lines = new Lines();
  for (const { account, direction, amount } of draft.entries) {
    lines.add(direction, roles.get(account)!, minorUnits(amount.toFixed(2)));
  }
  return lines;
}

function roleOf(loan: ServicedLoan, account: string, code: string): Role {
  if (account === loan.wallet_id) return 'wallet';
  const own = Object.entries(loan.accounts).find(([, id]) => id === account);
  return (own ? own[0] : code) as Role;
}
