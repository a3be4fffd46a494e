import { addDays, type IsoDate, localDate } from '../../calendar/business-date.ts';
import { dayNumber } from '../../calendar/day-number.ts';
import type { EventDocument } from '../../events/views.ts';
import type { BusinessDay } from '../../ledger/business-day.ts';
import { startOfDay } from '../rules/local-days.ts';
import { type Moment, REMINDER_DUE } from './built-in.ts';
import type { ApplicationFacts, LoanFacts } from './facts.ts';

/** What is done at the close of a day, late in the evening, is read the next morning. */
const READ_AFTER_MS = 5 * 3_600_000;

/** An event that a borrower may be told of, with what is known about it. */
export interface Happened {
  event: EventDocument;
  loan: LoanFacts | null;
  application: ApplicationFacts | null;
  lender: string;
  /** On the lender's wall: when it happened, and when a notice of it is read at the earliest. */
  on: IsoDate;
  read_on: IsoDate;
  calendar: BusinessDay['calendar'];
}

export function datesOf({ timestamp }: EventDocument, { time_zone }: BusinessDay['calendar']) {
  const at = new Date(timestamp);
  return {
    on: localDate(at, time_zone),
    read_on: localDate(new Date(at.getTime() + READ_AFTER_MS), time_zone),
  };
}

/** On which side of its due date an instalment is when its reminder is read; null for whatever is no reminder. */
export function momentOf({ event, read_on }: Pick<Happened, 'event' | 'read_on'>): Moment | null {
  if (event.type !== REMINDER_DUE) return null;
  const days = dayNumber(read_on) - dayNumber(text(event, 'due_on')!);
  return days < 0 ? 'before-due' : days === 0 ? 'on-due' : 'after-due';
}

/** The instant at which a day is over there. */
export function endOf(date: IsoDate, { time_zone }: BusinessDay['calendar']): string {
  return startOfDay(addDays(date, 1), time_zone).toISOString();
}

/** A text of the event's data; null where there is none of that name. */
export function text({ data }: EventDocument, name: string): string | null {
  const value = data[name];
  return typeof value === 'string' ? value : null;
}
