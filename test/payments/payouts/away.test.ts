import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Transaction } from '../../../src/db/pools.ts';
import type { GatewayAccount } from '../../../src/payments/gateway/gateway.ts';
import { applyPayoutPicture } from '../../../src/payments/payouts/apply.ts';
import { listPayouts, type Payout } from '../../../src/payments/payouts/rows.ts';
import { arm } from '../../../src/runtime/faults.ts';
import { until } from '../../support/until.ts';
import { openPaying, PAYING_ACCOUNT, type Paying } from '../paying.ts';
import { pictureOf } from './direct.ts';

let account: GatewayAccount | null;
let paying: Paying;
beforeAll(async () => {
  paying = await openPaying({ account: () => account });
});
beforeEach(() => {
  account = PAYING_ACCOUNT;
});
afterAll(() => paying.close());

/** The states and codes of the jobs that send these. */
async function jobsOf(payouts: readonly string[]): Promise<unknown[]> {
  const { rows } = await paying.system.database.superuser(
    'SELECT state, code FROM job WHERE key = ANY ($1)',
    [payouts],
  );
  return rows;
}

/** The only payout of a wallet. */
async function only(wallet: string): Promise<Payout> {
  return (await paying.run((tx) => listPayouts(tx, { wallet, limit: 1 })))[0]!;
}

/** A poll shows that it was paid. */
async function showPaid(tx: Transaction, { id, amount }: Payout): Promise<void> {
  const context = { tenant: 'acme', gateway: 'razorpay', clock: paying.clock, accept: async () => {} };
  const occasion = { ...context, evidence: 'poll' as const, detail: {} };
  await applyPayoutPicture(tx, occasion, { ...pictureOf(id, 'succeeded'), amount });
}

test.each([
  ['whose key is not good', { ...PAYING_ACCOUNT, key_secret: 'wrong' }, 'http-401'],
  ['that is disabled', null, 'no-gateway'],
])('an account %s is one question to people, however many payouts wait', async (_, given, code) => {
  account = given;
  const wallet = await paying.borrower('1000');
  const payouts = await Promise.all(['10', '20', '30'].map((amount) => paying.begin(wallet, amount)));
  await until('all of them wait', async () => {
    const jobs = await jobsOf(payouts);
    return jobs.every((job) => (job as { code: string }).code === code);
  });
  expect(await paying.exceptions()).toEqual(['locked-out']);

  account = PAYING_ACCOUNT;
  await until('all of them are sent', async () => {
    const states = await Promise.all(payouts.map(async (id) => (await paying.payout(id)).state));
    return states.every((state) => state === 'processing');
  });
  paying.clock.moveTo(new Date(paying.clock.now().getTime() + 3_600_000));
  await until('a look has been let in', async () => (await paying.exceptions()).length === 0);
});

test('what may have been paid is left to people after an hour, also where the gateway is away by then', async () => {
  const wallet = await paying.borrower('1000');
  paying.sandbox.gateway.script(
    { subject: '*', fault: 'commit-then-500', call: 'payout.create' },
    { subject: '*', fault: 'rate-limited-bare', call: 'payout.create', times: 3 },
    { subject: '*', fault: 'rate-limited-bare', call: 'payout.list', times: 4 },
  );
  const { job, payout } = await paying.payOut(wallet, '300');
  expect(job).toMatchObject({ state: 'held', code: 'unknown-outcome' });
  expect(payout.state).toBe('suspense');
});

test('what may have been paid is left to people also where we are locked out by then', async () => {
  const wallet = await paying.borrower('1000');
  paying.sandbox.gateway.script({ subject: '*', fault: 'commit-then-500', call: 'payout.create' });
  const disarm = arm('payout.unknown', () => {
    account = { ...PAYING_ACCOUNT, key_secret: 'wrong' };
  });
  const { job, payout } = await paying.payOut(wallet, '300').finally(disarm);
  expect(job).toMatchObject({ state: 'held', code: 'unknown-outcome' });
  expect(payout.state).toBe('suspense');
});

test('what is found out between leaving it to people and holding its job does not leave the job held', async () => {
  const wallet = await paying.borrower('1000');
  paying.sandbox.gateway.script({ subject: '*', fault: 'key-mismatch', call: 'payout.create' });
  const disarm = arm('payout.suspended', async () => {
    disarm();
    await paying.run(async (tx) => showPaid(tx, await only(wallet)));
  });
  const { job, payout } = await paying.payOut(wallet, '70');
  expect(payout.state).toBe('succeeded');
  expect(job).toMatchObject({ state: 'done', result: { outcome: 'paid' } });
});

test('what is found out before it was left to people does not leave its job held either', async () => {
  const wallet = await paying.borrower('1000');
  paying.sandbox.gateway.script(
    { subject: '*', fault: 'commit-then-500', call: 'payout.create', times: 4 },
    { subject: '*', fault: 'error-500', call: 'payout.list', times: 4 },
  );
  const disarm = arm('payout.unknown', async () => {
    const { looks } = await only(wallet);
    if (looks === 8) await paying.run(async (tx) => showPaid(tx, await only(wallet)));
  });
  const { job, payout } = await paying.payOut(wallet, '80').finally(disarm);
  expect(payout.state).toBe('succeeded');
  expect(job).toMatchObject({ state: 'done', result: { outcome: 'paid' } });
});
