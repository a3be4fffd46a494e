import type {} from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { type Clock, systemClock } from '../calendar/clock.ts';
import type { Pool } from '../db/pools.ts';
import { followersLag } from '../following/follow.ts';
import type { RuntimeEvents } from '../runtime/events.ts';
import type { Runtime } from '../runtime/types.ts';
import { daysMeasured } from './days.ts';
import { measureNotifications } from './notification-metrics.ts';
import { measurePayments } from './payment-metrics.ts';
import { probeCarrier, probeDatabase } from './probes.ts';
import { measureReconciliation } from './reconciliation-metrics.ts';
import { rested } from './rested.ts';
import { queueStandings } from './standing.ts';

const GROUP_SIZES = [1, 2, 4, 8, 16, 32, 64, 128, 256];
const RUN_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const ACCEPT_TO_DONE_SECONDS = [0.005, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 60, 300, 1_800, 7_200];

export interface MetricsOptions {
  runtime: Pick<Runtime, 'events' | 'carrierQueues'>;
  /** Acts as kist_carrier; reads how the queues stand when somebody scrapes. */
  carrierPool: Pool;
  /** By which breaks and late payouts are old. */
  clock?: Clock;
  /** Pools whose connections are counted, by a name for each. */
  pools?: Record<string, Pool>;
}

/** Everything measured in this process; docs/metrics.md is its catalogue. */
export function createMetrics(options: MetricsOptions): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  countJobs(registry, options.runtime.events);
  timeJobs(registry, options.runtime.events);
  countCarrier(registry, options.runtime.events);
  measurePayments(registry, options.runtime.events, options.carrierPool);
  measureReconciliation(registry, options.carrierPool, options.clock ?? systemClock);
  measureNotifications(registry, options.runtime.events, options.carrierPool);
  gaugeQueues(registry, options.carrierPool);
  gaugeFollowers(registry, options.carrierPool);
  gaugeDays(registry, options.carrierPool);
  gaugeServers(registry, options);
  return registry;
}

/** Serves the registry at /metrics, in the text format of Prometheus, without login. */
export function mountMetrics(app: FastifyInstance, registry: Registry): void {
  app.get('/metrics', { schema: { hide: true }, logLevel: 'warn' }, async (_request, reply) => {
    const text = await registry.metrics();
    return reply.header('content-type', registry.contentType).send(text);
  });
}

function countJobs(registry: Registry, events: RuntimeEvents): void {
  const counter = (name: string, help: string) =>
    new Counter({ name, help, labelNames: ['kind'] as const, registers: [registry] });
  const accepted = counter('kist_jobs_accepted_total', 'Jobs accepted: their rows are committed.');
  const replayed = counter('kist_jobs_replayed_total', 'Requests answered with a job accepted before.');
  events.on('accepted', ({ kind, count }) => accepted.inc({ kind }, count));
  events.on('replayed', ({ kind, count }) => replayed.inc({ kind }, count));
  const done = counter('kist_jobs_done_total', 'Jobs done: effects and result are committed.');
  const retried = counter('kist_jobs_retried_total', 'Attempts that failed and will be made again.');
  const snoozed = counter('kist_jobs_snoozed_total', 'Jobs put off without costing an attempt.');
  const dead = counter('kist_jobs_dead_total', 'Jobs that went to the dead letters.');
  const held = counter('kist_jobs_held_total', 'Jobs held for a person to decide.');
  const cancelled = counter('kist_jobs_cancelled_total', 'Jobs cancelled.');
  const redriven = counter('kist_jobs_redriven_total', 'Dead jobs sent on their way again.');
  events.on('done', ({ kind }) => done.inc({ kind }));
  events.on('retried', ({ kind }) => retried.inc({ kind }));
  events.on('snoozed', ({ kind }) => snoozed.inc({ kind }));
  events.on('dead', ({ kind }) => dead.inc({ kind }));
  events.on('held', ({ kind }) => held.inc({ kind }));
  events.on('cancelled', ({ kind }) => cancelled.inc({ kind }));
  events.on('redriven', ({ kind }) => redriven.inc({ kind }));
}

function timeJobs(registry: Registry, events: RuntimeEvents): void {
  const histogram = (name: string, help: string, buckets: number[]) =>
    new Histogram({ name, help, buckets, labelNames: ['kind'] as const, registers: [registry] });
  const sizes = histogram('kist_job_group_size', 'Jobs run in one transaction.', GROUP_SIZES);
  const runs = histogram('kist_job_run_seconds', 'Time one group, or one staged job, ran.', RUN_SECONDS);
  const whole = histogram(
    'kist_job_accept_to_done_seconds',
    'Time from the accepted row to the finished one.',
    ACCEPT_TO_DONE_SECONDS,
  );
  events.on('ran', ({ kind, jobs, seconds }) => {
    sizes.observe({ kind }, jobs);
    runs.observe({ kind }, seconds);
  });
  events.on('done', ({ kind, seconds_since_accept }) => whole.observe({ kind }, seconds_since_accept));
}

function countCarrier(registry: Registry, events: RuntimeEvents): void {
  const counter = (name: string, help: string) =>
    new Counter({ name, help, labelNames: ['queue'] as const, registers: [registry] });
  const dispatched = counter('kist_jobs_dispatched_total', 'Jobs handed to the carrier.');
  const failed = counter(
    'kist_dispatch_failures_total',
    'Jobs the carrier could not be handed; the sweeper does it later.',
  );
  const errors = counter('kist_carrier_errors_total', 'Errors the carrier reported.');
  events.on('dispatched', ({ queue, count }) => dispatched.inc({ queue }, count));
  events.on('dispatch-failed', ({ queue, count }) => failed.inc({ queue }, count));
  events.on('carrier-error', ({ queue }) => errors.inc({ queue }));
  const sweeps = new Counter({
    name: 'kist_sweeps_total',
    help: 'Sweeps: searches for due jobs that nobody works on.',
    registers: [registry],
  });
  const swept = new Counter({
    name: 'kist_swept_jobs_total',
    help: 'Jobs the sweeper dispatched again.',
    registers: [registry],
  });
  events.on('swept', ({ dispatched: jobs }) => {
    sweeps.inc();
    swept.inc(jobs);
  });
}

function gaugeQueues(registry: Registry, carrierPool: Pool): void {
  const standings = rested(() => queueStandings(carrierPool));
  new Gauge({
    name: 'kist_jobs',
    help: 'Jobs that are pending, dead or held, over all tenants.',
    labelNames: ['queue', 'state'] as const,
    registers: [registry],
    async collect() {
      this.reset();
      for (const { queue, state, jobs } of await standings()) this.set({ queue, state }, jobs);
    },
  });
  new Gauge({
    name: 'kist_oldest_due_job_seconds',
    help: 'How long the oldest job that could run has been waiting; 0 where none is due.',
    labelNames: ['queue'] as const,
    registers: [registry],
    async collect() {
      this.reset();
      for (const { queue, state, oldest_due_seconds } of await standings()) {
        if (state === 'pending') this.set({ queue }, oldest_due_seconds);
      }
    },
  });
}

function gaugeFollowers(registry: Registry, carrierPool: Pool): void {
  const lags = rested(async () => [await followersLag(carrierPool)]);
  const gauge = (name: string, help: string, field: keyof Awaited<ReturnType<typeof followersLag>>) =>
    new Gauge({
      ...{ name, help, registers: [registry] },
      async collect() {
        this.reset();
        for (const lag of await lags()) this.set(lag[field]);
      },
    });
  gauge(
    'kist_follower_lag_journals',
    'Journals that scores, alerts and events do not know of yet.',
    'journals',
  );
  gauge('kist_follower_lag_seconds', 'Age of the oldest of them; 0 where there is none.', 'oldest_seconds');
  gauge(
    'kist_follower_set_aside_journals',
    'Of these, those that followers failed at; they are tried again by and by.',
    'set_aside',
  );
}

function gaugeDays(registry: Registry, carrierPool: Pool): void {
  const tenants = rested(() => daysMeasured(carrierPool));
  const gauge = (
    name: string,
    help: string,
    value: (of: Awaited<ReturnType<typeof tenants>>[number]) => number | null,
  ) =>
    new Gauge({
      ...{ name, help, labelNames: ['tenant'] as const, registers: [registry] },
      async collect() {
        this.reset();
        for (const each of await tenants()) {
          const measured = value(each);
          if (measured !== null) this.set({ tenant: each.tenant }, measured);
        }
      },
    });
  gauge(
    'kist_day_closed_through_seconds',
    'Midnight, UTC, of the last business date that was closed, in seconds since 1970.',
    ({ closed_through }) => closed_through,
  );
  gauge(
    'kist_loans_set_aside',
    'Loans that the close of day could not carry; they are tried again by themselves.',
    ({ set_aside }) => set_aside,
  );
  gauge(
    'kist_invariants_broken',
    'What should always hold and does not: the day is not shut until somebody has looked.',
    ({ broken }) => broken,
  );
}

function gaugeServers(registry: Registry, { runtime, carrierPool, pools = {} }: MetricsOptions): void {
  new Gauge({
    name: 'kist_carrier_up',
    help: '1 while the carrier (Redis, or BullMQ on Postgres) answers.',
    registers: [registry],
    async collect() {
      const [first] = runtime.carrierQueues();
      this.set(first && (await probeCarrier(first.queue)) ? 1 : 0);
    },
  });
  new Gauge({
    name: 'kist_database_up',
    help: '1 while Postgres answers.',
    registers: [registry],
    async collect() {
      this.set((await probeDatabase(carrierPool)) ? 1 : 0);
    },
  });
  new Gauge({
    name: 'kist_database_connections',
    help: 'Connections of a pool that are in use or idle, and callers that wait for one.',
    labelNames: ['pool', 'state'] as const,
    registers: [registry],
    collect() {
      for (const [pool, { state }] of Object.entries({ ...pools, carrier: carrierPool })) {
        const { acquiredConnections, idleConnections, waitingClients } = state();
        this.set({ pool, state: 'in-use' }, acquiredConnections);
        this.set({ pool, state: 'idle' }, idleConnections);
        this.set({ pool, state: 'waiting' }, waitingClients);
      }
    },
  });
}
