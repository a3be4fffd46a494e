import { addDays, type IsoDate, localDate } from '../../calendar/business-date.ts';

const QUARTER_MS = 900_000;
/** No place is further from Greenwich. */
const OFFSET_MS_MAX = 15 * 3_600_000;

/** The day and the week, Monday to Sunday, that an instant belongs to on the wall of a time zone. */
export interface LocalDays {
  day: Date;
  next_day: Date;
  week: Date;
  next_week: Date;
}

export function localDaysAt(instant: Date, time_zone: string): LocalDays {
  const today = localDate(instant, time_zone);
  const since_monday = (new Date(`${today}T00:00:00Z`).getUTCDay() + 6) % 7;
  const start = (days: number): Date => startOfDay(addDays(today, days), time_zone);
  return {
    day: start(0),
    next_day: start(1),
    week: start(-since_monday),
    next_week: start(7 - since_monday),
  };
}

/** The first instant of a date, which is not midnight where the clocks change then. */
export function startOfDay(date: IsoDate, time_zone: string): Date {
  const midnight = Date.parse(`${date}T00:00:00Z`);
  let before = (midnight - OFFSET_MS_MAX) / QUARTER_MS;
  let within = (midnight + OFFSET_MS_MAX) / QUARTER_MS;
  while (within - before > 1) {
    const middle = Math.floor((before + within) / 2);
    if (localDate(new Date(middle * QUARTER_MS), time_zone) >= date) within = middle;
    else before = middle;
  }
  return new Date(within * QUARTER_MS);
}
