import type { IsoDate } from '../../calendar/business-date.ts';
import { dayNumber } from '../../calendar/day-number.ts';
import type { Pool } from '../../db/pools.ts';
import { inTenant } from '../../db/transaction.ts';
import type { Role } from '../life/lines.ts';
import { minorText, minorUnits } from '../schedule.ts';
import { carryAll, deskAt, type Entry } from '../servicing/book.ts';
import { countDue, readDue } from '../servicing/load.ts';
import { type Counts, Tally } from './tally.ts';

/** Loans in memory at a time. */
const BATCH_LOANS = 1_000;
const START = '00000000-0000-0000-0000-000000000000';

/** What the close of a day would do. Amounts as text. */
export interface DayPreview extends Counts {
  business_date: IsoDate;
  loans: number;
  missed: number;
  closes: number;
  /** How many loans change from one asset class to another. */
  class_changes: Record<string, number>;
  /** Debits less credits of every kind of account. */
  accounts: Record<string, string>;
}

/**
 * What closing the days through a date would post, day by day: the same functions over loans that are read,
 * not locked, and nothing is written.
 */
export async function previewDays(
  pool: Pool,
  tenant: string,
  {
    through,
    now,
    onProgress,
  }: { through: IsoDate; now: Date; onProgress?: (done: number, total: number) => void },
): Promise<DayPreview[]> {
  const days = new Map<IsoDate, DayPreview>();
  const total = await inTenant(pool, tenant, (tx) => countDue(tx, through));
  let after = START;
  for (let done = 0; ; ) {
    const { entries, loans, last } = await inTenant(pool, tenant, async (tx) => {
      const desk = await deskAt(tx, tenant, now);
      const due = await readDue(tx, { after, through, limit: BATCH_LOANS });
      return {
        entries: carryAll(due.values(), dayNumber(through), desk),
        ...{ loans: due.size, last: [...due.keys()].at(-1) },
      };
    });
    for (const [date, own] of Map.groupBy(entries, ({ booking }) => booking.business_date)) {
      days.set(date, added(days.get(date) ?? empty(date), own));
    }
    done += loans;
    onProgress?.(done, total);
    if (last === undefined || loans < BATCH_LOANS) break;
    after = last;
  }
  return [...days.values()].toSorted((one, other) => (one.business_date < other.business_date ? -1 : 1));
}

function empty(business_date: IsoDate): DayPreview {
  return {
    ...{ business_date, loans: 0, journals: 0, interest: '0.00', penal: '0.00', tax: '0.00', reminders: 0 },
    ...{ missed: 0, closes: 0, class_changes: {}, accounts: {} },
  };
}

function added(day: DayPreview, entries: readonly Entry[]): DayPreview {
  const more = new Tally().add(entries).counts;
  const plus = (one: string, other: string) => minorText(minorUnits(one) + minorUnits(other));
  const bookings = entries.map(({ booking }) => booking);
  return {
    business_date: day.business_date,
    loans: day.loans + entries.length,
    journals: day.journals + more.journals,
    ...{ interest: plus(day.interest, more.interest), penal: plus(day.penal, more.penal) },
    tax: plus(day.tax, more.tax),
    reminders: day.reminders + more.reminders,
    missed: day.missed + bookings.reduce((sum, { missed }) => sum + missed.length, 0),
    closes: day.closes + bookings.filter(({ closes }) => closes).length,
    class_changes: counted(day.class_changes, entries),
    accounts: summed(day.accounts, entries),
  };
}

function counted(before: Record<string, number>, entries: readonly Entry[]): Record<string, number> {
  const counts = { ...before };
  for (const { from, to } of entries.flatMap(({ booking }) => booking.changes)) {
    const name = `${from} to ${to}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

function summed(before: Record<string, string>, entries: readonly Entry[]): Record<string, string> {
  const net = new Map<string, bigint>();
  for (const [role, amount] of Object.entries(before)) net.set(role, signed(amount));
  for (const { booking } of entries) {
    for (const [role, minor] of booking.lines.net() as Map<Role, bigint>) {
      net.set(role, (net.get(role) ?? 0n) + minor);
    }
  }
  return Object.fromEntries([...net].map(([role, minor]) => [role, textOf(minor)]));
}

function signed(amount: string): bigint {
  return amount.startsWith('-') ? -minorUnits(amount.slice(1)) : minorUnits(amount);
}

function textOf(minor: bigint): string {
  return minor < 0n ? `-${minorText(-minor)}` : minorText(minor);
}
