import { afterAll, beforeAll, expect, test } from 'vitest';
import { arm, type FaultPoint } from '../../../src/runtime/faults.ts';
import { type Checking, openChecking } from './checking.ts';

const OPERATOR = 'operator:meera@acme.example';

let lender: Checking;
beforeAll(async () => {
  lender = await openChecking();
});
afterAll(() => lender.close());

/** Asks to pay a wallet's money out to an account of its owner's. */
async function withdraw(wallet: string, bank_account?: string) {
  const job = await lender.system.accept('wallet.payout', {
    ...{
      wallet,
      amount: '10',
      currency: 'INR',
      reference: `rent ${bank_account} ${wallet}`,
      ...(bank_account && { bank_account }),
    },
  });
  return (await lender.system.rested(job)).result;
}

test('an account that is there is known by its bank’s own name of the holder, and paid to', async () => {
  const { wallet, bank_account } = await lender.account('100000001');
  expect(await lender.shown(bank_account)).toMatchObject({ state: 'usable', check: null });
  const job = await lender.check(bank_account);
  expect(job).toMatchObject({
    state: 'done',
    result: { outcome: 'checked', account: 'active', name_fit: 'same', name_score: 100 },
  });
  expect(JSON.stringify(job)).not.toContain('ASHA');
  expect(await lender.shown(bank_account)).toMatchObject({
    state: 'usable',
    check: {
      state: 'completed',
      account: 'active',
      registered_name: 'ASHA RAO',
      checked_at: lender.clock.now(),
    },
  });
  expect(await lender.storyOf(bank_account)).toEqual([
    'null → asked (machine)',
    'asked → pending (answer)',
    'pending → completed (poll)',
  ]);
  expect(await withdraw(wallet, bank_account)).toMatchObject({ outcome: 'begun' });
});

test('an account that is not there is paid nothing, for a reason that says so', async () => {
  const { wallet, bank_account } = await lender.account('100000002');
  lender.sandbox.gateway.script({ subject: '100000002', fault: 'account-invalid' });
  expect(await lender.check(bank_account)).toMatchObject({
    result: { outcome: 'checked', account: 'invalid', name_fit: null },
  });
  expect(await lender.shown(bank_account)).toMatchObject({ state: 'invalid', reason: 'account-invalid' });
  expect(await withdraw(wallet, bank_account)).toMatchObject({
    outcome: 'refused',
    code: 'unusable-bank-account',
  });
  expect(await withdraw(wallet)).toMatchObject({ outcome: 'refused', code: 'no-bank-account' });
});

test('an account under another name is put before people, and may be paid to', async () => {
  const { wallet, bank_account } = await lender.account('100000003');
  lender.sandbox.gateway.script({ subject: '100000003', fault: 'name-differs' });
  expect(await lender.check(bank_account)).toMatchObject({
    result: { outcome: 'checked', account: 'active', name_fit: 'different', name_score: 30 },
  });
  expect((await lender.shown(bank_account)).check).toMatchObject({ registered_name: 'SOMEBODY ELSE' });
  expect(await lender.exceptions()).toContain('other-name');
  expect(await withdraw(wallet, bank_account)).toMatchObject({ outcome: 'begun' });
});

test('a bank that does not answer says nothing about the account', async () => {
  const { bank_account } = await lender.account('100000004');
  lender.sandbox.gateway.script({
    subject: '100000004',
    fault: 'check-failed',
    reason: 'beneficiary_bank_offline',
  });
  expect(await lender.check(bank_account)).toMatchObject({
    state: 'done',
    result: { outcome: 'not-checked', reason: 'beneficiary_bank_offline' },
  });
  expect(await lender.shown(bank_account)).toMatchObject({ state: 'usable', check: { state: 'failed' } });
});

test.each(['commit-then-500', 'commit-then-hang', 'commit-then-reset', 'commit-then-garbage'] as const)(
  'a check whose answer was lost by %s is found by our name of it, and not asked for again',
  async (fault) => {
    const { bank_account } = await lender.account(`2${fault.length}`.padEnd(9, '0'));
    lender.sandbox.gateway.script({ subject: '*', fault, call: 'validation.create' });
    const before = lender.asked();
    expect(await lender.check(bank_account)).toMatchObject({ state: 'done', result: { account: 'active' } });
    expect(lender.asked()).toBe(before + 1);
    expect(await lender.storyOf(bank_account)).toContain('asked → pending (poll)');
  },
);

test.each([
  ['check.stored', 'held', 0],
  ['check.sent', 'done', 1],
] as [FaultPoint, string, number][])(
  'a worker that dies at %s asks for no second check: the job is %s',
  async (point, state, asked) => {
    const { bank_account } = await lender.account(point === 'check.sent' ? '250000001' : '250000002');
    const disarm = arm(point, () => {
      disarm();
      throw new Error('The worker died.');
    });
    const before = lender.asked();
    expect(await lender.check(bank_account)).toMatchObject({ state });
    expect(lender.asked()).toBe(before + asked);
  },
);

test('a check that nobody can find is left to people; only they have it made again', async () => {
  const { bank_account } = await lender.account('300000001');
  lender.sandbox.gateway.script({ subject: '*', fault: 'error-500', call: 'validation.create' });
  const before = lender.asked();
  expect(await lender.check(bank_account)).toMatchObject({ state: 'held', code: 'unknown-outcome' });
  expect(lender.asked()).toBe(before + 1);
  expect(await lender.exceptions()).toContain('unknown-outcome');

  expect(await lender.check(bank_account, { attempt: 2 })).toMatchObject({
    result: { outcome: 'refused', code: 'for-people' },
  });
  expect(lender.asked()).toBe(before + 1);
  expect(await lender.check(bank_account, { attempt: 2, as: OPERATOR, key: 'meera-2' })).toMatchObject({
    result: { outcome: 'checked', account: 'active' },
  });
  expect(lender.asked()).toBe(before + 2);
});

test('what people find later, the held job finds with them', async () => {
  const { bank_account } = await lender.account('300000002');
  const { gateway } = lender.sandbox;
  gateway.script(
    { subject: '*', fault: 'commit-then-500', call: 'validation.create' },
    { subject: '*', fault: 'error-500', call: 'validation.list', times: 4 },
  );
  const before = lender.asked();
  const held = await lender.check(bank_account);
  expect(held).toMatchObject({ state: 'held', code: 'unknown-outcome' });
  await lender.system.runtime.release('acme', held.id, OPERATOR);
  expect(await lender.system.rested(held)).toMatchObject({ state: 'done', result: { account: 'active' } });
  expect(lender.asked()).toBe(before + 1);
  expect((await lender.checks(bank_account))[0]).toMatchObject({ state: 'completed' });
});

test('asked for twice, by whatever key and at once, it is one check', async () => {
  const { bank_account } = await lender.account('400000001');
  const before = lender.asked();
  const jobs = await Promise.all([
    lender.ask(bank_account),
    lender.ask(bank_account),
    lender.ask(bank_account, { key: 'another-key' }),
  ]);
  expect(new Set(jobs.map(({ id }) => id)).size).toBe(2);
  const first = await lender.check(bank_account);
  const results = await Promise.all(jobs.map(async (job) => (await lender.system.rested(job)).result));
  for (const result of results) expect(result).toEqual(first.result);
  expect(lender.asked()).toBe(before + 1);
  expect(await lender.checks(bank_account)).toHaveLength(1);
});

test('a gateway that provably did nothing is asked once it can be', async () => {
  const { bank_account } = await lender.account('400000002');
  lender.sandbox.gateway.script({
    subject: '*',
    fault: 'rate-limited-bare',
    call: 'validation.create',
    times: 3,
  });
  expect(await lender.check(bank_account)).toMatchObject({ state: 'done', result: { account: 'active' } });
  expect(await lender.storyOf(bank_account)).toHaveLength(3);
});

test('what cannot be checked is refused, and costs nothing', async () => {
  const { bank_account } = await lender.account('400000003');
  const before = lender.asked();
  expect(await lender.check(bank_account, { attempt: 3, as: OPERATOR })).toMatchObject({
    result: { code: 'attempt-out-of-order' },
  });
  const nowhere = '0199a1b2-0000-7000-8000-0000000000aa';
  expect(await lender.check(nowhere)).toMatchObject({ result: { code: 'unknown-bank-account' } });
  expect(lender.asked()).toBe(before);
});
