import type { IsoDate } from '../../calendar/business-date.ts';

/** A calendar day taken apart, so that day counts need not parse it again and again. */
export interface Day {
  /** Days since 1 January 1970. */
  serial: number;
  year: number;
  /** 1 to 12. */
  month: number;
  day: number;
}

const DAY_MS = 86_400_000;
const MONTHS_PER_YEAR = 12;
const MONTH_LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/** Dates are written with four digits of a year; the first is 1900, see fields.ts. */
const LAST_YEAR = 9_999;

/** @param date checked before: this reads digits only. */
export function parseDay(date: IsoDate): Day {
  return dayOf(Number(date.slice(0, 4)), Number(date.slice(5, 7)), Number(date.slice(8, 10)));
}

export function formatDay({ year, month, day }: Day): IsoDate {
  return `${year}-${month < 10 ? '0' : ''}${month}-${day < 10 ? '0' : ''}${day}`;
}

export function dayOf(year: number, month: number, day: number): Day {
  if (year > LAST_YEAR) throw new RangeError(`A date of the year ${year}: the last is ${LAST_YEAR}.`);
  return { serial: Date.UTC(year, month - 1, day) / DAY_MS, year, month, day };
}

export function plusDays(day: Day, days: number): Day {
  const date = new Date((day.serial + days) * DAY_MS);
  return dayOf(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate());
}

/** `months` later (earlier if negative) on the same day of the month, or on the last day of a shorter one. */
export function plusMonths({ year, month, day }: Day, months: number): Day {
  const count = year * MONTHS_PER_YEAR + month - 1 + months;
  const target = Math.floor(count / MONTHS_PER_YEAR);
  const targetMonth = count - target * MONTHS_PER_YEAR + 1;
  return dayOf(target, targetMonth, Math.min(day, monthLength(target, targetMonth)));
}

/** Calendar months from one day's month to the other's, whatever the days. */
export function monthsApart(from: Day, to: Day): number {
  return (to.year - from.year) * MONTHS_PER_YEAR + to.month - from.month;
}

export function daysApart(from: Day, to: Day): number {
  return to.serial - from.serial;
}

export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

export function isLastOfMonth({ year, month, day }: Day): boolean {
  return day === monthLength(year, month);
}

export function isLastOfFebruary(day: Day): boolean {
  return day.month === 2 && isLastOfMonth(day);
}

/** How often 29 February comes after `from`, up to and with `to`. */
export function leapDaysWithin(from: Day, to: Day): number {
  return leapDaysThrough(to) - leapDaysThrough(from);
}

function leapDaysThrough({ year, month, day }: Day): number {
  const years = month > 2 || (month === 2 && day === 29) ? year : year - 1;
  return Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400);
}

function monthLength(year: number, month: number): number {
  return month === 2 && isLeapYear(year) ? 29 : MONTH_LENGTHS[month - 1]!;
}
