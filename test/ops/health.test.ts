import { fastify } from 'fastify';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { missingMigrations } from '../../src/db/migrate.ts';
import { type HealthOptions, mountHealth } from '../../src/ops/health.ts';
import { createMetrics } from '../../src/ops/metrics.ts';
import { startOpsServer } from '../../src/ops/server.ts';
import { Registry } from '../../src/runtime/registry.ts';
import { testDatabase } from '../support/database.ts';
import { until } from '../support/until.ts';
import { carriers, openCarrier, POSTGRES_CARRIER } from './carrier.ts';

const database = await testDatabase(['acme']);
const carrier = await openCarrier(POSTGRES_CARRIER, database.url);
afterAll(async () => {
  await carrier.close();
  await database.close();
});

function healthOf(options: Partial<HealthOptions> = {}) {
  const app = fastify();
  onTestFinished(() => app.close());
  mountHealth(app, {
    runtime: { ...carrier.runtime, registry: new Registry([]) },
    carrierPool: database.carrier,
    missingMigrations: () => missingMigrations(database.carrier),
    ...options,
  });
  return async (path: 'live' | 'ready') => {
    const answer = await app.inject(`/health/${path}`);
    return { code: answer.statusCode, ...answer.json() };
  };
}

async function overdueJob(key: string, more = '') {
  await database.superuser('DELETE FROM job');
  await database.superuser(
    `INSERT INTO job (tenant_id, kind, queue, key, fingerprint, version, payload, attempt_limit, accepted_by, run_at, sweep_at, ordering_key, lease_until)
     SELECT 'acme', 'loan.disburse', 'payouts', $1, '', 1, '{}', 5, 'service:test', now() - interval '1 hour', now(), ${more || 'NULL, NULL'}`,
    [key],
  );
}

function overdueAfter(key: string, ordering_key: string) {
  return database.superuser(
    `INSERT INTO job (tenant_id, kind, queue, key, fingerprint, version, payload, attempt_limit, accepted_by, run_at, sweep_at, ordering_key)
     VALUES ('acme', 'loan.disburse', 'payouts', $1, '', 1, '{}', 5, 'service:test', now() - interval '1 hour', now(), $2)`,
    [key, ordering_key],
  );
}

const tiny_seconds = 0.05;

describe('liveness of a worker', () => {
  const worker = { workerQueues: ['payouts'], stalled_seconds: tiny_seconds };

  test('it is dead when jobs are due and it has claimed none for too long, and lives again when it does', async () => {
    await overdueJob('waiting');
    const health = healthOf(worker);
    const stalled = await until('liveness fails', async () => {
      const answer = await health('live');
      return answer.code === 503 && answer;
    });
    expect(stalled.parts).toEqual({ process: 'ok', progress: 'failing' });
    carrier.runtime.events.emit('ran', { kind: 'loan.disburse', jobs: 1, seconds: 0.01 });
    expect(await health('live')).toMatchObject({ code: 200, parts: { progress: 'ok' } });
  });

  test('it lives when due jobs are leased by somebody', async () => {
    await overdueJob('leased', `NULL, now() + interval '1 minute'`);
    const health = healthOf(worker);
    await pastTheBound();
    expect(await health('live')).toMatchObject({ code: 200 });
  });

  test('it lives when a dead job bars the way of those that are due', async () => {
    await overdueJob('head', `'loan/7', NULL`);
    await database.superuser(`UPDATE job SET state = 'dead', ordering_blocks = true`);
    await overdueAfter('second', 'loan/7');
    const health = healthOf(worker);
    await pastTheBound();
    expect(await health('live')).toMatchObject({ code: 200 });
  });

  test('it is dead when due jobs may pass the dead job before them and nobody takes them', async () => {
    await overdueJob('head', `'loan/7', NULL`);
    await database.superuser(`UPDATE job SET state = 'dead', ordering_blocks = false`);
    await overdueAfter('second', 'loan/7');
    const health = healthOf(worker);
    await until('liveness fails', async () => (await health('live')).code === 503);
  });

  test('due jobs of queues it does not serve are not its business', async () => {
    await overdueJob('waiting');
    const health = healthOf({ ...worker, workerQueues: ['notices'] });
    await pastTheBound();
    expect(await health('live')).toMatchObject({ code: 200 });
  });
});

function pastTheBound() {
  const ends = performance.now() + tiny_seconds * 1_000;
  return until('the bound has passed', () => performance.now() > ends);
}

test('a process that is no worker is alive whatever waits', async () => {
  await overdueJob('waiting');
  expect(await healthOf()('live')).toEqual({ code: 200, status: 'ok', parts: { process: 'ok' } });
});

test.each(carriers)(
  'a process on $carrier is ready when database, carrier and migrations are',
  async ({ carrier: name, missing }) => {
    if (missing) return;
    const own = await openCarrier(name, database.url);
    onTestFinished(() => own.close());
    const health = healthOf({ runtime: { ...own.runtime, registry: new Registry([]) } });
    expect(await health('ready')).toEqual({
      code: 200,
      status: 'ok',
      parts: { database: 'ok', carrier: 'ok', migrations: 'ok' },
    });
  },
);

test('a process is not ready while a migration of its release is missing', async () => {
  const health = healthOf({ missingMigrations: async () => ['0099_tomorrow'] });
  expect(await health('ready')).toMatchObject({
    code: 503,
    parts: { migrations: 'failing', database: 'ok' },
  });
});

test('a process is not ready when the database is away, and says no more than that', async () => {
  const away = await testDatabase();
  await away.close();
  const health = healthOf({
    carrierPool: away.carrier,
    missingMigrations: () => missingMigrations(away.carrier),
  });
  expect(await health('ready')).toEqual({
    code: 503,
    status: 'failing',
    parts: { database: 'failing', carrier: 'ok', migrations: 'failing' },
  });
});

test('workers and clocks serve health and metrics on a port of their own', async () => {
  const server = await startOpsServer({
    config: { KIST_HOST: '127.0.0.1', KIST_OPS_PORT: 0 },
    metrics: createMetrics({ runtime: carrier.runtime, carrierPool: database.carrier }),
    health: {
      runtime: { ...carrier.runtime, registry: new Registry([]) },
      carrierPool: database.carrier,
      missingMigrations: () => missingMigrations(database.carrier),
    },
  });
  onTestFinished(() => server.stop());
  expect((await fetch(`${server.url}/health/ready`)).status).toBe(200);
  const metrics = await fetch(`${server.url}/metrics`);
  expect(metrics.headers.get('content-type')).toContain('text/plain');
  expect(await metrics.text()).toContain('kist_carrier_up 1');
});
