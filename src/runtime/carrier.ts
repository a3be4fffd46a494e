import { createPostgresBackend, type JobsOptions, type PgPool, Queue, type Telemetry, Worker } from 'bullmq';
import { Cluster, Redis } from 'ioredis';
import pg from 'pg';
import { carrierId, type Route } from './route.ts';

/** What a BullMQ job of a working queue holds. */
export interface CarriedJob {
  tenant: string;
  id: string;
  key: string;
  alone?: true;
}

export interface CarrierOptions {
  /** Set: Redis carries. Unset: BullMQ's PostgreSQL backend in `databaseUrl` does. */
  redisUrl?: string | undefined;
  redisCluster?: boolean;
  databaseUrl: string;
  /** A worker that gives no sign of life for so long loses its jobs to another. */
  carrier_lock_ms: number;
  telemetry?: Telemetry | undefined;
  onError(queue: string, error: Error): void;
}

/** Finished carrier jobs stay on the board for this long, and no more than so many a queue. */
const KEEP_ON_REDIS = { age: 3_600, count: 1_000 };
/** A start waits this long for Redis; then it is better to say so, and be started again. */
const READY_MS_MAX = 10_000;
/** BullMQ's own pause after a lost connection, 15 s, would outlast every restart of a database. */
const RECONNECT_MS = 1_000;
/** A Redis that takes a command and is silent for so long (cut off, paused) counts as away. */
const COMMAND_MS_MAX = 10_000;
/** How often workers look for the jobs of one that died, while its lock runs out. */
const STALLED_CHECKS_A_LOCK = 3;
const STALLED_COUNT_MAX = 3;
/** Workers that leave may take so long to tell what became of their jobs. */
const LEAVE_MS_MAX = 2_000;
const CARRIED_BYTES_MAX = 1_024;
/**
 * So few are told one by one on PostgreSQL: its bulk function makes two temporary tables a call, which was
 * half of all the database did in the demo.
 */
const POSTGRES_SINGLES_MAX = 4;
const ADD_BULK_MAX = 500;
/**
 * On PostgreSQL: shared by all queues; and shared by all workers, each of which keeps one more to listen on. With six
 * of their own, 37 workers held 106 connections at rest, more than a Postgres takes that nobody has configured.
 */
const QUEUE_CONNECTIONS_MAX = 6;
const WORKER_CONNECTIONS_MAX = 16;
const LIVE_STATES = new Set(['waiting', 'active', 'delayed', 'prioritized', 'waiting-children']);

/**
 * BullMQ on either of its backends. The carrier may lose everything at any moment; nothing here is the
 * truth about a job. Producers fail fast when it is away, since the sweeper dispatches again anyway.
 */
export class Carrier {
  readonly kind: 'redis' | 'postgres';
  readonly #options: CarrierOptions;
  readonly #queues = new Map<string, Queue>();
  readonly #workers: Worker[] = [];
  readonly #opening: Promise<unknown>[] = [];
  readonly #producer: Redis | Cluster | null;
  readonly #consumer: Redis | Cluster | null;
  /** On PostgreSQL: one for all queues, and one for all workers. */
  readonly #pool: pg.Pool | null;
  readonly #workerPool: pg.Pool | null;
  /** A pool tells each queue and worker that shares it of the same error. */
  readonly #told = new WeakSet<Error>();

  constructor(options: CarrierOptions) {
    this.#options = options;
    this.kind = options.redisUrl ? 'redis' : 'postgres';
    this.#producer = options.redisUrl
      ? this.#connect({ enableOfflineQueue: false, maxRetriesPerRequest: 1, commandTimeout: COMMAND_MS_MAX })
      : null;
    this.#consumer = options.redisUrl ? this.#connect({ maxRetriesPerRequest: null }) : null;
    this.#pool = options.redisUrl ? null : this.#openPool(QUEUE_CONNECTIONS_MAX);
    this.#workerPool = options.redisUrl ? null : this.#openPool(WORKER_CONNECTIONS_MAX);
  }

  #tell(place: string, error: Error): void {
    if (this.#told.has(error)) return;
    this.#told.add(error);
    this.#options.onError(place, error);
  }

  #connect(flags: {
    enableOfflineQueue?: boolean;
    maxRetriesPerRequest: number | null;
    commandTimeout?: number;
  }): Redis | Cluster {
    const retry = (times: number) => Math.min(50 * 2 ** Math.min(times, 6), 2_000);
    const url = this.#options.redisUrl!;
    const client = this.#options.redisCluster
      ? new Cluster([url], {
          redisOptions: flags,
          clusterRetryStrategy: retry,
          enableOfflineQueue: flags.enableOfflineQueue ?? true,
        })
      : new Redis(url, { ...flags, retryStrategy: retry });
    client.on('error', (error) => this.#tell('connection', error));
    return client;
  }

  /** `synchronous_commit = off`: the carrier may lose what it holds, and is told to be quick. */
  #openPool(max: number): pg.Pool {
    const pool = new pg.Pool({
      connectionString: this.#options.databaseUrl,
      options: '-c role=kist_carrier -c synchronous_commit=off -c search_path=bullmq,public',
      keepAlive: true,
      max,
    });
    // All that share it listen to it; Node would take that for a leak.
    pool.setMaxListeners(0);
    pool.on('error', (error) => this.#tell('connection', error));
    return pool;
  }

  /**
   * Waits until the carrier answers.
   * @throws Error where it does not within READY_MS_MAX, and where Redis could evict jobs: it must run
   *   with `maxmemory-policy noeviction`.
   */
  async ready(): Promise<void> {
    if (!this.#producer) return;
    const { promise, reject } = Promise.withResolvers<never>();
    const { host } = new URL(this.#options.redisUrl!);
    const silent = new Error(`Redis at ${host} does not answer: look at REDIS_URL.`);
    const timer = setTimeout(() => reject(silent), READY_MS_MAX);
    await Promise.race([this.#redisReady(), promise]).finally(() => clearTimeout(timer));
  }

  async #redisReady(): Promise<void> {
    if (!this.#producer || !this.#consumer) return;
    await this.#consumer.ping();
    if (this.#producer.status !== 'ready') {
      await new Promise((resolve) => this.#producer!.once('ready', resolve));
    }
    const info = await (this.#consumer as Redis).info('memory');
    const policy = /maxmemory_policy:(\S+)/.exec(info)?.[1];
    if (policy && policy !== 'noeviction') {
      throw new Error(`Redis would evict jobs: set maxmemory-policy to noeviction (it is ${policy}).`);
    }
  }

  /**
   * Waits for the first connection of every queue and worker that was opened since the last call. One that fails
   * is fatal: on PostgreSQL BullMQ never tries it again, and its worker would ask without end or pause.
   * @throws Error of the first that failed
   */
  async opened(): Promise<void> {
    await Promise.all(this.#opening.splice(0));
  }

  #open(first: Promise<unknown>): void {
    first.catch(() => {});
    this.#opening.push(first);
  }

  queue(name: string): Queue {
    const known = this.#queues.get(name);
    if (known) return known;
    const queue = this.#makeQueue(name);
    queue.on('error', (error) => this.#tell(name, error));
    if (this.#pool) this.#open(queue.waitUntilReady());
    this.#queues.set(name, queue);
    return queue;
  }

  #makeQueue(name: string): Queue {
    const telemetry = this.#options.telemetry ? { telemetry: this.#options.telemetry } : {};
    const streams = { events: { maxLen: 1_000 } };
    if (this.#pool) {
      return new Queue(
        name,
        { connection: this.#pool as PgPool, streams, ...telemetry },
        createPostgresBackend,
      ) as unknown as Queue;
    }
    const prefix = prefixOf(name);
    return new Queue(name, {
      connection: this.#producer!,
      prefix,
      skipWaitingForReady: true,
      streams,
      ...telemetry,
    });
  }

  /** Tells the carrier of jobs of one queue. An id it knows already is ignored. */
  async add(queue: string, routes: readonly Route[]): Promise<void> {
    const target = this.queue(queue);
    if (this.#pool && routes.length <= POSTGRES_SINGLES_MAX) {
      for (const { name, data, opts } of routes.map((route) => this.#entry(route))) {
        await target.add(name, data, opts);
      }
      return;
    }
    for (let start = 0; start < routes.length; start += ADD_BULK_MAX) {
      await target.addBulk(routes.slice(start, start + ADD_BULK_MAX).map((route) => this.#entry(route)));
    }
  }

  #entry(route: Route): { name: string; data: CarriedJob; opts: JobsOptions } {
    const data: CarriedJob = { tenant: route.tenant, id: route.id, key: route.key };
    if (route.alone) data.alone = true;
    const opts: JobsOptions = {
      jobId: carrierId(route),
      ...this.finishedJobs(),
      sizeLimit: CARRIED_BYTES_MAX,
      stackTraceLimit: 0,
    };
    if (route.priority > 0) opts.priority = route.priority;
    if (route.delay_ms > 0) opts.delay = Math.ceil(route.delay_ms);
    // omitContext: else Queue.add puts its own span, of whoever dispatches, in the place of the job's trace.
    if (route.trace) opts.telemetry = { metadata: route.trace, omitContext: true };
    return { name: route.kind, data, opts };
  }

  /** On PostgreSQL a finished job goes at once: keeping the last N there cost 8 ms a job. */
  finishedJobs(): Pick<JobsOptions, 'removeOnComplete' | 'removeOnFail'> {
    const keep = this.kind === 'redis' ? KEEP_ON_REDIS : true;
    return { removeOnComplete: keep, removeOnFail: keep };
  }

  /** Which of the given routes the carrier still has and will bring. */
  async holds(routes: readonly Route[]): Promise<Set<string>> {
    const states = await Promise.all(
      routes.map((route) => this.queue(route.queue).getJobState(carrierId(route))),
    );
    return new Set(routes.filter((_, index) => LIVE_STATES.has(states[index]!)).map((route) => route.id));
  }

  /** Starts to consume a queue; on PostgreSQL once it is `opened`. The lock is a hint: the row's claim is what keeps twins apart. */
  consume(
    name: string,
    concurrency: number,
    process: (job: {
      id: string;
      name: string;
      data: CarriedJob;
      attemptsStarted: number;
    }) => Promise<unknown>,
  ): Worker {
    const settings = {
      autorun: false,
      concurrency,
      drainDelay: 5,
      lockDuration: this.#options.carrier_lock_ms,
      maxStalledCount: STALLED_COUNT_MAX,
      runRetryDelay: RECONNECT_MS,
      stalledInterval: Math.ceil(this.#options.carrier_lock_ms / STALLED_CHECKS_A_LOCK),
      ...(this.#options.telemetry ? { telemetry: this.#options.telemetry } : {}),
    };
    if (this.#workerPool) this.#workerPool.options.max += 1;
    const worker = (
      this.#workerPool
        ? new Worker(
            name,
            process as never,
            { connection: this.#workerPool as PgPool, ...settings },
            createPostgresBackend,
          )
        : new Worker(name, process as never, {
            connection: this.#consumer!,
            prefix: prefixOf(name),
            ...settings,
          })
    ) as Worker;
    worker.on('error', (error) => this.#tell(name, error));
    const run = () => void worker.run().catch((error) => this.#tell(name, error));
    if (this.#pool) this.#open(worker.waitUntilReady().then(run));
    else run();
    this.#workers.push(worker);
    return worker;
  }

  /** @returns false when the carrier does not answer within `timeout_ms` */
  async answers(timeout_ms: number): Promise<boolean> {
    const ask = this.#producer ? (this.#producer as Redis).ping() : this.#pool!.query('SELECT 1');
    const late = new Promise((_, reject) => setTimeout(reject, timeout_ms).unref());
    return Promise.race([ask, late]).then(
      () => true,
      () => false,
    );
  }

  /**
   * Workers first tell the carrier what became of their jobs, for a moment: an entry left active keeps
   * its job from other workers until the lock is over.
   */
  async close(): Promise<void> {
    await forAMoment(Promise.allSettled(this.#workers.map((worker) => worker.close())));
    await Promise.allSettled([...this.#queues.values()].map((queue) => queue.close()));
    this.#producer?.disconnect();
    this.#consumer?.disconnect();
    await this.#pool?.end();
    // A worker that has not left yet keeps its connection, and the pool would wait for it.
    if (this.#workerPool) await forAMoment(this.#workerPool.end());
  }
}

async function forAMoment(leaving: Promise<unknown>): Promise<void> {
  const patience = Promise.withResolvers<void>();
  const timer = setTimeout(patience.resolve, LEAVE_MS_MAX);
  await Promise.race([leaving, patience.promise]);
  clearTimeout(timer);
}

/** One hash tag a queue: its keys stay together on a Redis Cluster, and queues spread over the shards. */
function prefixOf(queue: string): string {
  return `kist:{${queue}}`;
}
