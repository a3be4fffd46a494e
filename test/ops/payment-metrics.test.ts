import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { createMetrics } from '../../src/ops/metrics.ts';
import { payoutStandings } from '../../src/ops/payments.ts';
import type { GatewayCalled } from '../../src/payments/gateway/gateways.ts';
import { lateTotal } from '../../src/payments/reconciliation/late-payouts.ts';
import { createEvents } from '../../src/runtime/events.ts';
import { openServices } from '../../src/services.ts';
import { testDatabase } from '../support/database.ts';
import { plantException, plantPayout } from './payments-fixture.ts';
import { scansDuring } from './scans.ts';

const database = await testDatabase(['acme', 'globex']);
afterAll(() => database.close());

const events = createEvents();
const measured = () =>
  createMetrics({ runtime: { events, carrierQueues: () => [] }, carrierPool: database.carrier }).metrics();

/** The value of a series, which is an age and grows while the test runs. */
function ageIn(text: string, series: string): number {
  const line = text.split('\n').find((each) => each.startsWith(`${series} `));
  return Math.floor(Number(line?.split(' ')[1]) / 60);
}

test('money under way is told over all tenants, by state and currency, and how long nobody could tell', async () => {
  await plantPayout(database, {
    tenant: 'acme',
    state: 'unknown',
    amount: '400.50',
    begun: '3 hours',
    unknown: '20 min',
  });
  await plantPayout(database, {
    tenant: 'globex',
    state: 'unknown',
    amount: '100',
    begun: '5 min',
    unknown: '4 min',
  });
  await plantPayout(database, {
    tenant: 'globex',
    state: 'suspense',
    amount: '70',
    begun: '2 days',
    unknown: '1 day',
  });
  await plantPayout(database, {
    tenant: 'acme',
    state: 'processing',
    amount: '9',
    currency: 'USD',
    begun: '1 hour',
  });
  await plantPayout(database, { tenant: 'acme', state: 'succeeded', amount: '5000', begun: '9 days' });

  const text = await measured();

  expect(text).toContain('kist_payouts{state="unknown",currency="INR"} 2\n');
  expect(text).toContain('kist_payouts_amount{state="unknown",currency="INR"} 500.5\n');
  expect(text).toContain('kist_payouts_amount{state="suspense",currency="INR"} 70\n');
  expect(text).toContain('kist_payouts{state="processing",currency="USD"} 1\n');
  expect(text).not.toContain('succeeded');
  expect(ageIn(text, 'kist_oldest_payout_seconds{state="unknown",currency="INR"}')).toBe(20);
  expect(ageIn(text, 'kist_oldest_payout_seconds{state="suspense",currency="INR"}')).toBe(24 * 60);
  expect(ageIn(text, 'kist_oldest_payout_seconds{state="processing",currency="USD"}')).toBe(60);
});

test('what people must decide is told by what it is, with the age of the oldest; what is decided is not', async () => {
  const subject = await plantPayout(database, { tenant: 'acme', state: 'succeeded', amount: '1' });
  const about = { tenant: 'acme', subject, code: 'unknown-outcome' };
  await plantException(database, { ...about, raised: '2 hours' });
  await plantException(database, { ...about, tenant: 'globex', raised: '1 hour' });
  await plantException(database, { ...about, kind: 'refund', raised: '3 min' });
  await plantException(database, { ...about, code: 'stuck', resolved: true });

  const text = await measured();

  expect(text).toContain('kist_payment_exceptions{kind="payout",code="unknown-outcome"} 2\n');
  expect(text).toContain('kist_payment_exceptions{kind="refund",code="unknown-outcome"} 1\n');
  expect(text).not.toContain('code="stuck"');
  const oldest = 'kist_oldest_payment_exception_seconds{kind="payout",code="unknown-outcome"}';
  expect(ageIn(text, oldest)).toBe(120);
});

test('a request to a gateway is counted by how it ended, and timed', async () => {
  const registry = createMetrics({
    runtime: { events, carrierQueues: () => [] },
    carrierPool: database.carrier,
  });
  const called = { gateway: 'razorpay', call: 'POST /payouts', seconds: 0.2 };
  events.emit('gateway-called', { ...called, outcome: 'answered' });
  events.emit('gateway-called', { ...called, outcome: 'unknown', seconds: 12 });
  const text = await registry.metrics();
  const series = 'gateway="razorpay",call="POST /payouts"';
  expect(text).toContain(`kist_gateway_calls_total{${series},outcome="answered"} 1\n`);
  expect(text).toContain(`kist_gateway_calls_total{${series},outcome="unknown"} 1\n`);
  expect(text).toContain(`kist_gateway_call_seconds_bucket{le="0.25",${series}} 1\n`);
  expect(text).toContain(`kist_gateway_call_seconds_sum{${series}} 12.2\n`);
});

test('the gateways that jobs work with tell of each request', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'kist-services-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const told: GatewayCalled[] = [];
  const own = createEvents();
  own.on('gateway-called', (called) => told.push(called));
  const config = readConfig({ KIST_DATA: folder, KIST_RAZORPAY_URL: 'http://127.0.0.1:1' });
  const { gateways } = (await openServices(config, own)).payments;
  const account = { tenant: 'acme', gateway: 'razorpay', key_id: 'k', key_secret: 's', account_number: '1' };
  const asked = gateways.get('razorpay')!.payout('pout_1', { account, signal: AbortSignal.timeout(5_000) });
  await expect(asked).rejects.toThrow();
  expect(told).toMatchObject([{ gateway: 'razorpay', call: 'GET /payouts/*' }]);
});

test('counting reads what is open only, however much was paid', async () => {
  await database.superuser(`
    INSERT INTO payout (tenant_id, id, instruction_id, attempt, purpose, wallet_id, bank_account_id, reference, gateway,
                        mode, amount, currency, state, created_at, business_date, settled_at, closed_at)
    SELECT tenant_id, paid.id, paid.id, 1, purpose, wallet_id, bank_account_id, paid.id::text, gateway, mode, amount, currency,
           'succeeded', created_at, business_date, now(), now()
    FROM payout CROSS JOIN LATERAL (SELECT uuidv7() AS id, n FROM generate_series(1, 5000) AS n) AS paid (id, n)
    WHERE state = 'processing'`);
  await database.superuser('ANALYZE payout');
  const counting = scansDuring(database.carrier, 'payout', async (tx) => {
    await payoutStandings(tx);
    await lateTotal(tx, { now: new Date(), whose: 'everybody' });
  });
  expect(await counting).toBe(0);
});
