import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { SteppedClock } from '../../calendar/clock.ts';
import { type Config, readConfig } from '../../config.ts';
import { type EmbeddedDatabase, openEmbedded } from '../../db/embedded.ts';
import { migrate } from '../../db/migrate.ts';
import { openBox, sealKeyFile } from '../../keys.ts';
import { openSealer } from '../../ledger/sealer.ts';
import { MODEST_FAULTS, NO_FAULTS } from '../../sandbox/faults.ts';
import type { Gateway } from '../../sandbox/gateway/gateway.ts';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import type { Part } from '../../system.ts';
import { Dice } from '../dice.ts';
import type { SimulationOptions } from '../options.ts';
import { Child } from './child.ts';
import { commandRedis, type PrivateRedis, startRedis } from './redis.ts';

const WORKERS = 2;
const LOG_CHARACTERS_MAX = 4_000;
/** What is lost is found soon, and nothing waits for long. */
const ENVIRONMENT = {
  KIST_PORT: '0',
  KIST_OPS_PORT: '0',
  KIST_LOG_LEVEL: 'warn',
  KIST_SWEEP_INTERVAL_MS: '300',
  KIST_SWEEP_AFTER_MS: '1000',
  KIST_SHUTDOWN_MS: '3000',
  KIST_DATABASE_CONNECTIONS: '8',
};
/** Slow and failing, but no longer silent than a short life can wait. */
const SLOW_BUREAU = { ...MODEST_FAULTS, unavailable: 150, reset: 60, silent: 0 };
/** Answers come at once, and so does what they bring, unless days are asked for; its lists lag behind. */
const GATEWAY = {
  ...{ processing_ms_min: 0, processing_ms_max: 0, tick_ms: 10, hang_ms: 400 },
  list_lag_ms: 300_000,
};
/** A crash of the server loses nothing without fsync; only one of the machine would. */
const POSTGRES_FLAGS = ['-c fsync=off', '-c full_page_writes=off', '-c max_connections=400'];

/**
 * The simulated installation: Postgres and, where it carries, Redis of its own in a scratch folder, the
 * bureau, and the processes api, worker (two of them) and clock.
 */
export class World {
  readonly folder: string;
  readonly postgres: EmbeddedDatabase;
  readonly config: Config;
  /** Told when a process ended that nobody killed. */
  crash: string | null = null;
  readonly #redis: PrivateRedis | null;
  readonly #sandbox: Sandbox;
  readonly #environment: Record<string, string>;
  readonly #client: pg.Pool;
  readonly #dice: Dice;
  readonly #workers: Child[] = [];
  #clock: Child | null = null;
  #api: Child | null = null;
  readonly #now: SteppedClock;
  #broken: Promise<void> = Promise.resolve();
  #closed: Promise<void> | null = null;

  private constructor(
    opened: { folder: string; postgres: EmbeddedDatabase; redis: PrivateRedis | null; sandbox: Sandbox },
    { seed }: SimulationOptions,
    now: SteppedClock,
  ) {
    const { folder, postgres, redis, sandbox } = opened;
    this.folder = folder;
    this.postgres = postgres;
    this.#redis = redis;
    this.#sandbox = sandbox;
    this.#dice = new Dice(`${seed}/world`);
    this.#now = now;
    this.#environment = {
      ...ENVIRONMENT,
      ...{ DATABASE_URL: postgres.url, KIST_DATA: folder, KIST_BUREAU_URL: sandbox.url },
      KIST_RAZORPAY_URL: sandbox.url,
      ...(redis ? { REDIS_URL: redis.url } : {}),
    };
    this.config = readConfig(this.#environment);
    this.#client = new pg.Pool({ connectionString: postgres.url, max: 3 });
    this.#client.on('error', () => {});
  }

  /** Starts the servers, and migrates the database; the processes start with `open`. @throws where there is no Redis */
  static async create(options: SimulationOptions, now: Date): Promise<World> {
    const folder = await mkdtemp(path.join(tmpdir(), 'kist-simulate-'));
    const closing: (() => unknown)[] = [() => rm(folder, { recursive: true, force: true })];
    try {
      const postgres = await openEmbedded(folder, POSTGRES_FLAGS);
      closing.push(() => postgres.stop());
      await migrate(postgres.url);
      const redis = options.carrier === 'redis' ? await startRedis({ folder }) : null;
      if (options.carrier === 'redis' && !redis)
        throw new RangeError('There is no redis-server (or valkey-server) on PATH.');
      closing.push(() => redis?.process.kill('SIGKILL'));
      const faults = options.faults.includes('slow-bureau') ? SLOW_BUREAU : NO_FAULTS;
      const clock = new SteppedClock(now);
      const gateway = { ...GATEWAY, now: () => clock.now() };
      const sandbox = await startSandbox({ port: 0, seed: options.seed, faults, gateway });
      const world = new World({ folder, postgres, redis, sandbox }, options, clock);
      // All processes share the keys; made here, none makes others.
      await openSealer(sealKeyFile(world.config));
      await openBox(world.config);
      return world;
    } catch (error) {
      for (const close of closing.reverse()) await close();
      throw error;
    }
  }

  /** Starts the processes. @returns the address of the API */
  async open(): Promise<string> {
    this.#api = await this.#start('api');
    this.#clock = await this.#start('clock');
    for (let number = 0; number < WORKERS; number += 1) this.#workers.push(await this.#start('worker'));
    const [url] = await Promise.all(this.#children().map((child) => child.ready));
    return url!;
  }

  get now(): Date {
    return this.#now.now();
  }

  /** The payment gateway's simulator: it lives by the world's clock. */
  get gateway(): Gateway {
    return this.#sandbox.gateway;
  }

  /** Moves everybody's clock; the clock process last, since its schedules bring the others work. */
  async moveTo(now: Date): Promise<void> {
    this.#now.moveTo(now);
    await Promise.all([this.#api!, ...this.#workers].map((child) => child.moveTo(now)));
    await this.#clock!.moveTo(now);
  }

  /** As superuser, past row-level security: to look, and to break things. Waits for a Postgres that restarts. */
  async sql<Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> {
    for (let tries = 1; ; tries += 1) {
      try {
        return (await this.#client.query(text, values)).rows as Row[];
      } catch (error) {
        if (tries >= 200 || !isAway(error)) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  /** One worker dies, another comes. */
  killWorker(): Promise<void> {
    return this.#alone(async () => {
      const index = this.#dice.between(0, this.#workers.length - 1);
      const doomed = this.#workers[index]!;
      const other = await this.#start('worker');
      this.#workers[index] = other;
      await doomed.kill();
      await other.ready;
    });
  }

  /** The carrier forgets everything. */
  async flushCarrier(): Promise<void> {
    if (this.#redis) return commandRedis(this.#redis.url, (client) => client.flushall());
    const tables = await this.sql<{ name: string }>(
      `SELECT format('bullmq.%I', tablename) AS name FROM pg_tables
       WHERE schemaname = 'bullmq' AND tablename NOT LIKE '%migration%'`,
    );
    await this.sql(`TRUNCATE ${tables.map(({ name }) => name).join(', ')} CASCADE`);
  }

  /** Ends at once, as in a crash, and comes back. */
  restartPostgres(): Promise<void> {
    return this.#alone(() => this.postgres.restart('immediate'));
  }

  bureau(): { requests: number; failed: number } {
    const { requests, unavailable, reset, silent } = this.#sandbox.stats().bureau;
    return { requests, failed: unavailable + reset + silent };
  }

  /** The ends of what the processes had to say, of those that said something. */
  async logs(): Promise<string> {
    const names = ['api', 'clock', 'worker'];
    const texts = await Promise.all(names.map((name) => readFile(this.#log(name), 'utf8').catch(() => '')));
    return names
      .map((name, index) => [name, texts[index]!.slice(-LOG_CHARACTERS_MAX).trim()])
      .filter(([, text]) => text !== '')
      .map(([name, text]) => `── ${name}\n${text}`)
      .join('\n');
  }

  /** Ends it all; safe to call twice. @param how gently: processes finish what they hold; at once: they are killed */
  close(how: 'gently' | 'at-once'): Promise<void> {
    this.#closed ??= this.#close(how);
    return this.#closed;
  }

  async #close(how: 'gently' | 'at-once'): Promise<void> {
    await Promise.all(this.#children().map((child) => (how === 'gently' ? child.stop() : child.kill())));
    await this.#sandbox.stop();
    await this.#client.end();
    this.#redis?.process.kill('SIGKILL');
    await this.postgres.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** A worker that starts while there is no database ends: production would start it again, nobody does here. */
  #alone(breaking: () => Promise<void>): Promise<void> {
    this.#broken = this.#broken.then(breaking);
    return this.#broken;
  }

  #children(): Child[] {
    return [this.#api, this.#clock, ...this.#workers].filter((child) => child !== null);
  }

  #start(part: Part): Promise<Child> {
    const orders = { part, environment: this.#environment, now: this.now.toISOString() };
    const onCrash = (reason: string) => {
      this.crash ??= reason;
    };
    return Child.start(part, orders, { log: this.#log(part), onCrash });
  }

  #log(part: string): string {
    return path.join(this.folder, `${part}.log`);
  }
}

const AWAY = /^(40P01|57P0\d|08\d{3}|ECONN\w+|EPIPE)$/;

function isAway(error: unknown): boolean {
  const { code = '', message = '' } = error as { code?: string; message?: string };
  return AWAY.test(code) || /terminated|timeout|Connection/.test(message);
}
