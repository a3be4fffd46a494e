import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addPaidOut, STATED_ON, writeStatement } from '../../../bench/statements.ts';
import { ended, start } from '../../cli/terminal.ts';
import { openBooks } from '../../ledger/books.ts';
import { type TestDatabase, testDatabase } from '../../support/database.ts';

const ROWS = Number(process.env.RECONCILE_ROWS ?? 1_000_000);
const RSS_MB_MAX = 300;
/** As package.json starts it: left alone, V8 keeps a hundred megabytes of what is read and done with. */
const AS_STARTED = { NODE_OPTIONS: '--max-semi-space-size=8' };
const LOOK_MS = 100;
const TEST_MS_MAX = 900_000;
/** Far below what is measured: a test that shares its machine tells of a collapse, not of a speed. */
const ROWS_PER_S_MIN = 5_000;

let database: TestDatabase;
let folder: string;

beforeAll(async () => {
  database = await testDatabase(['acme']);
  folder = await mkdtemp(path.join(tmpdir(), 'kist-recon-'));
  await openBooks(database, 'acme');
  await addPaidOut(database.superuser, 'acme', ROWS);
}, TEST_MS_MAX);

afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

/** Runs the command and watches how much memory it ever held. */
async function measured(...args: string[]) {
  const began = performance.now();
  const child = start(database.url, [...args, '--json'], AS_STARTED);
  let rss_mb = 0;
  const look = setInterval(async () => {
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
    rss_mb = Math.max(rss_mb, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024);
  }, LOOK_MS);
  const { status, stdout, stderr } = await ended(child);
  clearInterval(look);
  const rows_per_s = (ROWS * 1_000) / (performance.now() - began);
  console.log(`${args[1]}: ${Math.round(rows_per_s)} rows/s, ${Math.round(rss_mb)} MB`);
  return { status, stdout, stderr, rss_mb, rows_per_s };
}

it.each(['account', 'bank'] as const)(
  'a million lines of the %s are read and compared in bounded memory',
  async (kind) => {
    const file = await writeStatement(folder, kind, ROWS);
    const { status, stdout, stderr, rss_mb, rows_per_s } = await measured(
      ...['reconcile', file, '--gateway', 'razorpay', '--on', STATED_ON],
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(JSON.parse(stdout).reconciliation.results).toMatchObject([{ subject: 'payout', number: ROWS }]);
    expect(rss_mb).toBeLessThan(RSS_MB_MAX);
    expect(rows_per_s).toBeGreaterThan(ROWS_PER_S_MIN);
  },
  TEST_MS_MAX,
);
