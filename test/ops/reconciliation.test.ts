import type { AddressInfo } from 'node:net';
import { fastify } from 'fastify';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { SteppedClock } from '../../src/calendar/clock.ts';
import { createMetrics } from '../../src/ops/metrics.ts';
import { breakStandings } from '../../src/ops/reconciliation.ts';
import { mountReconciliation } from '../../src/ops/reconciliation-page.ts';
import { createEvents } from '../../src/runtime/events.ts';
import { testDatabase } from '../support/database.ts';
import { people } from './board-fixture.ts';
import { noBrowser, openPage, picture } from './browser.ts';
import { plantPayout } from './payments-fixture.ts';
import { plantBreak, plantComparison } from './reconciliation-fixture.ts';
import { scansDuring } from './scans.ts';

const database = await testDatabase(['acme', 'globex']);
afterAll(() => database.close());
/** Noon in India. */
const clock = new SteppedClock(new Date('2026-11-20T06:30:00Z'));

function reconciliationApp() {
  const app = fastify();
  mountReconciliation(app, {
    sessionOf: async (request) => people[/who=(\w+)/.exec(request.headers.cookie ?? '')?.[1] ?? ''] ?? null,
    carrierPool: database.carrier,
    clock,
  });
  onTestFinished(() => app.close());
  return app;
}

const look = async () =>
  (await reconciliationApp().inject({ url: '/console/reconciliation', headers: { cookie: 'who=vikram' } }))
    .body;

const measured = () =>
  createMetrics({
    runtime: { events: createEvents(), carrierQueues: () => [] },
    carrierPool: database.carrier,
    clock,
  }).metrics();

test('where nothing was compared and all is well, page and metrics say so', async () => {
  const body = await look();
  expect(body).toContain('0 breaks open, 0 late payouts for which banks owe ₹0.00, over all');
  expect(body).toContain('Nothing was compared yet.');
  const text = await measured();
  expect(text).toContain('kist_late_payouts 0\n');
  expect(text).not.toContain('kist_reconciliation_breaks{');
});

test('what does not agree is told with its age and owner, what is late with what banks owe by now', async () => {
  const back = await plantPayout(database, { tenant: 'globex', state: 'reversed', amount: '400' });
  const out = await plantPayout(database, { tenant: 'acme', state: 'unknown', amount: '1250.5' });
  const paid = await plantPayout(database, { tenant: 'acme', state: 'succeeded', amount: '70' });
  await database.superuser(`UPDATE payout SET submitted_at = '2026-11-16T06:00:00Z', utr = 'UTR0042'`);
  await database.superuser(`UPDATE payout SET settled_at = '2026-11-19T06:00:00Z' WHERE id = $1`, [back]);
  const fee = { tenant: 'acme', kind: 'payout', subject: out, result: 'fee', owner: 'meera@acme.in' };
  await plantBreak(database, { ...fee, here: '-1005.90', there: '-1006.90', on: '2026-11-20' });
  const line = {
    tenant: 'globex',
    kind: 'bank-line',
    subject: 'UTR<b>77',
    gateway: null,
    result: 'missing-here',
  };
  await plantBreak(database, { ...line, there: '10.00', on: '2026-11-17' });
  await plantBreak(database, { ...fee, subject: paid, result: 'tax', on: '2026-11-02', state: 'resolved' });
  const results = [
    { subject: 'payout', result: 'matched', number: 120 },
    { subject: 'payout', result: 'fee', number: 1 },
    { subject: 'settlement', result: 'awaited', number: 2 },
  ];
  await plantComparison(database, {
    tenant: 'acme',
    at: '2026-11-19T03:00:00Z',
    run_by: 'job:x',
    results: [],
    open: 0,
  });
  await plantComparison(database, {
    tenant: 'acme',
    at: '2026-11-20T03:00:00Z',
    run_by: 'operator:<i>',
    results,
    open: 1,
  });

  const body = await look();

  expect(body).toContain('2 breaks open, 2 late payouts for which banks owe ₹500.00, over all');
  expect(body).toMatch(
    /"number warn">3 d<\/td>\s*<td class="lines"><strong>missing-here<[\s\S]*?<td class="warn">nobody</,
  );
  expect(body).toMatch(
    /"number">12 h<\/td>\s*<td class="lines"><strong>fee<[\s\S]*?-1005\.90 INR<[\s\S]*?-1006\.90 INR<[\s\S]*?meera@acme\.in</,
  );
  expect(body.indexOf('missing-here')).toBeLessThan(body.indexOf('<strong>fee'));
  expect(body).toMatch(
    /"number">2 d<\/td>\s*<td class="number">₹200\.00<[\s\S]*?reversed<br>debited 2026-11-16, back 2026-11-19</,
  );
  expect(body).toMatch(
    /"number">3 d<\/td>\s*<td class="number">₹300\.00<[\s\S]*?unknown<br>debited 2026-11-16, <span class="warn">not back</,
  );
  expect(body).toMatch(
    /payout: <span>120 matched<\/span>, <span class="warn">1 fee<\/span><br>settlement: <span>2 awaited</,
  );
  expect(body.indexOf('operator:&#60;i&#62;')).toBeLessThan(body.indexOf('the day’s job'));
  for (const hidden of ['<b>77', '<i>', paid, 'Asha Rao', 'asha@bank']) expect(body).not.toContain(hidden);

  const text = await measured();
  expect(text).toContain('kist_reconciliation_breaks{kind="bank-line",result="missing-here"} 1\n');
  expect(text).toContain('kist_oldest_reconciliation_break_seconds{kind="payout",result="fee"} 43200\n');
  expect(text).not.toContain('result="tax"');
  expect(text).toContain('kist_late_payouts 2\n');
  expect(text).toContain('kist_late_payouts_compensation 500\n');
  const last = Date.parse('2026-11-20T03:00:00Z') / 1_000;
  expect(text).toContain(`kist_reconciled_at_seconds{tenant="acme"} ${last}\n`);
});

test('counting reads what is open only, however much was resolved', async () => {
  await database.superuser(`
    INSERT INTO reconciliation_break (tenant_id, subject_kind, subject, gateway, leg, result, currency, happened_on,
      first_seen_on, last_seen_on, state, resolution, resolved_at)
    SELECT 'acme', 'payout', n, 'razorpay', 'gateway', 'fee', 'INR', '2026-10-01', '2026-10-01', '2026-10-01', 'resolved',
           'gone', now()
    FROM generate_series(1, 5000) AS n`);
  await database.superuser('ANALYZE reconciliation_break');
  const counting = scansDuring(database.carrier, 'reconciliation_break', (tx) =>
    breakStandings(tx, clock.now()),
  );
  expect(await counting).toBe(0);
});

test('nobody else sees it', async () => {
  const app = reconciliationApp();
  const away = await app.inject('/console/reconciliation');
  expect(away.headers.location).toBe('/login?next=%2Fconsole%2Freconciliation');
  const tom = await app.inject({ url: '/console/reconciliation', headers: { cookie: 'who=tom' } });
  expect(tom.statusCode).toBe(403);
});

test.skipIf(noBrowser)(
  'in a browser it fits a narrow screen, and breaks no rule of its own policy',
  async () => {
    const app = reconciliationApp();
    await app.listen({ host: '127.0.0.1', port: 0 });
    const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
    const page = await openPage();
    const complaints: string[] = [];
    page.on('console', (line) => complaints.push(line.text()));
    await page.context().addCookies([{ name: 'who', value: 'asha', url }]);
    await page.goto(`${url}/console/reconciliation`);
    await page.getByRole('heading', { name: 'Comparisons' }).waitFor();
    await picture(page, 'reconciliation');
    await page.emulateMedia({ colorScheme: 'dark' });
    await picture(page, 'reconciliation-dark');
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize({ width: 390, height: 844 });
    await picture(page, 'reconciliation-narrow');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    expect(complaints).toEqual([]);
  },
);
