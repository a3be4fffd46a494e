import { addDays, type Calendar, type IsoDate, isBusinessDate } from '../../calendar/business-date.ts';
import { Dice } from '../dice.ts';
import type { Portfolio } from '../options.ts';

/** The Monday on which every simulated life begins. */
export const START_DATE: IsoDate = '2026-01-05';
export const TIME_ZONE = 'Asia/Kolkata';

const DAYS_A_HOLIDAY = 25;
const DAYS_A_QUIET_SPELL = 20;
const QUIET_DAYS_MAX = 6;

/** A run of days on which nobody does anything: a clock may leap over it. */
export interface QuietSpell {
  first: number;
  last: number;
}

export interface PlannedCalendar extends Calendar {
  quiet: readonly QuietSpell[];
}

/** Holidays and quiet spells of a seed. Days are counted from 0. */
export function planCalendar({ seed, days }: Portfolio): PlannedCalendar {
  const dice = new Dice(`${seed}/calendar`);
  const holidays = new Set<IsoDate>();
  for (let start = 2; start < days; start += DAYS_A_HOLIDAY) {
    holidays.add(dateOf(start + dice.between(0, DAYS_A_HOLIDAY - 1)));
  }
  const quiet: QuietSpell[] = [];
  for (let start = 4; start + DAYS_A_QUIET_SPELL <= days; start += DAYS_A_QUIET_SPELL) {
    const length = dice.between(2, QUIET_DAYS_MAX);
    const first = start + dice.between(0, DAYS_A_QUIET_SPELL - length - 2);
    quiet.push({ first, last: first + length - 1 });
  }
  return { time_zone: TIME_ZONE, holidays, quiet };
}

/** The date of a day that is counted from 0. */
export function dateOf(day: number): IsoDate {
  return addDays(START_DATE, day);
}

export function isBusinessDay(day: number, calendar: Calendar): boolean {
  return isBusinessDate(dateOf(day), calendar);
}

/** Half past nine in India, when the branches open. */
export function morning(date: IsoDate): Date {
  return new Date(`${date}T04:00:00Z`);
}

/** A quarter to midnight in India, when the day is closed. */
export function night(date: IsoDate): Date {
  return new Date(`${date}T18:15:00Z`);
}
