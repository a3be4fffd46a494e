import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  addDays,
  type Calendar,
  isBusinessDate,
  localDate,
  localTime,
} from '../../src/calendar/business-date.ts';
import { SteppedClock } from '../../src/calendar/clock.ts';
import { defineSchedule } from '../../src/runtime/definition.ts';
import { latestDue, missingDates } from '../../src/runtime/schedules.ts';
import { defineAtomic, mark, testRuntime } from '../support/runtime.ts';
import { until } from '../support/until.ts';

const india: Calendar = { time_zone: 'Asia/Kolkata', holidays: new Set(['2026-11-10']) };
const berlin: Calendar = { time_zone: 'Europe/Berlin', holidays: new Set() };
const newYork: Calendar = { time_zone: 'America/New_York', holidays: new Set() };

describe('the business date whose run is due', () => {
  test.each([
    ['just before its time, the day before', india, '18:30', '2026-11-19T12:59:59Z', '2026-11-18'],
    ['at its time, today', india, '18:30', '2026-11-19T13:00:00Z', '2026-11-19'],
    [
      'after midnight in India, still yesterday in London',
      india,
      '00:10',
      '2026-11-18T18:45:00Z',
      '2026-11-19',
    ],
    ['on a Saturday, Friday', india, '18:30', '2026-11-21T03:00:00Z', '2026-11-20'],
    ['on a Monday morning, Friday', india, '18:30', '2026-11-23T03:00:00Z', '2026-11-20'],
    ['on a holiday, the day before', india, '18:30', '2026-11-10T14:00:00Z', '2026-11-09'],
    [
      'after a holiday before its time, the day before the holiday',
      india,
      '18:30',
      '2026-11-11T03:00:00Z',
      '2026-11-09',
    ],
    [
      'on the first of the month before its time, the last business date of the month before',
      india,
      '18:30',
      '2026-12-01T03:00:00Z',
      '2026-11-30',
    ],
    [
      'at a wall time that spring skips, once it has passed',
      berlin,
      '02:30',
      '2026-03-30T00:30:00Z',
      '2026-03-30',
    ],
    ['on the Sunday that spring skips, Friday', newYork, '02:30', '2026-03-08T07:00:00Z', '2026-03-06'],
  ])('%s', (_what, calendar, at, now, due) => {
    expect(latestDue(new Date(now), { at }, calendar)).toBe(due);
  });

  test('an hour that comes twice in autumn makes no second run', () => {
    // In Cairo the clocks went back from Thursday's midnight to 23:00.
    const calendar: Calendar = { time_zone: 'Africa/Cairo', holidays: new Set() };
    const runs = ['2026-10-26'];
    const walls: string[] = [];
    for (let minute = 0; minute < 5 * 24 * 60; minute += 10) {
      const now = new Date(Date.parse('2026-10-27T12:00:00Z') + minute * 60_000);
      walls.push(`${localDate(now, calendar.time_zone)} ${localTime(now, calendar.time_zone)}`);
      runs.push(...missingDates(runs.at(-1)!, latestDue(now, { at: '23:30' }, calendar), calendar));
    }
    expect(walls.filter((wall) => wall === '2026-10-29 23:30')).toHaveLength(2);
    expect(runs.slice(1)).toEqual(['2026-10-27', '2026-10-28', '2026-10-29', '2026-10-30']);
  });
});

test('a schedule that never ran begins with the date that is due; one up to date has none missing', () => {
  expect(missingDates(null, '2026-11-20', india)).toEqual(['2026-11-20']);
  expect(missingDates('2026-11-20', '2026-11-20', india)).toEqual([]);
  expect(missingDates('2026-11-20', '2026-11-19', india)).toEqual([]);
  expect(missingDates('2026-11-06', '2026-11-12', india)).toEqual(['2026-11-09', '2026-11-11', '2026-11-12']);
});

test('however the clock jumps, every business date runs once and in order', () => {
  const zone = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Pacific/Apia', 'UTC');
  const at = fc
    .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
    .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`);
  const jumps = fc.array(fc.integer({ min: 1, max: 5 * 24 * 60 }), { minLength: 1, maxLength: 60 });
  const holidays = fc.uniqueArray(fc.integer({ min: 0, max: 200 }), { maxLength: 20 });
  fc.assert(
    fc.property(zone, at, jumps, holidays, (time_zone, at, jumps, holidays) => {
      const start = Date.parse('2026-03-01T00:00:00Z');
      const calendar: Calendar = {
        time_zone,
        holidays: new Set(holidays.map((day) => addDays('2026-03-01', day))),
      };
      const runs: string[] = [];
      let now = start;
      for (const minutes of [0, ...jumps]) {
        now += minutes * 60_000;
        runs.push(...missingDates(runs.at(-1) ?? null, latestDue(new Date(now), { at }, calendar), calendar));
      }
      const today = localDate(new Date(now), time_zone);
      const last = localTime(new Date(now), time_zone) >= at ? today : addDays(today, -1);
      const expected: string[] = [];
      for (let date = runs[0]!; date <= last; date = addDays(date, 1)) {
        if (isBusinessDate(date, calendar)) expected.push(date);
      }
      expect(runs.slice(0, 1).every((date) => isBusinessDate(date, calendar))).toBe(true);
      expect(runs).toEqual(expected.length === 0 ? runs.slice(0, 1) : expected);
    }),
    { numRuns: 300 },
  );
});

describe('schedules of a running system', async () => {
  const close = defineAtomic({
    kind: 'day.close',
    queue: 'days',
    summary: 'Closes a business date.',
    payload: z.strictObject({ date: z.string() }),
    result: z.null(),
    key: ({ date }) => date,
    ordering_key: () => 'days',
    run: async (tx, jobs) => {
      await mark(
        tx,
        jobs.map((job) => job.payload.date),
      );
      return jobs.map(() => null);
    },
  });
  const daily = defineSchedule({
    ...{ name: 'day-end', summary: 'Every business date.', kind: 'day.close', at: '18:00' },
    payload: ({ business_date }) => ({ date: business_date }),
  });
  const broken = defineSchedule({ ...daily, name: 'broken', payload: () => ({ nonsense: true }) });
  const clock = new SteppedClock(new Date('2026-11-06T13:00:00Z'));
  const system = await testRuntime([close], { clock, schedules: [broken, daily] });
  const twin = await system.another();
  await system.database.superuser(
    `INSERT INTO holiday (tenant_id, on_date, name) VALUES ('acme', '2026-11-10', 'Diwali')`,
  );
  afterAll(() => system.close());

  const tick = () =>
    Promise.allSettled([system, { runtime: twin }].map(({ runtime }) => runtime.runSchedules()));
  const runsOf = async () => {
    const { rows } = await system.database.superuser(
      'SELECT schedule, business_date::text AS date FROM schedule_run ORDER BY job_id',
    );
    return rows.map((row) => `${row.schedule} ${row.date}`);
  };

  test('ticks of two processes accept one run, and a broken schedule keeps no other from running', async () => {
    const ticks = await tick();
    expect(ticks.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await runsOf()).toEqual(['day-end 2026-11-06']);
  });

  test('dates missed over a week are made good, in order, and run in order', async () => {
    clock.moveTo(new Date('2026-11-16T13:00:00Z'));
    await tick();
    const dates = ['2026-11-06', '2026-11-09', '2026-11-11', '2026-11-12', '2026-11-13', '2026-11-16'];
    expect(await runsOf()).toEqual(dates.map((date) => `day-end ${date}`));
    await system.runtime.startWorkers();
    await system.runtime.startClock();
    await until('all dates are closed', async () => (await system.effects()).length === dates.length);
    expect(await system.effects()).toEqual(dates);
  });
});
