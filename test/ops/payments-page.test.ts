import { fastify } from 'fastify';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { mountPayments } from '../../src/ops/payments-page.ts';
import { testDatabase } from '../support/database.ts';
import { people } from './board-fixture.ts';
import { plantException, plantPayout } from './payments-fixture.ts';

const database = await testDatabase(['acme', 'globex']);
afterAll(() => database.close());

function paymentsApp() {
  const app = fastify();
  mountPayments(app, {
    sessionOf: async (request) => people[/who=(\w+)/.exec(request.headers.cookie ?? '')?.[1] ?? ''] ?? null,
    carrierPool: database.carrier,
  });
  onTestFinished(() => app.close());
  return app;
}

const look = async () =>
  (await paymentsApp().inject({ url: '/console/payments', headers: { cookie: 'who=vikram' } })).body;

test('where nothing is under way, the page says so', async () => {
  expect(await look()).toContain('0 payouts under way, 0 of unknown outcome, 0 exceptions open');
});

test('the page tells what is under way, what nobody can tell of, and what waits for whom since when', async () => {
  await plantPayout(database, { tenant: 'acme', state: 'processing', amount: '250', begun: '5 min' });
  await plantPayout(database, { tenant: 'globex', state: 'processing', amount: '750.5', begun: '90 min' });
  const lost = { tenant: 'acme', state: 'suspense', amount: '400', begun: '2 days', unknown: '47 hours' };
  const id = await plantPayout(database, { ...lost, reason: 'no <b>trace</b>' });
  const about = { tenant: 'acme', subject: id };
  const message = 'Nobody can <i>say</i>.';
  await plantException(database, { ...about, code: 'stuck', raised: '3 hours', owner: 'Meera & Tom' });
  await plantException(database, { ...about, code: 'unknown-outcome', message, raised: '49 hours' });
  await plantException(database, { ...about, code: 'illegal-move', resolved: true });

  const body = await look();

  expect(body).toContain('3 payouts under way, 1 of unknown outcome, 2 exceptions open');
  expect(body).toMatch(
    /processing<\/td><td class="number">2<\/td>\s*<td class="number">1000\.50 INR<\/td><td class="number">1 h</,
  );
  expect(body).toMatch(
    /<td class="warn">suspense<\/td>\s*<td class="number">1 d<\/td><td class="number">400\.00 INR</,
  );
  expect(body).toContain(id);
  expect(body).toMatch(/"number warn">2 d<\/td>\s*<td><strong>unknown-outcome<.*\s*<td class="warn">nobody</);
  expect(body).toMatch(/"number">3 h<\/td>\s*<td><strong>stuck<.*\s*<td>Meera &#38; Tom</);
  expect(body.indexOf('unknown-outcome')).toBeLessThan(body.indexOf('stuck'));
  for (const hidden of ['illegal-move', '<b>trace', '<i>say', 'asha@bank', 'Asha Rao']) {
    expect(body).not.toContain(hidden);
  }
  expect(body).toContain('<a href="/console/approvals">');
});

test('nobody else sees it', async () => {
  const app = paymentsApp();
  expect((await app.inject('/console/payments')).headers.location).toBe('/login?next=%2Fconsole%2Fpayments');
  const tom = await app.inject({ url: '/console/payments', headers: { cookie: 'who=tom' } });
  expect(tom.statusCode).toBe(403);
});
