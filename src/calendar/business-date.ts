/** A calendar day, `YYYY-MM-DD`. */
export type IsoDate = string;

export interface Calendar {
  /** IANA time zone, e.g. Asia/Kolkata. */
  time_zone: string;
  /** Days besides Saturday and Sunday on which no business is done. */
  holidays: ReadonlySet<IsoDate>;
}

const DAY_MS = 86_400_000;
/** No calendar has more days without business in a row; a longer search means a wrong calendar. */
const CLOSED_DAYS_MAX = 60;

export function isBusinessDate(date: IsoDate, calendar: Calendar): boolean {
  const weekday = toUtc(date).getUTCDay();
  return weekday !== 0 && weekday !== 6 && !calendar.holidays.has(date);
}

/** The date on the wall at `instant` in the calendar's time zone. */
export function localDate(instant: Date, time_zone: string): IsoDate {
  return formatterFor(time_zone).format(instant);
}

/** `HH:MM` on the wall at `instant`, 00:00 … 23:59. */
export function localTime(instant: Date, time_zone: string): string {
  return new Intl.DateTimeFormat('en-GB', {
    timeZone: time_zone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(instant);
}

/** The business date at `instant`: today, or the last business date before a weekend or holiday. */
export function businessDate(instant: Date, calendar: Calendar): IsoDate {
  return step(localDate(instant, calendar.time_zone), 0, -1, calendar);
}

/** The first business date on or after `date`: the day in whose books it stands. */
export function bookDate(date: IsoDate, calendar: Calendar): IsoDate {
  return step(date, 0, 1, calendar);
}

/** The first business date after `date`. */
export function nextBusinessDate(date: IsoDate, calendar: Calendar): IsoDate {
  return step(date, 1, 1, calendar);
}

/** So many business dates after `date`. */
export function addBusinessDays(date: IsoDate, count: number, calendar: Calendar): IsoDate {
  let reached = date;
  for (let days = 0; days < count; days += 1) reached = nextBusinessDate(reached, calendar);
  return reached;
}

export function addDays(date: IsoDate, days: number): IsoDate {
  return new Date(toUtc(date).getTime() + days * DAY_MS).toISOString().slice(0, 10);
}

/** `months` later on the same day of the month, or on the month's last day where it has no such day. */
export function addMonths(date: IsoDate, months: number): IsoDate {
  const start = toUtc(date);
  const target = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + months + 1, 0));
  const day = Math.min(start.getUTCDate(), target.getUTCDate());
  return new Date(Date.UTC(target.getUTCFullYear(), target.getUTCMonth(), day)).toISOString().slice(0, 10);
}

function step(date: IsoDate, first: number, direction: 1 | -1, calendar: Calendar): IsoDate {
  for (let days = first; days <= CLOSED_DAYS_MAX; days += 1) {
    const candidate = addDays(date, days * direction);
    if (isBusinessDate(candidate, calendar)) return candidate;
  }
  throw new RangeError(`No business date within ${CLOSED_DAYS_MAX} days of ${date}: check the holidays.`);
}

function toUtc(date: IsoDate): Date {
  const instant = new Date(`${date}T00:00:00Z`);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date) || Number.isNaN(instant.getTime()))
    throw new RangeError(`Not a date: ${date}`);
  return instant;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterFor(time_zone: string): Intl.DateTimeFormat {
  const known = formatters.get(time_zone);
  if (known) return known;
  const formatter = new Intl.DateTimeFormat('en-CA', {
    timeZone: time_zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  formatters.set(time_zone, formatter);
  return formatter;
}
