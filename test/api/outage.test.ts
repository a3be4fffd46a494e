import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { buildApi } from '../../src/api/app.ts';
import { systemClock } from '../../src/calendar/clock.ts';
import { createIdentity } from '../../src/identity/identity.ts';
import { createGateways } from '../../src/payments/gateway/gateways.ts';
import type { JobDefinition } from '../../src/runtime/definition.ts';
import { Registry } from '../../src/runtime/registry.ts';
import { createRuntime } from '../../src/runtime/runtime.ts';
import { testWebhooks } from '../events/webhooks.ts';
import { testDatabase } from '../support/database.ts';
import { leaveMark, quiet } from '../support/runtime.ts';
import { until } from '../support/until.ts';
import { addPeople } from './support.ts';

/** Stands between the API and its database, and can be cut. */
class Wire {
  readonly #target: { host: string; port: number };
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;
  port = 0;

  constructor(target: URL) {
    this.#target = { host: target.hostname, port: Number(target.port) };
  }

  async mend(): Promise<void> {
    const server = createServer((near) => {
      const far = connect(this.#target);
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(socket);
        socket.on('error', () => other.destroy()).on('close', () => other.destroy());
        socket.pipe(other);
      }
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.port = (server.address() as { port: number }).port;
  }

  async cut(): Promise<void> {
    const server = this.#server!;
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
    await new Promise((resolve) => server.close(resolve));
  }
}

const database = await testDatabase(['acme']);
await database.superuser('CREATE TABLE effect (tenant_id text, name text)');
const tokens = await addPeople(database.app, ['acme']);
const url = new URL(database.url);
const wire = new Wire(url);
await wire.mend();
url.port = String(wire.port);
const runtime = await createRuntime({
  databaseUrl: url.toString(),
  registry: new Registry([leaveMark] as unknown as JobDefinition[]),
  log: quiet,
});
const app = buildApi({
  webhooks: await testWebhooks(),
  gateways: createGateways(),
  runtime,
  identity: createIdentity({ pool: runtime.pool, log: quiet }),
  pool: runtime.pool,
  clock: systemClock,
  config: { KIST_TRUSTED_PROXIES: '', KIST_CREDIT_BACKLOG_MAX: 10_000 },
  log: quiet,
});
afterAll(async () => {
  await app.close();
  await runtime.stop(2_000);
  await wire.cut();
  await database.close();
});

const leave = (name: string) =>
  app.inject({
    method: 'POST',
    url: '/v1/jobs/mark.leave',
    headers: { authorization: tokens.all },
    payload: { payload: { name } },
  });

test('while the database is away callers hear so at once; when it is back, so is everything', async () => {
  expect((await leave('before')).statusCode).toBe(202);

  await wire.cut();
  const callback = await app.inject({ method: 'POST', url: '/v1/webhooks/razorpay/acme', payload: '{}' });
  expect(callback.statusCode, 'the gateway will tell it again').toBe(503);
  for (let time = 0; time < 8; time += 1) {
    const answer = await leave('during');
    expect(answer.statusCode).toBe(503);
    expect(answer.json().code).toBe('database-unavailable');
    expect(answer.headers['retry-after']).toBe('1');
  }
  const asked_at = performance.now();
  await leave('during');
  expect(performance.now() - asked_at, 'the breaker spares the database the question').toBeLessThan(50);

  await wire.mend();
  await until('jobs are accepted again', async () => (await leave('after')).statusCode === 202);
  const accepted = await database.superuser('SELECT key FROM job ORDER BY id');
  expect(accepted.rows.map((row) => row.key)).toEqual(['before', 'after']);
  const audited = () =>
    database.superuser("SELECT outcome, error_code FROM audit WHERE action = 'jobs.accept' ORDER BY at");
  await until('the audit trail caught up', async () =>
    (await audited()).rows.some((row) => row.error_code === 'database-unavailable'),
  );
  expect((await audited()).rows[0]).toEqual({ outcome: 'SUCCESS', error_code: null });
});
