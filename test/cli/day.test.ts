import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { addDays, bookDate, isBusinessDate, localDate } from '../../src/calendar/business-date.ts';
import { openSealer } from '../../src/ledger/sealer.ts';
import { type Closing, openClosing } from '../loans/day/closing.ts';
import { MANY_COMMANDS_MS, terminalOn } from './terminal.ts';

vi.setConfig({ testTimeout: MANY_COMMANDS_MS });

const calendar = { time_zone: 'Asia/Kolkata', holidays: new Set<string>() };
const today = localDate(new Date(), calendar.time_zone);
/** Lent long enough ago that an instalment fell due, and closed up to a week ago. */
const lent_on = bookDate(addDays(today, -45), calendar);
const closed_on = bookDate(addDays(today, -8), calendar);
const missed: string[] = [];
for (let date = addDays(closed_on, 1); date < today; date = addDays(date, 1)) {
  if (isBusinessDate(date, calendar)) missed.push(date);
}

const folder = await mkdtemp(path.join(tmpdir(), 'kist-days-'));
const seal_key = path.join(folder, 'seal-key.pem');
let bank: Closing;
let terminal: ReturnType<typeof terminalOn>;

beforeAll(async () => {
  bank = await openClosing({
    sealer: await openSealer(seal_key),
    start: new Date(`${lent_on}T06:30:00Z`),
  });
  terminal = terminalOn(bank.database.url, { KIST_SEAL_KEY: seal_key });
  await bank.lend([
    { principal: '60000.00', months: 6 },
    { principal: '60000.00', months: 6 },
  ]);
  await bank.runtime.startWorkers();
  await bank.evening(`${closed_on}T17:40:00Z`);
  await bank.closed(closed_on);
  bank.clock.moveTo(new Date());
});
afterAll(async () => {
  await bank.close();
  await rm(folder, { recursive: true });
});

test('status names the days that were missed', async () => {
  const standing = await terminal.answer('day', 'status');
  expect(standing).toMatchObject({ today, shut_through: closed_on, closing: null, next: missed[0] });
  expect((standing.missed as string[]).slice(0, missed.length)).toEqual(missed);
});

test('a dry run shows what would be posted, and posts nothing', async () => {
  const count = async () => (await bank.database.superuser('SELECT count(*) FROM journal')).rows[0].count;
  const before = await count();
  const { days } = await terminal.answer<{ days: { business_date: string; penal: string }[] }>(
    ...['day', 'catch-up', '--dry-run'],
  );
  expect(await count()).toBe(before);
  const text = await terminal.kist('day', 'close', missed[0]!, '--dry-run');
  expect(text).toMatchObject({ status: 0, stdout: expect.stringContaining('penal') });

  const caught_up = await terminal.answer<{ days: { business_date: string; state: string }[] }>(
    'day',
    'catch-up',
  );
  const closed = caught_up.days.map(({ business_date, state }) => `${business_date} ${state}`);
  expect(closed.slice(0, missed.length)).toEqual(missed.map((date) => `${date} closed`));
  for (const { business_date, penal } of days) {
    const { report } = (await bank.day(business_date))!;
    expect(`${business_date} ${report.carried.penal}`).toBe(`${business_date} ${penal}`);
  }
  expect(days.map(({ business_date }) => business_date)).toEqual(closed.map((line) => line.slice(0, 10)));
});

test('show tells the report, and whether its signature is good', async () => {
  const { status, stdout } = await terminal.kist('day', 'show', closed_on);
  expect(status).toBe(0);
  expect(stdout).toMatch(/signature +good/);
  await bank.database.superuser(
    `UPDATE business_day SET report = replace(report::text, '"refused":0', '"refused":1')::json WHERE business_date = $1`,
    [closed_on],
  );
  const forged = await terminal.kist('day', 'show', closed_on);
  expect(forged).toMatchObject({ status: 1, stdout: expect.stringMatching(/signature +wrong/) });
});

test('a day out of its turn is refused, and a word that is no date is wrong usage', async () => {
  expect(await terminal.kist('day', 'close', addDays(today, 30))).toMatchObject({
    ...{ status: 4, stderr: expect.stringMatching(/^day-not-over: /) },
  });
  expect(await terminal.kist('day', 'show', 'yesterday')).toMatchObject({ status: 2 });
});

test('check prints every invariant, and ends with 1 where one is broken', async () => {
  expect(await terminal.kist('day', 'check', '--all')).toMatchObject({
    ...{ status: 0, stdout: expect.stringMatching(/sub-ledgers +yes/) },
  });
  await bank.database.superuser(
    `UPDATE account SET balance = balance + 5 WHERE code LIKE 'loan/%/principal'`,
  );
  const { status, stdout } = await terminal.kist('day', 'check');
  expect({ status, stdout }).toEqual({
    ...{ status: 1, stdout: expect.stringMatching(/sub-ledgers +NO[\s\S]*accounts loan\/principal hold/) },
  });
});
