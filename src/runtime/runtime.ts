import { hostname } from 'node:os';
import type { Queue, Telemetry } from 'bullmq';
import type { Logger } from 'pino';
import { type Clock, systemClock } from '../calendar/clock.ts';
import { openPool, type Pool, type Transaction } from '../db/pools.ts';
import { inTenant } from '../db/transaction.ts';
import { ACCEPT_BATCH_MAX, type PreparedJob, prepareJob } from './accept.ts';
import { Archivist } from './archive.ts';
import { Carrier } from './carrier.ts';
import { DeadLetters, deadQueueOf } from './dead-letters.ts';
import type { JobDefinition, JobRequest, Services } from './definition.ts';
import { Dispatcher } from './dispatcher.ts';
import { after, ClockDuty, type Duty, giveUp, type OpenDuty, openKinds, WorkerDuty } from './duties.ts';
import { createEvents, type RuntimeEvents } from './events.ts';
import { type AuditJobs, afterAccept, dispatchHeads, type Execution } from './execution.ts';
import { findJob, listAttempts, listJobs } from './queries.ts';
import type { Registry } from './registry.ts';
import { Running } from './running.ts';
import { Schedules } from './schedules.ts';
import { Submitter } from './submitter.ts';
import { Sweeper } from './sweeper.ts';
import { listSwitches } from './switches.ts';
import {
  type Acceptance,
  type AcceptInTransaction,
  type AttemptView,
  type Barred,
  type Guard,
  type JobFilter,
  type JobView,
  type KillSwitch,
  RESTING_STATES,
  type Runtime,
  type Wish,
} from './types.ts';
import { Unit } from './unit.ts';
import { Waiting } from './waiting.ts';
import { cancelJob } from './wishes.ts';

export interface RuntimeOptions {
  databaseUrl: string;
  /** Set: Redis carries; unset: BullMQ's PostgreSQL backend in the same database. */
  redisUrl?: string | undefined;
  redisCluster?: boolean;
  registry: Registry;
  log: Logger;
  clock?: Clock;
  services?: Services;
  /** Writes the audit lines of jobs in the transaction in which they come to rest. */
  audit?: AuditJobs;
  /** Where the runtime tells what happens, if others tell of themselves there as well; its own where left out. */
  events?: RuntimeEvents;
  /** Which wishes need another person's word; where left out, none does. */
  guard?: Guard;
  telemetry?: Telemetry;
  /** Connections of the application's pool; the carrier's own come on top. */
  connections_max?: number;
  /** Jobs that one worker process takes from the carrier at once, a queue. */
  worker_concurrency?: number;
  sweep_interval_ms?: number;
  sweep_after_ms?: number;
  /** Jobs that came to rest longer ago leave the hot table. */
  retention_days?: number;
  shutdown_ms?: number;
  /** How long the carrier waits for a sign of life from a worker before it hands its jobs to another. */
  carrier_lock_ms?: number;
  /** A staged job's lease outlasts its call by this much, for settling. */
  lease_margin_ms?: number;
  /** No lease is longer, whatever the kind: for lives that cannot wait for the job of a worker that died. */
  lease_ms_max?: number;
  /** What else worker processes do, begun with their workers and stopped with them. */
  duties?: readonly OpenDuty[];
  /** Full jitter's dice. */
  random?: () => number;
}

/** A stop waits this long for the dispatcher and the database each to take leave, and for the carrier. */
const FAREWELL_MS = 1_000;
const CARRIER_FAREWELL_MS = 2_500;
const CARRIER_CONNECTIONS_MAX = 4;
const DEFAULTS = {
  clock: systemClock,
  services: {} as Services,
  audit: (async () => {}) as AuditJobs,
  guard: { redrive: async () => null, setSwitch: async () => null, clearSwitch: async () => null } as Guard,
  connections_max: 16,
  worker_concurrency: 128,
  sweep_interval_ms: 5_000,
  sweep_after_ms: 20_000,
  retention_days: 30,
  shutdown_ms: 25_000,
  carrier_lock_ms: 15_000,
  lease_margin_ms: 10_000,
  lease_ms_max: Number.POSITIVE_INFINITY,
  duties: [] as readonly OpenDuty[],
  random: Math.random,
};

/** Opens pools and carrier. Workers and clock start only when told. */
export async function createRuntime(options: RuntimeOptions): Promise<Runtime> {
  const settings = { ...DEFAULTS, ...withoutUndefined(options) };
  const [pool, carrierPool] = await Promise.all([
    openPool(settings.databaseUrl, { role: 'kist_app', connections_max: settings.connections_max }),
    openPool(settings.databaseUrl, { role: 'kist_carrier', connections_max: CARRIER_CONNECTIONS_MAX }),
  ]);
  const { events = createEvents() } = options;
  for (const each of [pool, carrierPool])
    each.on('error', (error) => settings.log.warn({ err: error }, 'database'));
  const carrier = new Carrier({
    ...settings,
    onError: (queue, error) => events.emit('carrier-error', { queue, error }),
  });
  try {
    await carrier.ready();
    for (const name of settings.registry.queues()) {
      for (const each of [name, deadQueueOf(name)]) carrier.queue(each);
    }
    await carrier.opened();
  } catch (error) {
    await Promise.all([carrier.close(), pool.end(), carrierPool.end()]);
    throw error;
  }
  return new KistRuntime(settings, pool, carrierPool, events, carrier);
}

type Settings = RuntimeOptions & typeof DEFAULTS;

class KistRuntime implements Runtime {
  readonly registry: Registry;
  readonly pool: Pool;
  readonly events: RuntimeEvents;
  readonly #settings: Settings;
  readonly carrierPool: Pool;
  readonly #carrier: Carrier;
  readonly #execution: Execution;
  readonly #submitter: Submitter;
  readonly #schedules: Schedules;
  readonly #sweeper: Sweeper;
  readonly #waiting: Waiting;
  readonly #duties: Duty[] = [];
  #stopping: Promise<void> | null = null;

  constructor(settings: Settings, pool: Pool, carrierPool: Pool, events: RuntimeEvents, carrier: Carrier) {
    this.registry = settings.registry;
    this.pool = pool;
    this.events = events;
    this.#settings = settings;
    this.carrierPool = carrierPool;
    this.#carrier = carrier;
    this.#execution = {
      ...settings,
      pool,
      events,
      dispatcher: new Dispatcher(carrier, events),
      deadLetters: new DeadLetters(carrier, events),
      running: new Running(),
      worker: `${hostname()}:${process.pid}`,
    };
    this.#submitter = new Submitter({
      pool,
      sweep_after_ms: settings.sweep_after_ms,
      onAccepted: (tenant, batch) => afterAccept(this.#execution, tenant, batch),
    });
    this.#schedules = new Schedules(this.#execution, carrierPool);
    this.#sweeper = new Sweeper({
      ...this.#execution,
      app: pool,
      carrierPool,
      carrier,
      giveUp: (job) => giveUp(this.#execution, job),
    });
    this.#waiting = new Waiting(pool, events);
  }

  async submit(tenant: string, actor: string, requests: JobRequest[], trace?: string): Promise<Acceptance[]> {
    if (requests.length > ACCEPT_BATCH_MAX) throw new RangeError(`At most ${ACCEPT_BATCH_MAX} jobs at once.`);
    const acceptances: Acceptance[] = [];
    const fit: { index: number; job: PreparedJob }[] = [];
    requests.forEach((request, index) => {
      const prepared = prepareJob(this.registry, request, actor, trace ?? null);
      if ('status' in prepared) acceptances[index] = prepared;
      else fit.push({ index, job: prepared });
    });
    if (fit.length === 0) return acceptances;
    const answered = await this.#submitter.submit(
      tenant,
      fit.map(({ job }) => job),
    );
    fit.forEach(({ index }, place) => {
      acceptances[index] = answered[place]!;
    });
    return acceptances;
  }

  async transact<T>(
    tenant: string,
    actor: string,
    work: (tx: Transaction, accept: AcceptInTransaction, unit: Unit) => Promise<T>,
    trace?: string,
  ): Promise<T> {
    const unit = new Unit(this.#execution, tenant, actor, trace ?? null);
    const answer = await inTenant(this.pool, tenant, (tx) => {
      unit.begin(tx);
      return work(tx, unit.accept, unit);
    });
    await unit.committed();
    return answer;
  }

  find(tenant: string, id: string): Promise<JobView | null> {
    return inTenant(this.pool, tenant, (tx) => findJob(tx, id));
  }

  async attempts(tenant: string, id: string): Promise<AttemptView[]> {
    return [...(await inTenant(this.pool, tenant, (tx) => listAttempts(tx, id)))];
  }

  async list(tenant: string, filter: JobFilter): Promise<JobView[]> {
    return [...(await inTenant(this.pool, tenant, (tx) => listJobs(tx, filter)))];
  }

  async waitForRest(tenant: string, id: string, timeout_ms: number): Promise<JobView | null> {
    const job = await this.find(tenant, id);
    if (!job || RESTING_STATES.includes(job.state)) return job;
    await this.#waiting.forRest(tenant, id, timeout_ms);
    return this.find(tenant, id);
  }

  async cancel(tenant: string, id: string, actor: string): Promise<Wish> {
    const granted = await inTenant(this.pool, tenant, (tx) => cancelJob(tx, id, actor));
    if (granted.ordering_key) dispatchHeads(this.#execution, tenant, [granted.ordering_key]);
    if (granted.wish.done && granted.wish.job.state === 'cancelled') {
      const { kind, key, attempt, code, message } = granted.wish.job;
      this.events.emit('cancelled', {
        tenant,
        kind,
        id,
        key,
        attempt,
        code: code ?? '',
        message: message ?? '',
      });
    }
    return granted.wish;
  }

  redrive(tenant: string, id: string, actor: string): Promise<Wish> {
    const { guard } = this.#settings;
    return this.transact(
      tenant,
      actor,
      async (tx, _, unit) => (await guard.redrive(tx, tenant, id, actor)) ?? unit.redrive(id),
    );
  }

  release(tenant: string, id: string, actor: string): Promise<Wish> {
    return this.transact(tenant, actor, (_tx, _accept, unit) => unit.wish(id, 'release'));
  }

  drop(tenant: string, id: string, actor: string): Promise<Wish> {
    return this.transact(tenant, actor, (_tx, _accept, unit) => unit.wish(id, 'drop'));
  }

  setSwitch(tenant: string, kind: string, reason: string, actor: string): Promise<Barred | null> {
    return this.transact(tenant, actor, async (tx, _, unit) => {
      const barred = await this.#settings.guard.setSwitch(tx, tenant, kind, reason, actor);
      if (!barred) await unit.setSwitch(kind, reason);
      return barred;
    });
  }

  clearSwitch(tenant: string, kind: string, actor: string): Promise<Barred | null> {
    return this.transact(tenant, actor, async (tx, _, unit) => {
      const barred = await this.#settings.guard.clearSwitch(tx, tenant, kind, actor);
      if (!barred) await unit.clearSwitch(kind);
      return barred;
    });
  }

  async switches(tenant: string): Promise<KillSwitch[]> {
    return [...(await inTenant(this.pool, tenant, (tx) => listSwitches(tx)))];
  }

  carrierQueues(): { queue: Queue; definitions: JobDefinition[]; dead: boolean }[] {
    const all = [...this.registry.kinds.values()];
    return this.registry.queues().flatMap((name) => {
      const definitions = all.filter((definition) => definition.queue === name);
      return [
        { queue: this.#carrier.queue(name), definitions, dead: false },
        { queue: this.#carrier.queue(deadQueueOf(name)), definitions, dead: true },
      ];
    });
  }

  async startWorkers(queues: string[] = this.registry.queues()): Promise<void> {
    const unknown = queues.filter((queue) => !this.registry.queues().includes(queue));
    if (unknown.length > 0) throw new Error(`No such queue: ${unknown.join(', ')}.`);
    const orphans = (await openKinds(this.carrierPool)).filter((kind) => !this.registry.get(kind));
    if (orphans.length > 0) {
      throw new Error(`There are open jobs that this release has no handler for: ${orphans.join(', ')}.`);
    }
    this.#duties.push(
      new WorkerDuty(this.#execution, this.#carrier, queues, this.#settings.worker_concurrency),
    );
    this.#duties.push(...this.#settings.duties.map((open) => open(this)));
    for (const queue of queues) {
      this.#execution.deadLetters.consume(queue, (tenant, id, actor) => this.redrive(tenant, id, actor));
    }
    await this.#carrier.opened();
  }

  async startClock(): Promise<void> {
    const { sweep_interval_ms, retention_days, log } = this.#settings;
    const onError = (error: Error) => log.warn({ err: error }, 'clock');
    const archivist = new Archivist({ app: this.pool, carrierPool: this.carrierPool, retention_days });
    const duty = new ClockDuty(this.#schedules, this.#sweeper, archivist, { sweep_interval_ms, onError });
    this.#duties.push(duty);
    await duty.start(this.#carrier);
  }

  runSchedules(): Promise<number> {
    return this.#schedules.run();
  }

  sweep(): Promise<number> {
    return this.#sweeper.sweep();
  }

  carrierAnswers(timeout_ms: number): Promise<boolean> {
    return this.#carrier.answers(timeout_ms);
  }

  stop(deadline_ms: number = this.#settings.shutdown_ms): Promise<void> {
    this.#stopping ??= this.#stop(deadline_ms);
    return this.#stopping;
  }

  async #stop(deadline_ms: number): Promise<void> {
    await Promise.all(this.#duties.map((duty) => duty.stop(deadline_ms)));
    // A carrier that does not answer must not keep the process: the sweeper tells it what is left.
    await Promise.race([this.#execution.dispatcher.settled(), after(FAREWELL_MS)]);
    this.#waiting.close();
    await Promise.race([this.#carrier.close(), after(CARRIER_FAREWELL_MS)]);
    await Promise.race([Promise.all([this.pool.end(), this.carrierPool.end()]), after(FAREWELL_MS)]);
  }
}

function withoutUndefined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}
