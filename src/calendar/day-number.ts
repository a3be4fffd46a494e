import type { IsoDate } from './business-date.ts';

const DAY_MS = 86_400_000;
/** A lender works on a few thousand different days; what comes beyond is counted anew each time. */
const REMEMBERED_MAX = 20_000;

const numbers = new Map<IsoDate, number>();
const dates = new Map<number, IsoDate>();

/** Days since 1970-01-01: dates that can be counted with. Remembered, since loans share their dates. */
export function dayNumber(date: IsoDate): number {
  const known = numbers.get(date);
  if (known !== undefined) return known;
  const number = Date.parse(`${date}T00:00:00Z`) / DAY_MS;
  if (!Number.isInteger(number)) throw new RangeError(`Not a date: ${date}`);
  if (numbers.size < REMEMBERED_MAX) numbers.set(date, number);
  return number;
}

/** The date of a day number. */
export function dateOfDay(number: number): IsoDate {
  const known = dates.get(number);
  if (known !== undefined) return known;
  const date = new Date(number * DAY_MS).toISOString().slice(0, 10);
  if (dates.size < REMEMBERED_MAX) dates.set(number, date);
  return date;
}
