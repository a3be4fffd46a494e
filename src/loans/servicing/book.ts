import { v7 as uuidv7 } from 'uuid';
import { dateOfDay } from '../../calendar/day-number.ts';
import type { Transaction } from '../../db/pools.ts';
import { controlAccounts } from '../../ledger/accounts.ts';
import { type BusinessDay, businessDayAt, openBookDate } from '../../ledger/business-day.ts';
import { type Posting, post } from '../../ledger/post.ts';
import { type Booking, carry } from '../life/carry.ts';
import { journalOf, openMissingAccounts } from './books.ts';
import type { ServicedLoan } from './load.ts';
import { storeAccruals } from './store.ts';

/** Something of a loan's life that is about to be posted as one journal. */
export interface Entry {
  loan: ServicedLoan;
  booking: Booking;
  kind: string;
  /** Of the journal: unique for ever. */
  key: string;
  journal: string;
  reverses?: string;
}

/** Where and when a piece of work is done. */
export interface Desk {
  tenant: string;
  day: BusinessDay;
  posted_at: Date;
}

/** The desk of a tenant at `now`, by the business clock. */
export async function deskAt(tx: Transaction, tenant: string, now: Date): Promise<Desk> {
  return { tenant, posted_at: now, day: await businessDayAt(tx, tenant, now) };
}

/** Carries loans through a day. @returns what there is to post, a journal a loan and day of the books. */
export function carryAll(loans: Iterable<ServicedLoan>, through: number, { day }: Desk): Entry[] {
  const bookDate = (number: number) => openBookDate(dateOfDay(number), day);
  return [...loans].flatMap((loan) =>
    carry(loan, through, bookDate).map((booking) => ({
      ...{ loan, booking, kind: 'loan.day', journal: uuidv7() },
      key: `loan.day/${loan.id}/${dateOfDay(booking.last_day)}`,
    })),
  );
}

/**
 * Posts entries, in order, and stores the accruals of those that were posted. An entry without lines moves
 * no money and is no journal.
 * @returns one posting per entry; null for one without lines.
 * @throws Error where a day was booked before that the loan was not carried through: something is wrong
 *   with the loan, and nothing of this may stand
 */
export async function book(
  tx: Transaction,
  { tenant, posted_at }: Desk,
  entries: readonly Entry[],
): Promise<(Posting | null)[]> {
  const moving = entries.filter(({ booking }) => !booking.lines.isEmpty);
  await openMissingAccounts(
    tx,
    moving.map(({ loan, booking }) => ({ loan, lines: booking.lines })),
  );
  const controls = await controlAccounts(tx, tenant);
  const drafts = moving.map(({ loan, booking, kind, key, journal, reverses }) =>
    journalOf(loan, booking.lines, controls, {
      ...{ id: journal, kind, key, posted_at, business_date: booking.business_date },
      ...(reverses ? { reverses } : {}),
    }),
  );
  const postings = await post(tx, drafts);
  const posted = new Map(moving.map((entry, index) => [entry, postings[index]!]));
  const stored = moving.filter((entry) => posted.get(entry)!.status === 'posted');
  for (const entry of moving) {
    const { status } = posted.get(entry)!;
    if (entry.kind === 'loan.day' && status !== 'posted') throw new Error(`${entry.key} ended ${status}.`);
  }
  await storeAccruals(
    tx,
    stored.flatMap(({ loan, journal, booking: { business_date, accruals } }) =>
      accruals.map((accrual) => ({ ...accrual, loan: loan.id, journal, business_date })),
    ),
    posted_at,
  );
  return entries.map((entry) => posted.get(entry) ?? null);
}
