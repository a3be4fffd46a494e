import type {} from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import type { Pool } from '../db/pools.ts';
import type { RuntimeEvents } from '../runtime/events.ts';
import { type Registry, timeoutOf } from '../runtime/registry.ts';
import type { Runtime } from '../runtime/types.ts';
import { probeCarrier, probeDatabase } from './probes.ts';
import { hasOverdueJob } from './standing.ts';

/** A worker that claimed nothing for this long, while jobs were due all the time, is dead. */
const STALLED_SECONDS_MIN = 60;

type Part = 'ok' | 'failing';

export interface Health {
  status: Part;
  parts: Record<string, Part>;
}

export interface HealthOptions {
  runtime: Pick<Runtime, 'carrierQueues' | 'events' | 'registry'>;
  /** Acts as kist_carrier. */
  carrierPool: Pool;
  /** Names of the migrations that this release has and the database has not. */
  missingMigrations: () => Promise<string[]>;
  /** Queues whose jobs this process runs; none in a process that is no worker. */
  workerQueues?: string[];
  /** Overrides what is derived from the kinds' timeouts. */
  stalled_seconds?: number;
}

/**
 * GET /health/live: the process should go on living. It fails for a worker that has claimed nothing
 * although jobs were due. That the database or the carrier is away is no reason to end the process.
 * GET /health/ready: it can do its work now. Both answer 200 or 503, with the parts, without login.
 */
export function mountHealth(app: FastifyInstance, options: HealthOptions): void {
  const progress = new Progress(options.runtime.events);
  app.addHook('onClose', async () => progress.stop());
  const quiet = { schema: { hide: true }, logLevel: 'warn' } as const;
  app.get('/health/live', quiet, async (_request, reply) => {
    const health = await liveness(options, progress);
    return reply.code(health.status === 'ok' ? 200 : 503).send(health);
  });
  app.get('/health/ready', quiet, async (_request, reply) => {
    const health = await readiness(options);
    return reply.code(health.status === 'ok' ? 200 : 503).send(health);
  });
}

async function liveness(options: HealthOptions, progress: Progress): Promise<Health> {
  const { workerQueues = [], carrierPool, runtime } = options;
  if (workerQueues.length === 0) return summary({ process: 'ok' });
  const bound_seconds = options.stalled_seconds ?? stalledSeconds(runtime.registry, workerQueues);
  if (progress.silent_seconds() < bound_seconds) return summary({ process: 'ok', progress: 'ok' });
  const overdue = await hasOverdueJob(carrierPool, workerQueues, bound_seconds).catch(() => false);
  // With the carrier away nothing can be claimed, and a new process would fare no better.
  const stalled = overdue && (await carrierAnswers(runtime));
  return summary({ process: 'ok', progress: stalled ? 'failing' : 'ok' });
}

async function readiness({ runtime, carrierPool, missingMigrations }: HealthOptions): Promise<Health> {
  const [database, carrier, missing] = await Promise.all([
    probeDatabase(carrierPool),
    carrierAnswers(runtime),
    missingMigrations().catch(() => ['unknown']),
  ]);
  return summary({
    database: database ? 'ok' : 'failing',
    carrier: carrier ? 'ok' : 'failing',
    migrations: missing.length === 0 ? 'ok' : 'failing',
  });
}

function summary(parts: Record<string, Part>): Health {
  const status = Object.values(parts).every((part) => part === 'ok') ? 'ok' : 'failing';
  return { status, parts };
}

async function carrierAnswers(runtime: Pick<Runtime, 'carrierQueues'>): Promise<boolean> {
  const [first] = runtime.carrierQueues();
  return first !== undefined && probeCarrier(first.queue);
}

/** Twice the longest time one run may take, so that a long run is never mistaken for a dead worker. */
function stalledSeconds(registry: Registry, queues: string[]): number {
  const timeouts_ms = [...registry.kinds.values()]
    .filter((definition) => queues.includes(definition.queue))
    .map(timeoutOf);
  return Math.max(STALLED_SECONDS_MIN, (2 * Math.max(0, ...timeouts_ms)) / 1_000);
}

/** Held and cancelled are not among them: an API in the same process says those too. */
const SIGNS_OF_PROGRESS = ['ran', 'retried', 'snoozed', 'dead'] as const;

/** When this process last did anything with a job. */
class Progress {
  readonly #events: RuntimeEvents;
  readonly #mark = (): void => {
    this.#last_ms = performance.now();
  };
  #last_ms = performance.now();

  constructor(events: RuntimeEvents) {
    this.#events = events;
    for (const sign of SIGNS_OF_PROGRESS) events.on(sign, this.#mark);
  }

  silent_seconds(): number {
    return (performance.now() - this.#last_ms) / 1_000;
  }

  stop(): void {
    for (const sign of SIGNS_OF_PROGRESS) this.#events.off(sign, this.#mark);
  }
}
