import path from 'node:path';
import type { Logger } from 'pino';
import { createGuard } from './approvals/guard.ts';
import { type Clock, systemClock } from './calendar/clock.ts';
import type { Config } from './config.ts';
import { openEmbedded } from './db/embedded.ts';
import { migrate } from './db/migrate.ts';
import type { Webhooks } from './events/deliver.ts';
import { FanOutDuty } from './events/duty.ts';
import { FOLLOWERS } from './followers.ts';
import { FollowerDuty } from './following/duty.ts';
import { type AuditRow, recordAuditIn } from './identity/audit.ts';
import { createIdentity, type Identity } from './identity/identity.ts';
import { LaneDuty } from './notifications/lane-duty.ts';
import { AskDuty } from './notifications/receipts/ask-duty.ts';
import { createLog } from './ops/log.ts';
import { openOps } from './ops/ops.ts';
import { startTracing, traceRequests } from './ops/tracing.ts';
import type { Gateway } from './payments/gateway/gateway.ts';
import { LookDuty } from './payments/look-duty.ts';
import { createEvents } from './runtime/events.ts';
import type { AuditedJob, AuditJobs } from './runtime/execution.ts';
import { loadJobs } from './runtime/registry.ts';
import { createRuntime, type RuntimeOptions } from './runtime/runtime.ts';
import type { Runtime } from './runtime/types.ts';
import { openServices, type Paces } from './services.ts';

export const PARTS = ['api', 'worker', 'clock'] as const;
export type Part = (typeof PARTS)[number];

export const JOBS_FOLDER = path.resolve(import.meta.dirname, '../jobs');

export interface SystemOptions extends Paces {
  /** What this process does; all of it where left out. */
  parts?: readonly Part[];
  /** The queues that its worker consumes; all where left out. */
  queues?: string[];
  clock?: Clock;
  log?: Logger;
  /** Bring the database up to date first, as `release` does. */
  migrateFirst?: boolean;
  /** How soon a lost worker's jobs go to another one, and failed ones are tried again: simulated lives are short. */
  recovery?: Pick<RuntimeOptions, 'carrier_lock_ms' | 'lease_ms_max' | 'random'>;
}

export interface System {
  /** Where the API answers; undefined in a process without one. */
  url: string | undefined;
  databaseUrl: string;
  runtime: Runtime;
  identity: Identity;
  /** Stops claiming, finishes or gives back what is held, and closes everything; safe to call twice. */
  stop(): Promise<void>;
}

/** Opened things, to be closed in the opposite order; what closes late must not keep the rest open. */
class Closing {
  readonly #steps: (() => Promise<void> | void)[] = [];
  #closed: Promise<void> | null = null;

  add(step: () => Promise<void> | void): void {
    this.#steps.push(step);
  }

  run(): Promise<void> {
    this.#closed ??= this.#run();
    return this.#closed;
  }

  async #run(): Promise<void> {
    for (const step of this.#steps.reverse()) await step();
  }
}

/** Puts the parts together and starts those asked for. Whatever fails, what was opened is closed. */
export async function startSystem(config: Config, options: SystemOptions = {}): Promise<System> {
  const closing = new Closing();
  try {
    return await start(config, options, closing);
  } catch (error) {
    await closing.run();
    throw error;
  }
}

/** The database's address: DATABASE_URL, or an embedded Postgres that runs until `closing`. */
export async function openDatabase(config: Config, closing: Pick<Closing, 'add'>): Promise<string> {
  if (config.DATABASE_URL) return config.DATABASE_URL;
  const embedded = await openEmbedded(config.KIST_DATA);
  closing.add(() => embedded.stop());
  return embedded.url;
}

async function start(config: Config, options: SystemOptions, closing: Closing): Promise<System> {
  const { parts = PARTS, clock = systemClock, log = createLog(config) } = options;
  const databaseUrl = await openDatabase(config, closing);
  if (options.migrateFirst) await migrate(databaseUrl);
  const tracing = startTracing(config, log);
  if (tracing) closing.add(() => tracing.stop());
  const registry = await loadJobs(JOBS_FOLDER);
  const events = createEvents();
  const services = await openServices(config, events, options);
  closing.add(() => services.notifications.connections.close());
  const runtime = await createRuntime({
    databaseUrl,
    redisUrl: config.REDIS_URL,
    redisCluster: config.KIST_REDIS_CLUSTER,
    registry,
    log,
    clock,
    services,
    events,
    audit: auditJobs,
    duties: [
      ({ pool, carrierPool }) => new FollowerDuty({ pool, carrierPool, followers: FOLLOWERS, log }),
      (opened) => new FanOutDuty(opened, log),
      (opened) => new LookDuty(opened, clock, log),
      (opened) => new LaneDuty(opened, log),
      (opened) => new AskDuty(opened, clock, log),
    ],
    guard: createGuard(registry, clock),
    connections_max: config.KIST_DATABASE_CONNECTIONS,
    worker_concurrency: config.KIST_WORKER_CONCURRENCY,
    sweep_interval_ms: config.KIST_SWEEP_INTERVAL_MS,
    sweep_after_ms: config.KIST_SWEEP_AFTER_MS,
    retention_days: config.KIST_RETENTION_DAYS,
    shutdown_ms: config.KIST_SHUTDOWN_MS,
    ...options.recovery,
    ...(tracing ? { telemetry: tracing.telemetry } : {}),
  });
  closing.add(() => runtime.stop());
  const identity = createIdentity({ pool: runtime.pool, log });
  const { webhooks, payments } = services;
  const { gateways } = payments;
  const serving = {
    config,
    clock,
    log,
    runtime,
    identity,
    webhooks,
    gateways,
    parts,
    queues: options.queues,
  };
  const url = await serve(serving, closing);
  if (parts.includes('worker')) await runtime.startWorkers(options.queues);
  if (parts.includes('clock')) await runtime.startClock();
  return { url, databaseUrl, runtime, identity, stop: () => closing.run() };
}

interface Serving {
  config: Config;
  clock: Clock;
  log: Logger;
  runtime: Runtime;
  identity: Identity;
  webhooks: Webhooks;
  gateways: ReadonlyMap<string, Gateway>;
  parts: readonly Part[];
  queues: string[] | undefined;
}

/** The API with board, console, health and metrics; in other processes health and metrics alone. */
async function serve(serving: Serving, closing: Closing): Promise<string | undefined> {
  const { config, clock, runtime, identity, log, parts, queues = runtime.registry.queues() } = serving;
  const ops = openOps({ config, runtime, clock, log, workerQueues: parts.includes('worker') ? queues : [] });
  closing.add(() => ops.stop());
  if (!parts.includes('api')) {
    const server = await ops.listen();
    closing.add(() => server.stop());
    return undefined;
  }
  const { buildApi } = await import('./api/app.ts');
  const app = buildApi({ ...serving, pool: runtime.pool, registerMore: (more) => ops.mount(more, identity) });
  if (config.OTEL_EXPORTER_OTLP_ENDPOINT) traceRequests(app);
  closing.add(() => app.close());
  const url = await app.listen({ host: config.KIST_HOST, port: config.KIST_PORT });
  log.info({ url }, 'listening');
  return url;
}

/** The audit trail's line of each job, written with its result. */
const auditJobs: AuditJobs = (tx, jobs) => recordAuditIn(tx, jobs.map(auditRow));

function auditRow(job: AuditedJob): Omit<AuditRow, 'tenant'> {
  const [, kind, name] = /^(service|operator):(.*)$/.exec(job.actor) ?? [];
  return {
    actor_kind: (kind as 'service' | 'operator' | undefined) ?? 'system',
    actor: name ?? job.actor,
    action: job.kind,
    subject: job.id,
    duration_ms: job.duration_ms,
    outcome: job.outcome,
    error_code: job.error_code,
  };
}
