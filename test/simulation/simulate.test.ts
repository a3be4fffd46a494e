import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { SANDBOX_ACCOUNT } from '../../src/sandbox/gateway/settings.ts';
import { FAULTS } from '../../src/simulation/options.ts';
import { reportOf, reportText } from '../../src/simulation/report/report.ts';
import { simulate } from '../../src/simulation/simulate.ts';
import type { World } from '../../src/simulation/world/world.ts';
import { terminalOn } from '../cli/terminal.ts';

vi.setConfig({ testTimeout: 480_000 });

/** A simulation has a database of its own: it never asks for this one. */
const terminal = terminalOn('postgres://nobody@127.0.0.1:1/none');
/** Longer ones, and the other carrier: lives.slow.test.ts. In this one the gateway does all it can do wrong. */
const LIFE = ['--seed', '1', '--loans', '8', '--days', '16', '--faults', 'all', '--carrier', 'postgres'];

test('a life with everything going wrong: all that must hold does', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'kist-report-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const { status, stdout } = await terminal.kist('simulate', ...LIFE, '--report', folder);
  expect(stdout).toMatch(/^seed +1$/m);
  expect(stdout).toContain(`again: kist simulate --seed 1 --loans 8 --days 16 --carrier postgres`);
  expect(stdout).toContain('✓ paid-out-as-booked');
  expect(stdout).not.toContain('✗');
  expect(status).toBe(0);
  const report = JSON.parse(await readFile(path.join(folder, 'report.json'), 'utf8'));
  expect(report.options.faults).toEqual(FAULTS);
  expect(report.days.flatMap(({ faults }: { faults: string[] }) => faults)).toEqual(
    expect.arrayContaining(['kill-worker', 'flush-carrier', 'restart-postgres']),
  );
  expect(report.calls).toBeGreaterThan(report.actions * 1.5);
  expect(await readFile(path.join(folder, 'report.html'), 'utf8')).toContain(report.digest);
});

test('what does not hold is named, and the report is not sound', async () => {
  const options = { seed: 1, loans: 1, days: 1, faults: [], carrier: 'postgres' } as const;
  const simulated = await simulate(options, {
    beforeChecks: async (world) => {
      await world.sql(`UPDATE loan SET suspended_interest = suspended_interest + 1`);
      await payAgain(world);
    },
  });
  const report = reportOf(simulated, null);
  expect(report.sound).toBe(false);
  expect(report.invariants.filter(({ holds }) => !holds).map(({ name }) => name)).toEqual([
    ...['suspense', 'loans-as-told-by-the-engine', 'paid-out-as-booked', 'paid-out-as-planned'],
  ]);
  expect(reportText(report)).toContain('✗ suspense: interest-suspense holds 0');
  expect(reportText(report)).toMatch(
    /✗ paid-out-as-booked: life-0 .*: the gateway paid 88000.00, booked 44000.00/,
  );
});

/** What must never be: the gateway pays a disbursal once more, under another key, and tells nobody. */
async function payAgain({ config, gateway }: World): Promise<void> {
  gateway.setWebhook(null);
  const [paid] = gateway.paidOut();
  const { key_id, key_secret, account_number } = SANDBOX_ACCOUNT;
  const authorization = `Basic ${Buffer.from(`${key_id}:${key_secret}`).toString('base64')}`;
  const post = async (path: string, body: object) => {
    const headers = { authorization, 'content-type': 'application/json', 'x-payout-idempotency': 'not-ours' };
    const url = `${config.KIST_RAZORPAY_URL}/v1${path}`;
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
    return (await response.json()) as { id: string };
  };
  const contact = await post('/contacts', { name: 'Borrower 0' });
  const bank_account = { name: 'Borrower 0', ifsc: 'HDFC0000001', account_number: '112233445566' };
  const fund = { contact_id: contact.id, account_type: 'bank_account', bank_account };
  const account = await post('/fund_accounts', fund);
  await post('/payouts', {
    ...{ account_number, fund_account_id: account.id, amount: paid!.amount, currency: 'INR', mode: 'IMPS' },
    ...{ purpose: 'payout', reference_id: paid!.reference_id },
  });
  await gateway.tick();
}
