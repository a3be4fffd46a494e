import { dateOfDay } from '../../calendar/day-number.ts';
import type { Transaction } from '../../db/pools.ts';
import { type EventDraft, emit } from '../../events/emit.ts';
import type { JobRequest } from '../../runtime/definition.ts';
import { loanEvent } from '../events.ts';
import { minorText } from '../schedule.ts';
import { type MissedDue, scoreMissedDues } from '../score/missed-dues.ts';
import type { Desk, Entry } from './book.ts';
import type { ServicedLoan } from './load.ts';

/** Jobs that one call of accept takes. */
const ACCEPTED_AT_ONCE = 500;

/** What else follows from loans' days. */
export interface Consequences {
  reminders: JobRequest[];
  missed: MissedDue[];
  events: EventDraft[];
}

export function consequencesOf(desk: Desk, entries: readonly Entry[]): Consequences {
  return {
    reminders: entries.flatMap(remindersOf),
    missed: entries.flatMap((entry) => missedIn(entry, desk)),
    events: entries.flatMap((entry) => eventsOf(entry, desk)),
  };
}

/** Reminders go out, missed dues cost points, those who subscribe are told. */
export async function bringAbout(
  tx: Transaction,
  accept: (requests: JobRequest[]) => Promise<unknown>,
  consequences: readonly Consequences[],
): Promise<void> {
  const reminders = consequences.flatMap((each) => each.reminders);
  for (let start = 0; start < reminders.length; start += ACCEPTED_AT_ONCE) {
    await accept(reminders.slice(start, start + ACCEPTED_AT_ONCE));
  }
  await scoreMissedDues(
    tx,
    consequences.flatMap(({ missed }) => missed),
  );
  await emit(
    tx,
    consequences.flatMap(({ events }) => events),
  );
}

/** What follows from bookings, at once. @param told what else is told of them, before their own events */
export function followUp(
  tx: Transaction,
  accept: (requests: JobRequest[]) => Promise<unknown>,
  desk: Desk,
  entries: readonly Entry[],
  told: readonly EventDraft[] = [],
): Promise<void> {
  const { events, ...rest } = consequencesOf(desk, entries);
  return bringAbout(tx, accept, [{ ...rest, events: [...told, ...events] }]);
}

function remindersOf({ loan, booking }: Entry): JobRequest[] {
  return booking.reminders.map(({ number, due_day, days_after, owed }) => ({
    kind: 'loan.remind',
    payload: {
      ...{ loan: loan.id, instalment: number, due_on: dateOfDay(due_day), days_after },
      ...{ owed: minorText(owed), currency: loan.currency },
    },
  }));
}

function missedIn({ loan, booking }: Entry, { posted_at: at }: Desk): MissedDue[] {
  const { business_date } = booking;
  return booking.missed.map(({ number }) => ({ loan: loan.id, instalment: number, business_date, at }));
}

function endOf({ state }: ServicedLoan): 'closed' | 'foreclosed' | 'written-off' {
  return state === 'foreclosed' || state === 'written-off' ? state : 'closed';
}

function eventsOf({ loan, booking, journal }: Entry, { posted_at }: Desk): EventDraft[] {
  const moment = { at: posted_at, business_date: booking.business_date };
  const missed = booking.missed.map(({ number, day }) =>
    loanEvent(loan.id, 'due-missed', moment, { instalment: number, on: dateOfDay(day) }),
  );
  const changes = booking.changes.map(({ from, to, day, days_past_due }) =>
    loanEvent(loan.id, 'class-changed', moment, { from, to, days_past_due, on: dateOfDay(day) }),
  );
  const closed = booking.closes ? [loanEvent(loan.id, endOf(loan), { ...moment, journal })] : [];
  return [...missed, ...changes, ...closed];
}
