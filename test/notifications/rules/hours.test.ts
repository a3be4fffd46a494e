import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { localDate } from '../../../src/calendar/business-date.ts';
import { policySchema } from '../../../src/notifications/policy.ts';
import {
  everOpens,
  type Hours,
  isOpen,
  opening,
  WEEKDAYS,
  wallAt,
} from '../../../src/notifications/rules/hours.ts';
import { localDaysAt } from '../../../src/notifications/rules/local-days.ts';

const DAY = { from: '08:00', to: '19:00', days: WEEKDAYS };
const daytime: Hours = { window: DAY, quiet: null };
const opens = (now: string, zone: string, hours: Hours) => opening(new Date(now), zone, hours).toISOString();

describe('the contact window', () => {
  test.each([
    ['the evening before', '2026-03-09T20:00:00Z', '2026-03-10T02:30:00.000Z'],
    ['a second too late', '2026-03-10T13:30:01Z', '2026-03-11T02:30:00.000Z'],
    ['the first instant', '2026-03-10T02:30:00Z', '2026-03-10T02:30:00.000Z'],
    ['the last instant', '2026-03-10T13:29:59Z', '2026-03-10T13:29:59.000Z'],
    ['the end itself', '2026-03-10T13:30:00Z', '2026-03-11T02:30:00.000Z'],
  ])('opens at eight on the wall in India: %s', (_, now, expected) => {
    expect(opens(now, 'Asia/Kolkata', daytime)).toBe(expected);
  });

  test('passes over days on which nobody is written to', () => {
    const hours: Hours = { window: { ...DAY, days: ['mon', 'fri'] }, quiet: null };
    expect(opens('2026-03-10T06:00:00Z', 'Asia/Kolkata', hours)).toBe('2026-03-13T02:30:00.000Z');
  });

  test('follows the clocks of the place when they change', () => {
    // New York goes to summer time on 8 March 2026, at two in the morning.
    expect(opens('2026-03-07T23:30:00Z', 'America/New_York', daytime)).toBe('2026-03-07T23:30:00.000Z');
    expect(opens('2026-03-08T00:30:00Z', 'America/New_York', daytime)).toBe('2026-03-08T12:00:00.000Z');
    const gap: Hours = { window: { from: '02:15', to: '04:00', days: WEEKDAYS }, quiet: null };
    expect(opens('2026-03-08T06:00:00Z', 'America/New_York', gap)).toBe('2026-03-08T07:00:00.000Z');
    // And back on 1 November: half past one comes twice.
    const twice: Hours = { window: { from: '01:30', to: '02:00', days: WEEKDAYS }, quiet: null };
    expect(opens('2026-11-01T06:00:00Z', 'America/New_York', twice)).toBe('2026-11-01T06:30:00.000Z');
  });

  test('is narrowed by quiet hours, which may span midnight', () => {
    const hours: Hours = { window: DAY, quiet: { from: '18:00', to: '09:30' } };
    expect(opens('2026-03-10T12:30:00Z', 'Asia/Kolkata', hours)).toBe('2026-03-11T04:00:00.000Z');
  });
});

const quarters = fc.nat({ max: 95 }).map((index) => new Date(index * 900_000).toISOString().slice(11, 16));
const hours: fc.Arbitrary<Hours> = fc.record({
  window: fc.option(
    fc
      .tuple(quarters, quarters, fc.uniqueArray(fc.constantFrom(...WEEKDAYS), { minLength: 1 }))
      .filter(([from, to]) => from < to)
      .map(([from, to, days]) => ({ from, to, days })),
  ),
  quiet: fc.option(
    fc
      .tuple(quarters, quarters)
      .filter(([from, to]) => from !== to)
      .map(([from, to]) => ({ from, to })),
  ),
});
const zones = fc.constantFrom(
  ...['Asia/Kolkata', 'America/New_York', 'Europe/Berlin', 'Australia/Lord_Howe', 'Asia/Beirut'],
  ...['America/Santiago', 'Pacific/Apia', 'Pacific/Chatham', 'Africa/Cairo', '+05:30', 'UTC'],
);
const instants = fc.date({
  min: new Date('2025-01-01T00:00:00Z'),
  max: new Date('2027-12-31T00:00:00Z'),
  noInvalidDate: true,
});

describe('whatever the hours, the place and the moment', () => {
  test('what is said to open is open then, and at no minute before', () => {
    fc.assert(
      fc.property(instants, zones, hours.filter(everOpens), (now, zone, hours) => {
        const opened = opening(now, zone, hours);
        expect(isOpen(wallAt(opened, zone), hours)).toBe(true);
        const minutes = (opened.getTime() - now.getTime()) / 60_000;
        for (let minute = 0; minute < Math.min(minutes, 3_000); minute += 7) {
          expect(isOpen(wallAt(new Date(now.getTime() + minute * 60_000), zone), hours)).toBe(false);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('an instant lies within its day and its week, which begin where the one before ends', () => {
    fc.assert(
      fc.property(instants, zones, (now, zone) => {
        const { day, next_day, week, next_week } = localDaysAt(now, zone);
        const date = (instant: Date, shift_ms = 0) => localDate(new Date(instant.getTime() + shift_ms), zone);
        expect(week <= day && day <= now && now < next_day && next_day <= next_week).toBe(true);
        expect([date(day), date(next_day, -1)]).toEqual([date(now), date(now)]);
        expect(date(day, -1) < date(now) && date(next_day) > date(now)).toBe(true);
        expect(wallAt(week, zone).weekday).toBe('mon');
        expect(localDaysAt(new Date(next_week.getTime() - 1), zone).week).toEqual(week);
      }),
      { numRuns: 200 },
    );
  });
});

describe('a policy', () => {
  test('that says nothing keeps reminders and marketing to India’s hours, and lets the rest pass', () => {
    const { contact_window, quiet_hours, caps, dedupe, digest } = policySchema.parse({});
    expect(contact_window).toEqual({ ...DAY, for: ['reminder', 'marketing'] });
    expect([quiet_hours, caps, dedupe, digest]).toEqual([null, null, null, null]);
  });

  test.each([
    [{ contact_window: { from: '19:00', to: '08:00' } }, 'contact_window'],
    [{ contact_window: { from: '08:05', to: '19:00' } }, 'contact_window.from'],
    [{ contact_window: { from: '08:00', to: '19:00', days: [] } }, 'contact_window.days'],
    [{ quiet_hours: { from: '08:00', to: '08:00' } }, 'quiet_hours'],
    [
      { quiet_hours: { from: '19:00', to: '08:00' }, contact_window: { from: '20:00', to: '24:00' } },
      'quiet_hours',
    ],
    [{ caps: { per_day: 0 } }, 'caps.per_day'],
  ])('%j is refused', (policy, field) => {
    expect(policySchema.safeParse(policy).error!.issues[0]!.path.join('.')).toBe(field);
  });
});
