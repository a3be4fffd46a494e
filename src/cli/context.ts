import { userInfo } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { pino } from 'pino';
import { systemClock } from '../calendar/clock.ts';
import { type Config, readConfig } from '../config.ts';
import { type EmbeddedDatabase, openEmbedded } from '../db/embedded.ts';
import { openPool, type Pool } from '../db/pools.ts';
import { type AuditRow, recordAudit } from '../identity/audit.ts';
import { listTenants } from '../identity/tenants.ts';
import { loadJobs, type Registry } from '../runtime/registry.ts';
import { createRuntime } from '../runtime/runtime.ts';
import type { Runtime } from '../runtime/types.ts';
import { asCliError, CliError, wrongInput } from './exit.ts';
import { Output } from './output.ts';

const JOBS_FOLDER = fileURLToPath(new URL('../../jobs', import.meta.url));
const CONNECTIONS_MAX = 4;
const CARRIER_MS_MAX = 5_000;
const STOP_MS_MAX = 5_000;
const CLOSE_MS_MAX = 6_000;

export interface GlobalOptions {
  json?: boolean;
  tenant?: string;
}

/** One change that a command makes, as the audit trail tells it. */
export interface Change {
  /** `cli.noun.verb`. */
  action: string;
  tenant: string;
  subject?: string;
  arguments?: unknown;
}

/**
 * What commands work with, opened when first asked for and closed at the end, in reverse order: the
 * database (DATABASE_URL, or the embedded one, joined where it runs and else started for as long as the
 * command takes), the runtime, the tenant meant.
 */
export class Context {
  readonly output: Output;
  readonly config: Config;
  readonly #options: GlobalOptions;
  readonly #closers: (() => Promise<void>)[] = [];
  #databaseUrl: Promise<string> | undefined;
  #pool: Promise<Pool> | undefined;
  #registry: Promise<Registry> | undefined;
  #runtime: Promise<Runtime> | undefined;
  #tenant: Promise<string> | undefined;

  constructor(options: GlobalOptions) {
    this.#options = options;
    this.output = new Output(options.json === true);
    this.config = readConfig();
  }

  databaseUrl(): Promise<string> {
    this.#databaseUrl ??= this.#openDatabase();
    return this.#databaseUrl;
  }

  /** Acts as kist_app. */
  pool(): Promise<Pool> {
    this.#pool ??= this.#openPool();
    return this.#pool;
  }

  registry(): Promise<Registry> {
    this.#registry ??= loadJobs(JOBS_FOLDER);
    return this.#registry;
  }

  /** The runtime with its carrier; it runs no jobs here. */
  runtime(): Promise<Runtime> {
    this.#runtime ??= this.#openRuntime();
    return this.#runtime;
  }

  /** --tenant, or the only tenant there is. @throws CliError where that is not clear */
  tenant(): Promise<string> {
    this.#tenant ??= this.#findTenant();
    return this.#tenant;
  }

  /** Who acts, as jobs name the one who asked. */
  get actor(): string {
    return `operator:${osUser()}`;
  }

  /** Makes a change and leaves an audit row about it, however it ends. */
  async change<T>(change: Change, work: () => Promise<T>): Promise<T> {
    const started = performance.now();
    const record = async (end: Pick<AuditRow, 'outcome' | 'error_code'>) =>
      recordAudit(await this.pool(), [
        {
          ...change,
          ...end,
          actor_kind: 'operator',
          actor: osUser(),
          duration_ms: performance.now() - started,
        },
      ]);
    let answer: T;
    try {
      answer = await work();
    } catch (error) {
      // Should the trail be out of reach as well, the error itself is what must be heard.
      await record({ outcome: 'FAILED', error_code: asCliError(error).code }).catch(() => {});
      throw error;
    }
    await record({ outcome: 'SUCCESS', error_code: null });
    return answer;
  }

  /** Has something closed with the command, however it ends. */
  onClose(close: () => Promise<void>): void {
    this.#closers.push(close);
  }

  async close(): Promise<void> {
    // One that cannot be closed, or takes too long, must not keep the ones after it open.
    for (const close of this.#closers.splice(0).reverse()) {
      await Promise.race([close().catch(() => {}), pause(CLOSE_MS_MAX, undefined, { ref: false })]);
    }
  }

  async #openDatabase(): Promise<string> {
    if (this.config.DATABASE_URL) return this.config.DATABASE_URL;
    const opening = openEmbedded(this.config.KIST_DATA);
    this.#closers.push(async () => stopUnlessJoined(await opening));
    try {
      return (await opening).url;
    } catch (error) {
      throw new CliError('unreachable', 'embedded-database', (error as Error).message);
    }
  }

  async #openPool(): Promise<Pool> {
    const opening = openPool(await this.databaseUrl(), {
      role: 'kist_app',
      connections_max: CONNECTIONS_MAX,
    });
    this.#closers.push(async () => (await opening).end());
    return opening;
  }

  async #openRuntime(): Promise<Runtime> {
    const { REDIS_URL, KIST_REDIS_CLUSTER, KIST_SWEEP_AFTER_MS } = this.config;
    const databaseUrl = await this.databaseUrl();
    await this.#reach();
    const registry = await this.registry();
    const { createGuard } = await import('../approvals/guard.ts');
    const opening = createRuntime({
      databaseUrl,
      redisUrl: REDIS_URL,
      redisCluster: KIST_REDIS_CLUSTER,
      registry,
      guard: createGuard(registry, systemClock),
      log: pino({ level: 'error' }, pino.destination(2)),
      connections_max: CONNECTIONS_MAX,
      sweep_after_ms: KIST_SWEEP_AFTER_MS,
    });
    const runtime = await Promise.race([opening, carrierTimeout()]);
    this.#closers.push(() => runtime.stop(STOP_MS_MAX));
    return runtime;
  }

  /** Says what is wrong with the database before anything else does so less clearly. */
  async #reach(): Promise<void> {
    await listTenants(await this.pool());
  }

  async #findTenant(): Promise<string> {
    const tenants = (await listTenants(await this.pool())).map(({ tenant }) => tenant);
    const wanted = this.#options.tenant;
    const known = `Tenants: ${tenants.join(', ') || 'none yet; make one with `kist tenant add`'}.`;
    if (wanted !== undefined) {
      if (wanted === 'platform' || tenants.includes(wanted)) return wanted;
      throw wrongInput(`There is no tenant ${wanted}.`, [known]);
    }
    if (tenants.length !== 1) throw wrongInput('Say which tenant is meant with --tenant.', [known]);
    return tenants[0]!;
  }
}

function carrierTimeout(): Promise<never> {
  return new Promise((_, reject) => {
    const fail = () =>
      reject(
        new CliError('unreachable', 'carrier-unreachable', `No answer within ${CARRIER_MS_MAX} ms.`, [
          'Is REDIS_URL right, and Redis running?',
        ]),
      );
    setTimeout(fail, CARRIER_MS_MAX).unref();
  });
}

/** A system that came up meanwhile has joined the server that this command started: it is theirs now. */
async function stopUnlessJoined(database: EmbeddedDatabase): Promise<void> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const others = await client
    .query("SELECT FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()")
    .finally(() => client.end());
  if (others.rowCount === 0) await database.stop();
}

/** The name of who is logged in to the machine; a container may have none. */
function osUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}
