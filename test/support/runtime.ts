import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { sql } from 'slonik';
import { z } from 'zod';
import { againAfterConflict } from '../../src/db/transaction.ts';
import { defineAtomic, defineStaged, type JobDefinition } from '../../src/runtime/definition.ts';
import { Registry } from '../../src/runtime/registry.ts';
import { createRuntime, type RuntimeOptions } from '../../src/runtime/runtime.ts';
import type { JobView, Runtime } from '../../src/runtime/types.ts';
import { type TestDatabase, testDatabase } from './database.ts';
import { emptyRedis } from './redis.ts';

export const quiet = pino({ level: 'silent' });

/** Where test jobs leave their effects: one row an effect, so that doing it twice shows. */
const EFFECTS = `
  CREATE TABLE effect (
    tenant_id text NOT NULL DEFAULT current_tenant(), id bigint GENERATED ALWAYS AS IDENTITY, name text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp());
  CALL keep_tenants_apart('effect');
  GRANT SELECT, INSERT ON effect TO kist_app;`;

export interface TestRuntime {
  database: TestDatabase;
  runtime: Runtime;
  /** The names of the effects that jobs left, in the order they came. */
  effects(tenant?: string): Promise<string[]>;
  /** Accepts one job and returns it; throws where it is refused. */
  accept(
    kind: string,
    payload: unknown,
    options?: { key?: string; priority?: number; run_at?: Date },
    tenant?: string,
  ): Promise<JobView>;
  /** Waits until the job rests. */
  rested(job: JobView): Promise<JobView>;
  /** A second process, as it were, on the same database and carrier. */
  another(options?: Partial<RuntimeOptions>): Promise<Runtime>;
  flushCarrier(): Promise<void>;
  close(): Promise<void>;
}

export async function testRuntime(
  definitions: JobDefinition[],
  options: Partial<RuntimeOptions> & {
    tenants?: string[];
    schedules?: ConstructorParameters<typeof Registry>[1];
  } = {},
): Promise<TestRuntime> {
  const { tenants = ['acme'], schedules = [], ...overrides } = options;
  const database = await testDatabase(tenants);
  await database.superuser(EFFECTS);
  if (overrides.redisUrl) await emptyRedis(overrides.redisUrl);
  const open: Runtime[] = [];
  const another = async (more: Partial<RuntimeOptions> = {}): Promise<Runtime> => {
    const runtime = await createRuntime({
      databaseUrl: database.url,
      registry: new Registry(definitions, schedules),
      log: quiet,
      sweep_interval_ms: 200,
      sweep_after_ms: 500,
      ...overrides,
      ...more,
    });
    open.push(runtime);
    return runtime;
  };
  const runtime = await another();
  return {
    database,
    runtime,
    another,
    effects: async (tenant = tenants[0]!) => {
      const found = await database.superuser('SELECT name FROM effect WHERE tenant_id = $1 ORDER BY id', [
        tenant,
      ]);
      return found.rows.map((row) => row.name);
    },
    accept: async (kind, payload, { key, priority, run_at } = {}, tenant = tenants[0]!) => {
      const request = {
        kind,
        payload,
        ...(key ? { key } : {}),
        ...(priority ? { priority } : {}),
        ...(run_at ? { run_at } : {}),
      };
      const [acceptance] = await runtime.submit(tenant, 'service:test', [request]);
      if (acceptance!.status === 'refused') throw new Error(`${acceptance!.code}: ${acceptance!.message}`);
      return acceptance!.job;
    },
    rested: async (job) => {
      const rested = await runtime.waitForRest(job.tenant, job.id, 25_000);
      if (!rested || rested.state === 'pending')
        throw new Error(`Job ${job.kind} ${job.key} does not come to rest.`);
      return rested;
    },
    flushCarrier: () => (overrides.redisUrl ? emptyRedis(overrides.redisUrl) : truncateCarrier(database)),
    close: async () => {
      await Promise.all(open.map((each) => each.stop(2_000)));
      await database.close();
    },
  };
}

async function truncateCarrier(database: TestDatabase): Promise<void> {
  const tables = await database.superuser(
    `SELECT format('bullmq.%I', tablename) AS name FROM pg_tables WHERE schemaname = 'bullmq' AND tablename NOT LIKE '%migration%'`,
  );
  const truncate = `TRUNCATE ${tables.rows.map((row) => row.name).join(', ')} CASCADE`;
  // The carrier's own connections lock the same tables, in an order of theirs.
  await againAfterConflict(() => database.superuser(truncate));
}

const namePayload = z.strictObject({ name: z.string().min(1) });

/** A grouped job that leaves one effect a job. */
export const leaveMark = defineAtomic({
  kind: 'mark.leave',
  queue: 'marks',
  summary: 'Leaves one effect.',
  payload: namePayload,
  result: z.strictObject({ left: z.string() }),
  key: ({ name }) => name,
  retry: { attempts: 3, backoff_ms: 10, backoff_ms_max: 20 },
  run: async (tx, jobs) => {
    await mark(
      tx,
      jobs.map((job) => job.payload.name),
    );
    return jobs.map((job) => ({ left: job.payload.name }));
  },
});

type Tx = Parameters<typeof leaveMark.run>[0];

export async function mark(tx: Tx, names: string[]): Promise<void> {
  await tx.query(sql.unsafe`INSERT INTO effect (name) SELECT * FROM unnest(${sql.array(names, 'text')})`);
}

export { defineAtomic, defineStaged, namePayload, pause };
