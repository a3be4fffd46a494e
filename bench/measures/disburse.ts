import { compared, inTurn, type Measure, type Plan, percentile, round } from '../measure.ts';
import { acceptDisbursals, type Lender, openLender, TENANT } from '../portfolio.ts';
import { type Servers, startChild, startServers } from '../servers.ts';

interface Rate {
  rate: number;
}

interface WorkerAnswer extends Rate {
  memory_mb: number;
}

/** Disbursals from the queue with their full effect, by a worker process of Kist. */
export async function kistDisburses(
  servers: Servers,
  lender: Lender,
  redisUrl: string | null,
  jobs: number,
): Promise<WorkerAnswer> {
  await acceptDisbursals(servers, redisUrl, await lender.openLoans(jobs));
  const task = { databaseUrl: servers.databaseUrl, redisUrl, expected: jobs, queue: 'disbursals' };
  return answerOf<WorkerAnswer>('worker', task);
}

async function answerOf<Answer>(child: string, task: Record<string, unknown>): Promise<Answer> {
  const process = await startChild<Answer>(child, task);
  try {
    return await process.answer;
  } finally {
    await process.stop();
  }
}

async function withLender<T>(work: (servers: Servers, lender: Lender) => Promise<T>): Promise<T> {
  const servers = await startServers();
  const lender = await openLender(servers);
  try {
    return await work(servers, lender);
  } finally {
    await lender.close();
    await servers.stop();
  }
}

/** Against graphile-worker and against the floor, and the memory that the worker took. */
export function disburseOnRedis(plan: Plan): Promise<Measure[]> {
  return withLender(async (servers, lender) => {
    const { databaseUrl, redisUrl } = servers;
    const other = (child: string) => async () => {
      const loans = await lender.openLoans(plan.jobs);
      return answerOf<Rate>(child, { databaseUrl, tenant: TENANT, loans });
    };
    const kist = () => kistDisburses(servers, lender, redisUrl, plan.jobs);
    await kistDisburses(servers, lender, redisUrl, 500);
    const race = await inTurn(plan.rounds, kist, other('graphile'));
    const floor = await inTurn(plan.rounds, kist, other('floor'));
    const rates = (answers: Rate[]) => answers.map(({ rate }) => rate);
    const memory_mb = Math.max(...[...race.a, ...floor.a].map((answer) => answer.memory_mb));
    return [
      compared(
        'disburse-redis-vs-graphile',
        'jobs/s',
        rates(race.a),
        { name: 'graphile-worker, batched local queue', values: rates(race.b) },
        2,
      ),
      compared(
        'disburse-redis-vs-floor',
        'jobs/s',
        rates(floor.a),
        { name: 'the grouped SQL in a bare loop', values: rates(floor.b) },
        0.45,
      ),
      {
        name: 'worker-memory',
        value: round(memory_mb),
        unit: 'MB',
        against: { name: 'bound', value: 250 },
        ratio: round(memory_mb / 250),
        target: 1,
        higherIsBetter: false,
      },
    ];
  });
}

/** On BullMQ's PostgreSQL backend, against jobs that do nothing there. */
export function disburseOnPostgres(plan: Plan): Promise<Measure[]> {
  const jobs = Math.ceil(plan.jobs / 3);
  return withLender(async (servers, lender) => {
    const kist = () => kistDisburses(servers, lender, null, jobs);
    const noop = () =>
      answerOf<Rate>('raw-bullmq', { what: 'postgres-noop', databaseUrl: servers.databaseUrl, count: jobs });
    const { a, b } = await inTurn(plan.rounds, kist, noop);
    const rates = (answers: Rate[]) => answers.map(({ rate }) => rate);
    const against = { name: 'no-op jobs on BullMQ’s PostgreSQL backend, 100 at once', values: rates(b) };
    return [compared('disburse-postgres-vs-noop', 'jobs/s', rates(a), against, 0.6)];
  });
}

/** With finished jobs kept in the hot table, against the same table without them. */
export function disburseBesideKept(plan: Plan): Promise<Measure[]> {
  return withLender(async (servers, lender) => {
    const measure = async () => (await kistDisburses(servers, lender, servers.redisUrl, plan.jobs)).rate;
    await kistDisburses(servers, lender, servers.redisUrl, 500);
    const empty: number[] = [];
    const full: number[] = [];
    for (let round = 0; round < plan.rounds; round += 1) {
      await servers.sql(`DELETE FROM job WHERE key LIKE 'kept-%'`);
      await servers.sql('VACUUM ANALYZE job');
      empty.push(await measure());
      await keepFinished(servers, plan.kept);
      full.push(await measure());
    }
    const against = { name: 'an empty table', values: empty };
    return [compared('throughput-beside-kept-jobs', 'jobs/s', full, against, 0.9)];
  });
}

async function keepFinished(servers: Servers, count: number): Promise<void> {
  await servers.sql(
    `INSERT INTO job (tenant_id, id, kind, queue, key, fingerprint, version, payload, state, attempt_limit, run_at,
                      result, accepted_by, accepted_at, rested_at)
     SELECT $1, uuidv7(-(($2 - n) * interval '1 second')), 'wallet.deposit', 'wallets', 'kept-' || n, sha256(n::text::bytea), 1,
            jsonb_build_object('wallet', gen_random_uuid(), 'amount', '100.00', 'reference', n::text), 'done', 5, now(),
            jsonb_build_object('outcome', 'deposited', 'journal', gen_random_uuid()), 'service:bench', now(), now()
     FROM generate_series(1, $2::int) AS n`,
    [TENANT, count],
  );
  await servers.sql('VACUUM ANALYZE job');
}

/** From accept to done at a steady rate over HTTP, against graphile-worker at the same rate. */
export function latency(plan: Plan): Promise<Measure[]> {
  const PER_SECOND = 100;
  return withLender(async (servers, lender) => {
    const { databaseUrl, redisUrl } = servers;
    const loans = await lender.openLoans(plan.latency_seconds * PER_SECOND);
    const api = await startChild('api', { databaseUrl, redisUrl });
    const worker = await startChild('worker', {
      databaseUrl,
      redisUrl,
      expected: loans.length,
      queue: 'disbursals',
    });
    const load = await startChild('http-load', {
      url: api.ready.url,
      path: '/v1/jobs/loan.disburse',
      token: await lender.token(),
      bodies: loans.map((loan) => JSON.stringify({ payload: { loan } })),
      connections: 8,
      jobs_per_request: 1,
      per_second: PER_SECOND,
    });
    await worker.answer;
    await Promise.all([load.stop(), worker.stop(), api.stop()]);
    const rows = await servers.sql(
      `SELECT extract(epoch FROM rested_at - accepted_at)::float8 * 1000 AS ms FROM job
       WHERE kind = 'loan.disburse' AND state = 'done' ORDER BY id OFFSET $1`,
      [PER_SECOND],
    );
    const kist = rows.rows.map((row) => row.ms as number);
    const others = await lender.openLoans(loans.length);
    const rival = await answerOf<{ latencies_ms: number[] }>('graphile', {
      databaseUrl,
      tenant: TENANT,
      loans: others,
      per_second: PER_SECOND,
    });
    const graphile = rival.latencies_ms.slice(PER_SECOND);
    return [
      latencyMeasure('latency-p50', kist, graphile, 50, 5),
      latencyMeasure('latency-p99', kist, graphile, 99, 30),
    ];
  });
}

function latencyMeasure(
  name: string,
  kist: number[],
  graphile: number[],
  percent: number,
  target: number,
): Measure {
  const value = percentile(kist, percent);
  const other = percentile(graphile, percent);
  return {
    name,
    value: round(value),
    unit: 'ms',
    against: { name: 'graphile-worker', value: round(other) },
    ratio: round(value / other),
    target,
    higherIsBetter: false,
  };
}
