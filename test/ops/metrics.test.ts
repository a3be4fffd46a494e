import { afterAll, expect, test } from 'vitest';
import { metricsPage } from '../../src/ops/catalogue.ts';
import { createMetrics } from '../../src/ops/metrics.ts';
import { sql, testDatabase } from '../support/database.ts';
import { openCarrier, POSTGRES_CARRIER } from './carrier.ts';

const database = await testDatabase(['acme', 'globex']);
const carrier = await openCarrier(POSTGRES_CARRIER, database.url);
afterAll(async () => {
  await carrier.close();
  await database.close();
});
const metrics = createMetrics({
  runtime: carrier.runtime,
  carrierPool: database.carrier,
  pools: { app: database.app },
});
const { events } = carrier.runtime;
const about = { tenant: 'acme', kind: 'loan.disburse', id: 'j-1', key: 'loan-7', attempt: 1 };
const refusal = { ...about, code: 'gateway-down', message: 'no answer' };

function addJob(tenant: string, queue: string, key: string, state: string, runAt: string) {
  return database.superuser(
    `INSERT INTO job (tenant_id, kind, queue, key, fingerprint, version, payload, attempt_limit, accepted_by, state, run_at, sweep_at)
     VALUES ($1, 'loan.disburse', $2, $3, '', 1, '{}', 5, 'service:test', $4, now() + $5::interval, now())`,
    [tenant, queue, key, state, runAt],
  );
}

test('what happens to jobs is counted and timed per kind', async () => {
  events.emit('accepted', { tenant: 'acme', kind: 'loan.disburse', count: 500 });
  events.emit('ran', { kind: 'loan.disburse', jobs: 64, seconds: 0.02 });
  events.emit('done', { ...about, seconds_since_accept: 0.2 });
  events.emit('retried', refusal);
  events.emit('dead', refusal);
  events.emit('held', refusal);
  events.emit('cancelled', refusal);
  events.emit('redriven', about);
  events.emit('dispatch-failed', { queue: 'payouts', count: 3, error: new Error('away') });
  events.emit('swept', { looked_at: 4, dispatched: 2 });

  const text = await metrics.metrics();
  expect(text).toContain('kist_jobs_accepted_total{kind="loan.disburse"} 500');
  for (const word of ['done', 'retried', 'dead', 'held', 'cancelled', 'redriven']) {
    expect(text).toContain(`kist_jobs_${word}_total{kind="loan.disburse"} 1`);
  }
  expect(text).toContain('kist_job_group_size_bucket{le="64",kind="loan.disburse"} 1');
  expect(text).toContain('kist_job_group_size_bucket{le="32",kind="loan.disburse"} 0');
  expect(text).toContain('kist_job_run_seconds_bucket{le="0.025",kind="loan.disburse"} 1');
  expect(text).toContain('kist_job_accept_to_done_seconds_sum{kind="loan.disburse"} 0.2');
  expect(text).toContain('kist_dispatch_failures_total{queue="payouts"} 3');
  expect(text).toContain('kist_swept_jobs_total 2');
  expect(text).toContain('nodejs_eventloop_lag_p99_seconds');
});

test('the queues of all tenants are told apart by state, and the oldest due job has an age', async () => {
  await addJob('acme', 'payouts', 'old', 'pending', '-90 seconds');
  await addJob('globex', 'payouts', 'younger', 'pending', '-5 seconds');
  await addJob('acme', 'payouts', 'later', 'pending', '1 day');
  await addJob('acme', 'notices', 'tomorrow', 'pending', '1 day');
  await addJob('globex', 'notices', 'buried', 'dead', '-1 day');
  await addJob('acme', 'notices', 'kept', 'held', '-1 day');
  const fresh = createMetrics({ runtime: carrier.runtime, carrierPool: database.carrier });

  const text = await fresh.metrics();

  expect(text).toContain('kist_jobs{queue="payouts",state="pending"} 3');
  expect(text).toContain('kist_jobs{queue="notices",state="dead"} 1');
  expect(text).toContain('kist_jobs{queue="notices",state="held"} 1');
  expect(text).toContain('kist_oldest_due_job_seconds{queue="notices"} 0');
  const [, age] = /kist_oldest_due_job_seconds\{queue="payouts"\} (\S+)/.exec(text)!;
  expect(Math.floor(Number(age))).toBeGreaterThanOrEqual(90);
  expect(Math.floor(Number(age))).toBeLessThan(120);
});

test('how far the followers are behind the books is told, and what they failed at', async () => {
  await database.superuser(
    `INSERT INTO unfollowed (tenant_id, journals, posted_at, failures)
     VALUES ('acme', array_fill(gen_random_uuid(), ARRAY[3]), now() - interval '40 seconds', 0),
            ('globex', array_fill(gen_random_uuid(), ARRAY[2]), now(), 1)`,
  );
  const text = await createMetrics({
    runtime: carrier.runtime,
    carrierPool: database.carrier,
  }).metrics();
  expect(text).toContain('kist_follower_lag_journals 5');
  expect(text).toContain('kist_follower_set_aside_journals 2');
  const [, age] = /^kist_follower_lag_seconds (\S+)/m.exec(text)!;
  expect(Math.floor(Number(age))).toBeGreaterThanOrEqual(40);
  expect(Math.floor(Number(age))).toBeLessThan(70);
});

test('counting reads the unfinished jobs only, however many are finished', async () => {
  await database.superuser(`
    INSERT INTO job (tenant_id, kind, queue, key, fingerprint, version, payload, attempt_limit, accepted_by, state, rested_at)
    SELECT 'acme', 'loan.disburse', 'payouts', 'done-' || n, '', 1, '{}', 5, 'service:test', 'done', now()
    FROM generate_series(1, 20000) AS n`);
  await database.superuser('ANALYZE job');
  const plan = await database.carrier.any(sql.unsafe`
    EXPLAIN SELECT queue, count(*) FROM job WHERE state IN ('dead', 'held') GROUP BY queue
    UNION ALL SELECT queue, count(*) FROM job WHERE state = 'pending' GROUP BY queue`);
  expect(JSON.stringify(plan)).toContain('job_due');
  expect(JSON.stringify(plan)).toContain('job_troubled');
  expect(JSON.stringify(plan)).not.toContain('Seq Scan');
});

test('carrier, database and pools are told', async () => {
  const text = await metrics.metrics();
  expect(text).toContain('kist_carrier_up 1');
  expect(text).toContain('kist_database_up 1');
  expect(text).toMatch(/kist_database_connections\{pool="app",state="in-use"\} 0/);
});

test('docs/metrics.md is the catalogue of these metrics', async () => {
  await expect(await metricsPage(metrics)).toMatchFileSnapshot('../../docs/metrics.md');
});
