import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { openEmbedded } from '../../src/db/embedded.ts';
import { migrate } from '../../src/db/migrate.ts';
import type { RuntimeOptions } from '../../src/runtime/runtime.ts';
import { createRuntime } from '../../src/runtime/runtime.ts';
import type { Runtime } from '../../src/runtime/types.ts';
import { carriers } from '../support/carriers.ts';
import { emptyRedis } from '../support/redis.ts';
import { quiet, testRuntime } from '../support/runtime.ts';
import { until } from '../support/until.ts';
import { faultKinds, faultRegistry, hasty } from './kinds.ts';

vi.setConfig({ testTimeout: 120_000 });

const JOBS = 1_000;
const REST_MS_MAX = 40_000;
const names = Array.from({ length: JOBS }, (_, index) => `steadfast ${index}`);
const EFFECT_TABLE = `
  CREATE TABLE effect (tenant_id text NOT NULL DEFAULT current_tenant(), id bigint GENERATED ALWAYS AS IDENTITY, name text NOT NULL);
  CALL keep_tenants_apart('effect');
  GRANT SELECT, INSERT ON effect TO kist_app;
  INSERT INTO tenant (tenant_id, name) VALUES ('acme', 'acme');`;

async function acceptAll(runtime: Runtime): Promise<void> {
  const requests = names.map((name) => ({ kind: 'mark.leave', payload: { name } }));
  const answers = await runtime.submit('acme', 'service:test', requests);
  expect(answers.every((answer) => answer.status === 'accepted')).toBe(true);
}

describe.each(carriers())('Postgres, on the $name carrier', ({ redisUrl, missing }) => {
  test.skipIf(missing)('restarted at once in the middle of 1,000 jobs: each is done once', async () => {
    const cluster = await ownCluster();
    if (redisUrl) await emptyRedis(redisUrl);
    const { runtime, query } = await cluster.start({ redisUrl });
    await acceptAll(runtime);
    await runtime.startWorkers();
    await runtime.startClock();
    await until(
      'some are done',
      async () => (await query('SELECT count(*)::int AS n FROM effect'))[0].n > 50,
    );
    await cluster.restart();
    await until(
      'all are at rest',
      async () => {
        const [{ n }] = await query(`SELECT count(*)::int AS n FROM job WHERE state <> 'pending'`);
        return n === JOBS;
      },
      REST_MS_MAX,
    );
    const effects = (await query('SELECT name FROM effect')).map((row) => row.name);
    expect(effects.sort()).toEqual([...names].sort());
    expect(await query('SELECT state, count(*)::int AS n FROM job GROUP BY state')).toEqual([
      { state: 'done', n: JOBS },
    ]);
  });

  test.skipIf(missing)('cutting every connection again and again: each is done once', async () => {
    const system = await testRuntime(faultKinds, { redisUrl, ...hasty });
    onTestFinished(() => system.close());
    await acceptAll(system.runtime);
    await system.runtime.startWorkers();
    await system.runtime.startClock();
    for (const done of [1, 200, 500]) {
      await until('some more are done', async () => (await system.effects()).length >= done);
      await system.database.superuser(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()`,
      );
    }
    await until('all are done', async () => (await system.effects()).length >= JOBS, REST_MS_MAX);
    expect((await system.effects()).sort()).toEqual([...names].sort());
  });
});

/** A Postgres of the test's own, with fsync on: what it says it has committed must be there again. */
async function ownCluster() {
  const folder = await mkdtemp(path.join(tmpdir(), 'kist-faults-'));
  const embedded = await openEmbedded(folder);
  const open: (() => Promise<unknown>)[] = [];
  onTestFinished(async () => {
    for (const close of open.reverse()) await close();
    await embedded.stop();
    await rm(folder, { recursive: true, force: true });
  });
  return {
    restart: () => embedded.restart('immediate'),
    start: async (options: Partial<RuntimeOptions>) => {
      await migrate(embedded.url);
      const client = new pg.Pool({ connectionString: embedded.url, max: 2 });
      client.on('error', () => {});
      open.push(() => client.end());
      await client.query(EFFECT_TABLE);
      const runtime = await createRuntime({
        ...{ databaseUrl: embedded.url, registry: faultRegistry, log: quiet },
        ...hasty,
        ...options,
      });
      open.push(() => runtime.stop(2_000));
      /** Answers nothing while the server is away. */
      const query = async (text: string): Promise<ReturnType<typeof JSON.parse>[]> =>
        client.query(text).then(
          ({ rows }) => rows,
          () => [{ n: 0 }],
        );
      return { runtime, query };
    },
  };
}
