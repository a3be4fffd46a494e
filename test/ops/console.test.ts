import type { AddressInfo } from 'node:net';
import { fastify } from 'fastify';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { mountConsole } from '../../src/ops/console.ts';
import { testDatabase } from '../support/database.ts';
import { people } from './board-fixture.ts';
import { noBrowser, openPage, picture } from './browser.ts';

const database = await testDatabase(['acme', 'globex']);
afterAll(() => database.close());
await database.superuser(`
  INSERT INTO job (tenant_id, kind, queue, key, fingerprint, version, payload, attempt_limit, accepted_by, state, run_at)
  SELECT 'acme', 'loan.disburse', 'payouts', 'loan-' || n, '', 1, '{}', 5, 'service:los',
         CASE WHEN n > 40 THEN 'dead' ELSE 'pending' END, now() - interval '5 minutes'
  FROM generate_series(1, 42) AS n`);
await database.superuser(`
  INSERT INTO kill_switch (tenant_id, kind, reason, set_by)
  VALUES ('globex', '*', 'audit <script>alert(1)</script>', 'operator:asha')`);

function consoleApp() {
  const app = fastify();
  mountConsole(app, {
    sessionOf: async (request) => people[/who=(\w+)/.exec(request.headers.cookie ?? '')?.[1] ?? ''] ?? null,
    carrierPool: database.carrier,
    queues: ['notices', 'payouts'],
    environment: 'staging',
  });
  onTestFinished(() => app.close());
  return app;
}

test('the console tells how the queues stand and which switches are on', async () => {
  const answer = await consoleApp().inject({ url: '/console', headers: { cookie: 'who=vikram' } });
  expect(answer.statusCode).toBe(200);
  expect(answer.body).toContain('2 dead, 0 held, 40 pending over all tenants.');
  expect(answer.body).toContain('<a href="/board/queue/payouts-dead?status=failed">');
  expect(answer.body).toContain('every kind');
  expect(answer.body).toContain('globex');
  expect(answer.body).not.toContain('<script>');
});

test('nobody else sees the console', async () => {
  const app = consoleApp();
  expect((await app.inject('/console')).headers.location).toBe('/login?next=%2Fconsole');
  expect((await app.inject({ url: '/console', headers: { cookie: 'who=tom' } })).statusCode).toBe(403);
});

test.skipIf(noBrowser)(
  'the console in a browser loads nothing and breaks no rule of its own policy',
  async () => {
    const app = consoleApp();
    await app.listen({ host: '127.0.0.1', port: 0 });
    const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
    const page = await openPage();
    const complaints: string[] = [];
    page.on('console', (line) => complaints.push(line.text()));
    await page.context().addCookies([{ name: 'who', value: 'asha', url }]);
    await page.goto(`${url}/console`);
    await page.getByRole('heading', { name: 'Kill switches' }).waitFor();
    await picture(page, 'console');
    expect(complaints).toEqual([]);
  },
);
