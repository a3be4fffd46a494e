import { fastify } from 'fastify';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { daysMeasured } from '../../src/ops/days.ts';
import { mountDays } from '../../src/ops/days-page.ts';
import { testDatabase } from '../support/database.ts';
import { people } from './board-fixture.ts';

const database = await testDatabase(['acme', 'globex', 'idle']);
afterAll(() => database.close());
await database.superuser(`
  INSERT INTO business_day (tenant_id, business_date, state, begun_at, closed_at, chunks, chunks_done, report, key_id, signature, checked)
  VALUES ('acme', '2026-12-17', 'closed', now(), now(), 1, 1, '{}', 'k', '', '[]'),
         ('acme', '2026-12-18', 'carrying', now(), NULL, 8, 3, NULL, NULL, NULL, NULL),
         ('globex', '2026-12-18', 'checking', now(), NULL, 2, 2, NULL, NULL, NULL,
          '[{"name": "suspense", "holds": false, "detail": "<b>5</b> are missing"}, {"name": "chains", "holds": true}]');
  INSERT INTO day_chunk (tenant_id, business_date, number, from_loan, to_loan, loans, done, refused, journals, interest, penal, tax)
  SELECT 'acme', '2026-12-18', n, uuidv7(), uuidv7(), 1000, CASE WHEN n <= 3 THEN 999 END, CASE WHEN n <= 3 THEN 1 END,
         CASE WHEN n <= 3 THEN 900 END, CASE WHEN n <= 3 THEN 100.5 END, CASE WHEN n <= 3 THEN 1 END, CASE WHEN n <= 3 THEN 0 END
  FROM generate_series(1, 8) AS n;
  INSERT INTO loan_set_aside (tenant_id, loan_id, business_date, code, message, since)
  VALUES ('acme', '0197a3c0-5a1e-7b57-9d3c-6b6973740042', '2026-12-18', 'KI011', 'no <i>account</i>', now())`);

function daysApp() {
  const app = fastify();
  mountDays(app, {
    sessionOf: async (request) => people[/who=(\w+)/.exec(request.headers.cookie ?? '')?.[1] ?? ''] ?? null,
    carrierPool: database.carrier,
  });
  onTestFinished(() => app.close());
  return app;
}

test('the page tells how far each tenant’s day is, what it came to so far, and what holds it up', async () => {
  const answer = await daysApp().inject({ url: '/console/days', headers: { cookie: 'who=vikram' } });
  expect(answer.statusCode).toBe(200);
  expect(answer.body).toContain('2 being closed, 1 loans set aside, over all tenants.');
  expect(answer.body).toContain('<progress max="8" value="3">acme, 2026-12-18: carrying, 3 of 8 chunks');
  expect(answer.body).toContain('<td class="number">2997 / 8000</td>');
  expect(answer.body).toContain('<td class="number">301.50</td>');
  expect(answer.body).toContain('suspense: &#60;b&#62;5&#60;/b&#62; are missing');
  expect(answer.body).toContain('0197a3c0-5a1e-7b57-9d3c-6b6973740042');
  expect(answer.body).not.toContain('<i>');
});

test('nobody else sees it', async () => {
  const app = daysApp();
  expect((await app.inject('/console/days')).headers.location).toBe('/login?next=%2Fconsole%2Fdays');
  expect((await app.inject({ url: '/console/days', headers: { cookie: 'who=tom' } })).statusCode).toBe(403);
});

test('metrics know how far days are closed, of tenants that close any', async () => {
  expect(await daysMeasured(database.carrier)).toEqual(
    expect.arrayContaining([
      { tenant: 'acme', closed_through: Date.parse('2026-12-17') / 1_000, set_aside: 1, broken: 0 },
      { tenant: 'globex', closed_through: null, set_aside: 0, broken: 1 },
    ]),
  );
  expect(await daysMeasured(database.carrier)).toHaveLength(2);
});
