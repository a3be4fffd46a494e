import { afterAll, beforeAll, expect, test } from 'vitest';
import reconcileJob from '../../../jobs/payments.reconcile.ts';
import { businessDateAt } from '../../../src/ledger/business-day.ts';
import type { GatewayAccount } from '../../../src/payments/gateway/gateway.ts';
import { listBreaks } from '../../../src/payments/reconciliation/breaks.ts';
import type { JobDefinition } from '../../../src/runtime/definition.ts';
import { until } from '../../support/until.ts';
import { openPaying, PAYING_ACCOUNT, type Paying } from '../paying.ts';

let paying: Paying;
let account: GatewayAccount = PAYING_ACCOUNT;
beforeAll(async () => {
  paying = await openPaying({ account: () => account, jobs: [reconcileJob] as unknown as JobDefinition[] });
});
afterAll(() => paying.close());

const pass = (minutes: number) =>
  paying.clock.moveTo(new Date(paying.clock.now().getTime() + minutes * 60_000));
const DAY_MINUTES = 24 * 60;

/** Each business day has one reconciliation, so a weekend is passed over. */
function nextBusinessDay(): void {
  do pass(DAY_MINUTES);
  while ([0, 6].includes(paying.clock.now().getUTCDay()));
}

/** The day's reconciliation, as the schedule has it made. */
async function reconcile(whileWaiting?: () => Promise<void>): Promise<Record<string, unknown>> {
  const business_date = await paying.run((tx) => businessDateAt(tx, 'acme', paying.clock.now()));
  const { system } = paying;
  const accepted = await system.accept('payments.reconcile', { gateway: 'razorpay', business_date });
  if (whileWaiting) await whileWaiting();
  const { state, result } = await system.rested(accepted);
  expect(state).toBe('done');
  return result as Record<string, unknown>;
}

const breaks = () => paying.run((tx) => listBreaks(tx, { state: 'open', limit: 10 }));

test('payouts agree with the account’s statement; what the gateway tells again changes nothing', async () => {
  const wallet = await paying.borrower('1000');
  const { payout } = await paying.payOut(wallet, '600');
  pass(15);
  await until('it is paid', async () => (await paying.payout(payout.id)).state === 'succeeded');
  nextBusinessDay();
  expect(await reconcile()).toMatchObject({
    ...{ outcome: 'reconciled', settled: 0, breaks_open: 0 },
    // The bank's own statement was not read.
    results: [{ subject: 'payout', result: 'awaited', number: 1 }],
  });
  nextBusinessDay();
  expect(await reconcile()).toMatchObject({ settled: 0, breaks_open: 0 });
});

test('a fee that our books have otherwise is a break, with the line that shows it, until they agree', async () => {
  const wallet = await paying.borrower('1000');
  const { payout } = await paying.payOut(wallet, '300');
  pass(15);
  await until('it is paid', async () => (await paying.payout(payout.id)).state === 'succeeded');
  await paying.system.database.superuser(`UPDATE payout SET fees = fees + 1 WHERE id = $1`, [payout.id]);
  nextBusinessDay();
  expect(await reconcile()).toMatchObject({ breaks_opened: 1 });
  expect(await breaks()).toMatchObject([
    { subject: payout.id, result: 'fee', evidence: [{ of: 'account' }] },
  ]);
  await paying.system.database.superuser(`UPDATE payout SET fees = fees - 1 WHERE id = $1`, [payout.id]);
  nextBusinessDay();
  expect(await reconcile()).toMatchObject({ breaks_closed: 1, breaks_open: 0 });
});

test('a gateway that locks us out is before people until it lets us in; then the day is reconciled', async () => {
  nextBusinessDay();
  account = { ...PAYING_ACCOUNT, key_secret: 'wrong' };
  const compared = await reconcile(async () => {
    await until('people know', async () => (await paying.exceptions()).includes('locked-out'));
    account = PAYING_ACCOUNT;
  });
  expect(compared).toMatchObject({ outcome: 'reconciled' });
  expect(await paying.exceptions()).toEqual([]);
});

test('the statement settles what nobody could tell of, once its payment stands', async () => {
  const wallet = await paying.borrower('1000');
  paying.sandbox.gateway.script(
    { subject: '*', fault: 'commit-then-500', call: 'payout.create', times: 4 },
    // Whoever looks for it finds nobody at home; the statement comes another way.
    { subject: '*', fault: 'error-500', call: 'payout.list', times: 10_000 },
  );
  const { job, payout } = await paying.payOut(wallet, '250');
  expect([job.state, payout.state]).toEqual(['held', 'suspense']);
  nextBusinessDay();
  expect(await reconcile()).toMatchObject({ settled: 1, breaks_open: 0 });
  expect(await paying.story(payout.id)).toContain('suspense → succeeded (statement)');
  expect(await paying.standing('suspense')).toBe('0.00');
});
