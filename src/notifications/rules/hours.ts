import { z } from 'zod';

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

const QUARTER_MS = 900_000;
const DAY_QUARTERS = 96;
/** A window that opens on one weekday only may lose one of its days to a change of the clocks. */
const SEARCH_QUARTERS_MAX = 15 * DAY_QUARTERS;

/** Clocks change at quarters of an hour everywhere: of these alone it is asked when something opens. */
const quarter = z
  .string()
  .regex(/^([01]\d|2[0-3]):(00|15|30|45)$/, { error: 'must be a quarter of an hour as 08:00' });

export const windowFields = {
  from: quarter,
  to: z.union([quarter, z.literal('24:00')]),
  days: z
    .array(z.enum(WEEKDAYS))
    .min(1)
    .default([...WEEKDAYS]),
};
export const quietFields = { from: quarter, to: quarter };

/** Times on the recipient's wall, `from` included and `to` not. */
export interface Hours {
  /** Messages go out within these only; null: at any time. */
  window: { from: string; to: string; days: readonly Weekday[] } | null;
  /** Nothing goes out within these; they may begin before midnight and end after it. */
  quiet: { from: string; to: string } | null;
}

export interface Wall {
  weekday: Weekday;
  /** `HH:MM`, 00:00 … 23:59. */
  time: string;
}

export function isOpen({ weekday, time }: Wall, { window, quiet }: Hours): boolean {
  if (window && !(window.days.includes(weekday) && window.from <= time && time < window.to)) return false;
  if (!quiet) return true;
  const { from, to } = quiet;
  return from < to ? time < from || time >= to : time >= to && time < from;
}

const QUARTERS = Array.from({ length: DAY_QUARTERS }, (_, index) =>
  new Date(index * QUARTER_MS).toISOString().slice(11, 16),
);

/** Whether there is an hour in an ordinary week that is open. */
export function everOpens(hours: Hours): boolean {
  return WEEKDAYS.some((weekday) => QUARTERS.some((time) => isOpen({ weekday, time }, hours)));
}

/**
 * The first instant from `now` on that is open on the wall of the time zone: `now` itself where it is. Hours that
 * never open are looked at again after fifteen days.
 */
export function opening(now: Date, time_zone: string, hours: Hours): Date {
  if (isOpen(wallAt(now, time_zone), hours)) return now;
  const first = Math.floor(now.getTime() / QUARTER_MS) + 1;
  for (let index = 0; index < SEARCH_QUARTERS_MAX; index += 1) {
    const instant = new Date((first + index) * QUARTER_MS);
    if (isOpen(wallAt(instant, time_zone), hours)) return instant;
  }
  return new Date((first + SEARCH_QUARTERS_MAX) * QUARTER_MS);
}

const walls = new Map<string, Intl.DateTimeFormat>();
const TIME_ZONES_MAX = 1_000;

export function wallAt(instant: Date, time_zone: string): Wall {
  let format = walls.get(time_zone);
  if (!format) {
    const options = { weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
    format = new Intl.DateTimeFormat('en-GB', { timeZone: time_zone, ...options });
    if (walls.size < TIME_ZONES_MAX) walls.set(time_zone, format);
  }
  const text = format.format(instant);
  return { weekday: text.slice(0, 3).toLowerCase() as Weekday, time: text.slice(-5) };
}
