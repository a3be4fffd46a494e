import { afterAll, beforeAll, expect, test } from 'vitest';
import applyCallback from '../../../jobs/payments.apply-callback.ts';
import { buildApi } from '../../../src/api/app.ts';
import { createIdentity } from '../../../src/identity/identity.ts';
import { verifyBooks } from '../../../src/ledger/verify/verify.ts';
import { createGateways } from '../../../src/payments/gateway/gateways.ts';
import type { JobDefinition } from '../../../src/runtime/definition.ts';
import type { GatewayFault } from '../../../src/sandbox/gateway/faults.ts';
import { testWebhooks } from '../../events/webhooks.ts';
import { quiet } from '../../support/runtime.ts';
import { until } from '../../support/until.ts';
import { openPaying, type Paying } from '../paying.ts';
import { payoutEvent, SECRET, setAccount, tell } from './gateway-side.ts';

let paying: Paying;
let api: { app: ReturnType<typeof buildApi> };
beforeAll(async () => {
  paying = await openPaying({ jobs: [applyCallback as unknown as JobDefinition] });
  const { runtime, database } = paying.system;
  const webhooks = await testWebhooks();
  await setAccount(database.app, webhooks.box);
  const app = buildApi({
    ...{ runtime, pool: runtime.pool, identity: createIdentity({ pool: runtime.pool, log: quiet }) },
    ...{ clock: paying.clock, webhooks, gateways: createGateways(), log: quiet },
    config: { KIST_TRUSTED_PROXIES: '', KIST_CREDIT_BACKLOG_MAX: 10_000 },
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  api = { app };
  paying.sandbox.gateway.setWebhook({
    ...{ url: `${url}/v1/webhooks/razorpay/acme`, secret: SECRET, former_secret: 'never-set-here' },
  });
});
afterAll(async () => {
  await api.app.close();
  await paying.close();
});

const minutesPass = (minutes: number): void =>
  paying.clock.moveTo(new Date(paying.clock.now().getTime() + minutes * 60_000));
const stands = (id: string, state: string) =>
  until(`payout ${id} is ${state}`, async () => (await paying.payout(id)).state === state);

/** What became of the events of a payout, in the order in which they came. */
async function outcomes(object: string): Promise<string[]> {
  const { rows } = await paying.system.database.superuser(
    'SELECT type, outcome FROM callback_event WHERE object = $1 ORDER BY id',
    [object],
  );
  return rows.map(({ type, outcome }) => `${type} ${outcome}`);
}
const applied = (object: string, count: number) =>
  until(`${count} events of ${object} are applied`, async () => {
    const all = await outcomes(object);
    return all.length >= count && !all.some((each) => each.endsWith('null')) ? all : undefined;
  });

test('events bring a payout to its end, without anybody asking', async () => {
  const wallet = await paying.borrower('1000');
  const { payout } = await paying.payOut(wallet, '600');
  minutesPass(1);
  await stands(payout.id, 'succeeded');
  expect((await paying.story(payout.id)).at(-1)).toBe('processing → succeeded (event)');
  const move = (await paying.moves(payout.id)).at(-1)!;
  expect(move.detail).toMatchObject({ type: 'payout.processed', event: expect.any(String) });
  await applied(payout.provider_id!, 3);
  expect(await paying.standing('payout-clearing')).toBe('0.00');
});

test.each<[GatewayFault]>([['duplicate'], ['swapped'], ['delayed'], ['missing'], ['forged'], ['old-secret']])(
  'with events %s a payout ends right all the same, and its money moved once',
  async (fault) => {
    const wallet = await paying.borrower('1000');
    paying.sandbox.gateway.script({ subject: '*', fault, event: 'payout.processed' });
    const { payout } = await paying.payOut(wallet, '100');
    for (let hour = 0; hour < 3; hour += 1) minutesPass(60);
    await stands(payout.id, 'succeeded');
    expect(await paying.books.balance(wallet)).toBe('900.00');
    expect(await paying.standing('payout-clearing')).toBe('0.00');
    expect(await paying.exceptions()).toEqual([]);
  },
);

test('an event that is faster than the answer finds its payout by our own reference', async () => {
  const wallet = await paying.borrower('1000');
  paying.sandbox.gateway.script({ subject: '*', fault: 'webhook-first', call: 'payout.create' });
  const { job, payout } = await paying.payOut(wallet, '50');
  minutesPass(1);
  await stands(payout.id, 'succeeded');
  expect(job.state).toBe('done');
  expect(await paying.exceptions()).toEqual([]);
});

test('paid, then sent back: the event returns the money to the wallet', async () => {
  const wallet = await paying.borrower('1000');
  paying.sandbox.gateway.script({ subject: '*', fault: 'processed-reversed', days: 1 });
  const { payout } = await paying.payOut(wallet, '400');
  minutesPass(1);
  await stands(payout.id, 'succeeded');
  minutesPass(25 * 60);
  await stands(payout.id, 'reversed');
  expect(await paying.books.balance(wallet)).toBe('1000.00');
});

test('what contradicts a failure is asked for before anybody goes by it', async () => {
  const wallet = await paying.borrower('1000');
  paying.sandbox.gateway.script({
    ...{ subject: '*', fault: 'failed-processed', days: 1, reason: 'beneficiary_bank_rejected' },
  });
  const { payout } = await paying.payOut(wallet, '70');
  minutesPass(1);
  await stands(payout.id, 'failed');
  minutesPass(25 * 60);
  await stands(payout.id, 'succeeded');
  const all = await applied(payout.provider_id!, 3);
  expect(all.join('\n')).toContain('payout.processed payout: fetched, move');
  expect((await paying.story(payout.id)).at(-1)).toBe('failed → succeeded (poll)');
  expect(await paying.exceptions()).toEqual(['paid-after-failure']);
});

test('money that moved with a payout nobody knows is put before people, once; what cannot be read as well', async () => {
  const before = await paying.exceptions();
  await tell(api, payoutEvent('pout_Stranger000001'));
  await tell(api, payoutEvent('pout_Stranger000002', 'processing'));
  expect(await applied('pout_Stranger000001', 1)).toEqual(['payout.processed payout: stranger']);
  expect(await applied('pout_Stranger000002', 1)).toEqual(['payout.processing payout: stranger']);
  await tell(api, '{"entity": "event"', { event_id: 'jumble' });
  await until('the jumble is applied', async () => {
    const { rows } = await paying.system.database.superuser(
      `SELECT outcome FROM callback_event WHERE event_id = 'jumble' AND outcome = 'unreadable'`,
    );
    return rows.length === 1;
  });
  expect((await paying.exceptions()).slice(before.length).toSorted()).toEqual(['stranger', 'unreadable']);
});

test('after all of it the books verify, and no event waits', async () => {
  const { rows } = await paying.system.database.superuser(
    `SELECT type FROM callback_event WHERE applied_at IS NULL`,
  );
  expect(rows).toEqual([]);
  expect(await verifyBooks(paying.system.database.app, 'acme', { keys: [] })).toMatchObject({ ok: true });
});
