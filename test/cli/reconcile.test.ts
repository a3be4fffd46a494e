import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { openBookkeeping, type PaidOut } from '../payments/reconciliation/bookkeeping.ts';
import { testDatabase } from '../support/database.ts';
import { MANY_COMMANDS_MS, terminalOn } from './terminal.ts';

vi.setConfig({ testTimeout: MANY_COMMANDS_MS });

const database = await testDatabase(['acme']);
const folder = await mkdtemp(path.join(tmpdir(), 'kist-statements-'));
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true });
});
const { kist } = terminalOn(database.url);
const books = await openBookkeeping(database);
const [right, wrong] = (await books.paid([{}, {}])) as [PaidOut, PaidOut];

async function file(name: string, ...lines: string[]): Promise<string> {
  const at = path.join(folder, name);
  await writeFile(at, `${lines.join('\n')}\n`);
  return at;
}

const account = await file(
  'account.csv',
  'Entity ID,Type,Debit,Credit,Amount,Currency,Fee,Tax,Created At,UTR,Balance',
  `${right.provider_id},payout,1005.90,,1000.00,INR,5.90,0.90,2026-11-18T13:30:00+05:30,${right.utr},9000`,
  `${wrong.provider_id},payout,1007.90,,1000.00,INR,7.90,0.90,1795679999,${wrong.utr},8000`,
);
const bank = await file(
  'bank.csv',
  'Value Date,Reference,Narration,Debit,Credit,Balance',
  `2026-11-18,${right.utr},"IMPS, to Asha",1005.90,,9000`,
  `2026-11-18,${wrong.utr},IMPS,1005.90,,8000`,
  '2026-11-18,,A charge,11.80,,7988.20',
);

test('kist reconcile says what agrees and what does not, and keeps nothing of a dry run', async () => {
  const dry = await kist('reconcile', account, bank, '--gateway', 'razorpay', '--dry-run');
  expect(dry).toMatchObject({ status: 1, stdout: expect.stringContaining('nothing: a dry run') });
  expect(await books.breaks()).toEqual([]);

  const { status, stdout } = await kist('reconcile', account, bank, '--gateway', 'razorpay');
  expect(status).toBe(1);
  expect(stdout).toMatch(/payout +matched +1 +-1005\.90 +-1005\.90/);
  expect(stdout).toMatch(/payout +fee +1 +-1005\.90 +-1007\.90/);
  expect(await books.breaks()).toEqual(['bank-line missing-here', 'payout fee']);

  const again = await kist('reconcile', bank, '--json');
  expect(JSON.parse(again.stdout)).toMatchObject({
    loads: [{ fresh: false, lines: 3 }],
    reconciliation: { breaks_opened: 0, breaks_open: 2 },
  });
});

test('It says what banks owe for money that was gone too long', async () => {
  await books.paid([{ state: 'unknown', on: '2026-11-01' }]);
  const { stdout } = await kist('reconcile', bank);
  expect(stdout).toMatch(/1 payout up to \d+ days past T\+1: banks owe ₹\d+00\.00/);
});

test('What it owes for money that is back is told until somebody says what became of it', async () => {
  const [back] = await books.paid([{ state: 'reversed', on: '2026-10-01' }]);
  await database.superuser(`UPDATE payout SET settled_at = '2026-10-04T06:00:00Z' WHERE id = $1`, [back!.id]);
  const late = new RegExp(`${back!.id} +2 +₹200\\.00 .* reversed +2026-10-01 +2026-10-04`);
  expect((await kist('payout', 'late')).stdout).toMatch(late);
  const settle = () => kist('payout', 'settle-late', back!.id, '--as', 'paid', '--reason', 'in their credit');
  expect((await settle()).stdout).toBe(`₹200.00 for ${back!.id}: paid.\n`);
  expect((await kist('payout', 'late')).stdout).not.toContain(back!.id);
  expect(await settle()).toMatchObject({ status: 1, stderr: expect.stringMatching(/^not-found: /) });
});

test('What is no statement is refused whole, line by line', async () => {
  const columns = 'value_on,utr,description,debit,credit';
  const bad = await file(
    'bad.csv',
    columns,
    '2026-02-30,,x,1.00,',
    '2026-11-18,U1,x,1.005,',
    '2026-11-18,U2,x,5,',
  );
  const refused = await kist('reconcile', bad);
  expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining('line 2, column value_on') });
  expect(refused.stderr).toContain('line 3, column debit');
  const { rows } = await database.superuser(`SELECT FROM statement_load WHERE source = 'bad.csv'`);
  expect(rows).toEqual([]);

  const other = await kist('reconcile', await file('other.csv', 'name,phone', 'Asha,98'));
  expect(other).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('No statement has these columns'),
  });
  const missing = await kist('reconcile', path.join(folder, 'none.csv'));
  expect(missing).toMatchObject({ status: 2, stderr: expect.stringContaining('Cannot read') });
  const whose = await kist('reconcile', await file('whose.csv', 'settlement_id'), '--kind', 'settlement');
  expect(whose.stderr).toContain('Say of which gateway');
});
