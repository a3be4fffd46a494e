import { afterAll, beforeAll, expect, test } from 'vitest';
import { post } from '../../../src/ledger/post.ts';
import { verifyBooks } from '../../../src/ledger/verify/verify.ts';
import { draft } from '../../ledger/books.ts';
import { until } from '../../support/until.ts';
import { openPaying, type Paying } from '../paying.ts';

let paying: Paying;
beforeAll(async () => {
  paying = await openPaying();
});
afterAll(() => paying.close());

/** Lets the gateway's clock go on, until the payout stands so. */
async function stands(id: string, state: string): Promise<void> {
  await until(`payout ${id} is ${state}`, async () => (await paying.payout(id)).state === state);
}

test('money leaves the wallet, is under way, and reaches the borrower’s bank account', async () => {
  const wallet = await paying.borrower('1000');
  const { job, payout } = await paying.payOut(wallet, '600');
  expect(job).toMatchObject({ state: 'done', result: { payout: payout.id } });
  expect(payout.provider_id).toMatch(/^pout_/);
  await paying.clock.moveTo(new Date(paying.clock.now().getTime() + 15 * 60_000));
  await stands(payout.id, 'succeeded');
  expect(await paying.books.balance(wallet)).toBe('400.00');
  expect(await paying.standing('payout-clearing')).toBe('0.00');
  expect(paying.sandbox.gateway.paidOut().find(({ payout: id }) => id === payout.provider_id)).toMatchObject({
    reference_id: payout.id,
    kept: 60_000,
  });
  expect(await verifyBooks(paying.system.database.app, 'acme', { keys: [] })).toMatchObject({ ok: true });
});

test.each([
  ['commit-then-500'],
  ['commit-then-hang'],
  ['commit-then-reset'],
  ['commit-then-garbage'],
  ['error-500'],
  ['reset'],
] as const)(
  'an answer lost by %s is asked for again with the same bytes and key: one payment',
  async (fault) => {
    const wallet = await paying.borrower('1000');
    paying.sandbox.gateway.script({ subject: '*', fault, call: 'payout.create' });
    const { job, payout } = await paying.payOut(wallet, '250');
    expect(job.state).toBe('done');
    const calls = paying.sandbox.gateway.log().filter(({ idempotency_key }) => idempotency_key === payout.id);
    expect(calls.length).toBeGreaterThan(1);
    expect(new Set(calls.map(({ body_sha256 }) => body_sha256)).size).toBe(1);
    expect(
      paying.sandbox.gateway.paidOut().filter(({ reference_id }) => reference_id === payout.id),
    ).toHaveLength(1);
    expect(await paying.story(payout.id)).toContain('submitting → unknown (answer)');
    expect(await paying.exceptions()).toEqual([]);
  },
);

/** Days go by at the gateway and here, and the payout is looked at. */
function daysPass(days: number): void {
  paying.clock.moveTo(new Date(paying.clock.now().getTime() + days * 86_400_000));
}

test('what nobody can say is left to people after an hour, the money on suspense; found later, it settles itself', async () => {
  const wallet = await paying.borrower('1000');
  paying.sandbox.gateway.script(
    { subject: '*', fault: 'commit-then-500', call: 'payout.create', times: 4 },
    { subject: '*', fault: 'error-500', call: 'payout.list', times: 4 },
  );
  const { job, payout } = await paying.payOut(wallet, '300');
  expect(job).toMatchObject({ state: 'held', code: 'unknown-outcome' });
  expect(payout.state).toBe('suspense');
  expect(await paying.standing('suspense')).toBe('-300.00');
  expect(await paying.exceptions()).toEqual(['unknown-outcome']);
  expect(await paying.books.balance(wallet)).toBe('700.00');

  daysPass(2);
  await stands(payout.id, 'succeeded');
  expect(await paying.standing('suspense')).toBe('0.00');
  expect(await paying.system.rested(job)).toMatchObject({ state: 'done', result: { outcome: 'paid' } });
  expect(paying.sandbox.gateway.paidOut().filter((each) => each.reference_id === payout.id)).toHaveLength(1);
});

test('what the gateway refuses comes back to the wallet, and nothing was made', async () => {
  const wallet = await paying.borrower('1000');
  const { job, payout } = await paying.payOut(wallet, '0.50');
  expect(job).toMatchObject({ state: 'done', result: { outcome: 'not-paid', state: 'failed' } });
  expect(await paying.books.balance(wallet)).toBe('1000.00');
  expect(paying.sandbox.gateway.paidOut().filter((each) => each.reference_id === payout.id)).toEqual([]);
});

test('a gateway that asks to be left alone costs no attempt', async () => {
  const wallet = await paying.borrower('1000');
  paying.sandbox.gateway.script({
    subject: '*',
    fault: 'rate-limited-bare',
    call: 'payout.create',
    times: 3,
  });
  const { job, payout } = await paying.payOut(wallet, '10');
  expect(job).toMatchObject({ state: 'done', attempt: 0 });
  expect(await paying.story(payout.id)).not.toContain('submitting → unknown (answer)');
});

test('a key that stands there with other bytes is a contradiction: people look', async () => {
  const wallet = await paying.borrower('1000');
  paying.sandbox.gateway.script({ subject: '*', fault: 'key-mismatch', call: 'payout.create' });
  const { job, payout } = await paying.payOut(wallet, '10');
  expect(job.state).toBe('held');
  expect(payout.state).toBe('suspense');
  daysPass(2);
});

test('paid, then sent back by the bank: the money returns to the wallet by a journal of its own', async () => {
  const wallet = await paying.borrower('1000');
  const reference = 'comes-back';
  paying.sandbox.gateway.script({ subject: '*', fault: 'processed-reversed', days: 2 });
  const { payout } = await paying.payOut(wallet, '400', reference);
  daysPass(1);
  await stands(payout.id, 'succeeded');
  expect(await paying.books.balance(wallet)).toBe('600.00');
  daysPass(7);
  await stands(payout.id, 'reversed');
  expect(await paying.books.balance(wallet)).toBe('1000.00');
});

test('a failure that passes is tried again as a new attempt, under a new key', async () => {
  const wallet = await paying.borrower('1000');
  paying.sandbox.gateway.script({ subject: '*', fault: 'failed', reason: 'beneficiary_bank_offline' });
  const { payout } = await paying.payOut(wallet, '400');
  daysPass(1);
  const again = await until('a second attempt succeeds', async () => {
    daysPass(0.5);
    const attempts = await paying.attempts(payout.id);
    return attempts.length === 2 && attempts[1]!.state === 'succeeded' ? attempts : undefined;
  });
  expect(again.map(({ attempt, state }) => [attempt, state])).toEqual([
    [1, 'failed'],
    [2, 'succeeded'],
  ]);
  expect(await paying.books.balance(wallet)).toBe('600.00');
  expect(paying.sandbox.gateway.paidOut().filter(({ kept }) => kept === 40_000)).toHaveLength(1);
});

test('an account that is closed is not paid again, and is not used any more', async () => {
  const wallet = await paying.borrower('1000');
  paying.sandbox.gateway.script({ subject: '*', fault: 'failed', reason: 'bank_account_closed' });
  const { payout } = await paying.payOut(wallet, '400');
  daysPass(1);
  await stands(payout.id, 'failed');
  expect(await paying.books.balance(wallet)).toBe('1000.00');
  await expect(paying.begin(wallet, '10')).rejects.toThrow(/no-bank-account/);
});

test('a failure taken back by the gateway is booked, and put before people', async () => {
  const wallet = await paying.borrower('1000');
  paying.sandbox.gateway.script({
    subject: '*',
    fault: 'failed-processed',
    days: 2,
    reason: 'invalid_beneficiary',
  });
  const { payout } = await paying.payOut(wallet, '400');
  daysPass(1);
  await stands(payout.id, 'failed');
  const { bank } = paying.books.controls;
  await paying.run((tx) => post(tx, [draft({ from: wallet, to: bank, amount: '1000', stream: wallet })]));
  daysPass(7);
  await stands(payout.id, 'succeeded');
  expect(await paying.exceptions()).toContain('paid-after-failure');
  expect(await verifyBooks(paying.system.database.app, 'acme', { keys: [] })).toMatchObject({ ok: true });
});

test('debited after a failure, and sent back: the books stay as they are', async () => {
  const wallet = await paying.borrower('1000');
  paying.sandbox.gateway.script({
    subject: '*',
    fault: 'failed-reversed',
    days: 2,
    reason: 'invalid_beneficiary',
  });
  const { payout } = await paying.payOut(wallet, '400');
  daysPass(1);
  await stands(payout.id, 'failed');
  daysPass(7);
  await stands(payout.id, 'reversed');
  expect((await paying.moves(payout.id)).at(-1)!.journal_id).toBeNull();
  expect(await paying.books.balance(wallet)).toBe('1000.00');
});

test('what the gateway took for it is in the books: fees, the tax in them, and the bank', async () => {
  const before = { fees: await paying.standing('gateway-fees'), tax: await paying.standing('input-tax') };
  const wallet = await paying.borrower('1000');
  const { payout } = await paying.payOut(wallet, '100');
  daysPass(1);
  await stands(payout.id, 'succeeded');
  const { fees, tax } = await paying.payout(payout.id);
  expect([fees, tax]).toEqual(['5.90', '0.90']);
  expect(Number(await paying.standing('gateway-fees')) - Number(before.fees)).toBeCloseTo(5);
  expect(Number(await paying.standing('input-tax')) - Number(before.tax)).toBeCloseTo(0.9);
});

test('one reference is one payment, whatever the jobs’ keys', async () => {
  const wallet = await paying.borrower('1000');
  await paying.begin(wallet, '10', 'rent');
  const other = await paying.system.accept(
    'wallet.payout',
    { wallet, amount: '10', currency: 'INR', reference: 'rent' },
    { key: 'another key' },
  );
  expect((await paying.system.rested(other)).result).toMatchObject({ code: 'duplicate-reference' });
});
