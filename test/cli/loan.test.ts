import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, expect, onTestFinished, test, vi } from 'vitest';
import disburse from '../../jobs/loan.disburse.ts';
import { openLender } from '../loans/lending.ts';
import { testDatabase } from '../support/database.ts';
import { MANY_COMMANDS_MS, terminalOn } from './terminal.ts';

vi.setConfig({ testTimeout: MANY_COMMANDS_MS });
const database = await testDatabase(['acme']);
afterAll(() => database.close());
const { kist, answer } = terminalOn(database.url);
const lender = await openLender(database);

test('a statement and key facts are read, and written into files', async () => {
  const [loan] = await lender.open([{ principal: '50000.00', months: 12 }]);
  await lender.work(disburse, [{ loan: loan! }]);
  const folder = await mkdtemp(path.join(tmpdir(), 'kist-documents-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const period = ['--from', '2026-11-01', '--to', '2026-11-30'];

  const shown = await kist('loan', 'statement', loan!, ...period);
  expect(shown.stdout).toMatch(/Loan paid out\s+50000\.00\s+0\.00\s+50000\.00/);
  expect(await answer('loan', 'statement', loan!, ...period)).toMatchObject({
    closing: { total: '50000.00' },
  });
  const file = path.join(folder, 'statement.pdf');
  const written = await kist('loan', 'statement', loan!, ...period, '--format', 'pdf', '--out', file);
  expect(written.status, written.stderr).toBe(0);
  expect((await readFile(file)).subarray(0, 5).toString()).toBe('%PDF-');

  expect((await kist('loan', 'key-facts', loan!)).stdout).toMatch(/APR\s+18\.00 %/);
  const page = await kist('loan', 'key-facts', loan!, '--format', 'html');
  expect(page.stdout).toMatch(/^<!doctype html>/);
  const missing = await kist('loan', 'key-facts', uuidv7());
  expect(missing.stderr).toMatch(/There is no loan .* of acme\./);
  const wrong = await kist('loan', 'statement', loan!, '--from', '2026-12-01', '--to', '2026-11-01');
  expect(wrong.stderr).toContain('cannot begin on 2026-12-01');
});
