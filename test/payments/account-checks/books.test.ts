import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifyBooks } from '../../../src/ledger/verify/verify.ts';
import { listBreaks } from '../../../src/payments/reconciliation/breaks.ts';
import { reconcileFiles } from '../../../src/payments/reconciliation/reconcile-files.ts';
import { type Checking, openChecking } from './checking.ts';

let lender: Checking;
beforeAll(async () => {
  lender = await openChecking();
});
afterAll(() => lender.close());

const of_checks = (results: unknown) =>
  (results as { subject: string; result: string; number: number }[])
    .filter(({ subject }) => subject !== 'payout')
    .map(({ subject, result, number }) => `${number} ${subject} ${result}`);

/** Reads the bank's own statement of all days until now. */
async function readBank() {
  const file = path.join(await mkdtemp(path.join(tmpdir(), 'kist-')), 'bank.csv');
  await writeFile(file, lender.sandbox.gateway.bankStatement('2026-11-01', '2027-01-31'));
  const wish = { files: [file], dry_run: false, loaded_by: 'test', now: lender.clock.now() };
  return (await reconcileFiles(lender.system.database.app, 'acme', wish)).reconciliation;
}

test('the rupee is booked with the answer, what the gateway took with its statement, and both agree with the bank', async () => {
  const { bank_account } = await lender.account('100000001');
  await lender.check(bank_account);
  expect(await lender.booked()).toEqual({ bank: '-1.00', 'gateway-fees': '1.00' });
  const { results, breaks_open } = await lender.nextDay();
  expect(of_checks(results)).toEqual(['1 account-check awaited']);
  expect(breaks_open).toBe(0);
  expect(await lender.booked()).toEqual({ bank: '-6.90', 'gateway-fees': '6.00', 'input-tax': '0.90' });
  expect(lender.spent()).toBe('6.90');

  const read = await readBank();
  expect(of_checks(read.results)).toEqual(['1 account-check matched']);
  expect(read.breaks_open).toBe(0);
  const again = await lender.nextDay();
  expect([...of_checks(again.results), again.breaks_open]).toEqual(['1 account-check matched', 0]);
  expect(await lender.booked()).toMatchObject({ bank: '-6.90' });
  expect((await lender.checks(bank_account))[0]).toMatchObject({ amount: '1.00', fees: '5.90', tax: '0.90' });
});

test('an account that is not there costs what the statement shows, and no more', async () => {
  const before = await lender.booked();
  const { bank_account } = await lender.account('100000002');
  lender.sandbox.gateway.script({ subject: '100000002', fault: 'account-invalid' });
  await lender.check(bank_account);
  expect(await lender.nextDay()).toMatchObject({ breaks_open: 0, results: [] });
  expect(await lender.booked()).toEqual(before);
});

test('however answers are lost, the books have what the gateway took', async () => {
  const { gateway } = lender.sandbox;
  for (const fault of ['commit-then-500', 'commit-then-hang', 'error-500'] as const) {
    const { bank_account } = await lender.account(`2${fault.length}`.padEnd(9, '0'));
    gateway.script({ subject: '*', fault, call: 'validation.create' });
    await lender.check(bank_account);
  }
  expect(await lender.nextDay()).toMatchObject({ breaks_open: 0 });
  expect(await lender.booked()).toMatchObject({ bank: `-${lender.spent()}` });
  expect(lender.spent()).toBe('20.70');
  expect((await readBank()).breaks_open).toBe(0);
  expect(await verifyBooks(lender.system.database.app, 'acme', { keys: [] })).toMatchObject({ ok: true });
});

test('a check that nobody knows of is a break until the reconciliation finds it', async () => {
  const waiting = await lender.exceptions();
  const { gateway } = lender.sandbox;
  gateway.script(
    { subject: '*', fault: 'commit-then-500', call: 'validation.create' },
    // Once more by the first reconciliation.
    { subject: '*', fault: 'error-500', call: 'validation.list', times: 5 },
  );
  const { bank_account } = await lender.account('300000001');
  const held = await lender.check(bank_account);
  expect(held.state).toBe('held');
  expect(await lender.nextDay()).toMatchObject({ breaks_open: 1 });
  expect(await lender.nextDay()).toMatchObject({ breaks_open: 0 });
  expect(await lender.system.rested(held)).toMatchObject({ state: 'done', result: { account: 'active' } });
  expect(await lender.storyOf(bank_account)).toContain('unknown → completed (poll)');
  expect(await lender.exceptions()).toEqual(waiting);
  expect(await lender.booked()).toMatchObject({ bank: `-${lender.spent()}` });
});

test('a line that costs otherwise than was told is not booked, and stands as a break with its line', async () => {
  const before = await lender.booked();
  const { bank_account } = await lender.account('300000002');
  await lender.check(bank_account);
  await lender.system.database.superuser(
    `UPDATE bank_account_check SET told_amount = 2 WHERE bank_account_id = $1`,
    [bank_account],
  );
  expect(await lender.nextDay()).toMatchObject({ breaks_open: 1 });
  const open = await lender.run((tx) => listBreaks(tx, { state: 'open', limit: 10 }));
  expect(open).toMatchObject([
    {
      subject_kind: 'account-check',
      result: 'amount',
      here: '-1.00',
      there: '-6.90',
      evidence: [{ of: 'account' }],
    },
  ]);
  expect(Number((await lender.booked()).bank)).toBe(Number(before.bank) - 1);
});
