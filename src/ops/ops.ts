import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Clock } from '../calendar/clock.ts';
import type { Config } from '../config.ts';
import { missingMigrations } from '../db/migrate.ts';
import { recordAudit } from '../identity/audit.ts';
import { clientIp, parseTrustedProxies } from '../identity/client-ip.ts';
import type { Identity } from '../identity/identity.ts';
import { redactText } from '../identity/redact.ts';
import type { Runtime } from '../runtime/types.ts';
import { type HealthOptions, mountHealth } from './health.ts';
import { logEvents } from './log.ts';
import { createMetrics, mountMetrics } from './metrics.ts';
import { sessionsOf } from './operators.ts';
import { startOpsServer } from './server.ts';

export interface OpsOptions {
  config: Config;
  runtime: Runtime;
  clock: Clock;
  log: Logger;
  /** Queues whose jobs this process runs; none in a process that is no worker. */
  workerQueues?: string[];
}

export interface Ops {
  /** On the API's server: health and metrics for anybody, board and console for the platform's operators. */
  mount(app: FastifyInstance, identity: Pick<Identity, 'sessionOf'>): Promise<void>;
  /** For a process that has no API: health and metrics on KIST_OPS_PORT. */
  listen(): Promise<{ url: string; stop(): Promise<void> }>;
  /** Ends the log's subscription to the runtime. */
  stop(): void;
}

/** What one process shows of itself. Begins at once to count and to log what happens to jobs. */
export function openOps(options: OpsOptions): Ops {
  const { config, runtime, clock, log, workerQueues = [] } = options;
  const { carrierPool } = runtime;
  const metrics = createMetrics({ runtime, carrierPool, clock, pools: { app: runtime.pool } });
  const health: HealthOptions = {
    runtime,
    carrierPool,
    workerQueues,
    missingMigrations: () => missingMigrations(carrierPool),
  };
  return {
    mount: async (app, identity) => {
      mountHealth(app, health);
      mountMetrics(app, metrics);
      await mountPages(app, options, identity);
    },
    listen: () => startOpsServer({ config, metrics, health }),
    stop: logEvents(runtime.events, log),
  };
}

/** Loaded only where they are shown: a worker does without the 35 MB that API and board take. */
async function mountPages(
  app: FastifyInstance,
  options: OpsOptions,
  identity: Pick<Identity, 'sessionOf'>,
): Promise<void> {
  const [
    { mountBoard },
    { mountConsole },
    { mountDays },
    { mountPayments },
    { mountReconciliation },
    { mountNotifications },
  ] = await Promise.all([
    import('./board.ts'),
    import('./console.ts'),
    import('./days-page.ts'),
    import('./payments-page.ts'),
    import('./reconciliation-page.ts'),
    import('./notifications-page.ts'),
  ]);
  const { config, runtime, clock, log } = options;
  const sessionOf = sessionsOf(identity);
  const proxies = parseTrustedProxies(config.KIST_TRUSTED_PROXIES);
  const environment = config.KIST_ENVIRONMENT;
  mountBoard(app, {
    runtime,
    sessionOf,
    clientIpOf: (request) =>
      clientIp(request.socket.remoteAddress, request.headers['x-forwarded-for'], proxies),
    recordAudit: (rows) => recordAudit(runtime.pool, rows),
    redactText,
    environment: { label: environment, color: environment === 'production' ? '#a5281b' : '#0f6b5c' },
    log,
  });
  mountDays(app, { sessionOf, carrierPool: runtime.carrierPool });
  mountPayments(app, { sessionOf, carrierPool: runtime.carrierPool });
  mountReconciliation(app, { sessionOf, carrierPool: runtime.carrierPool, clock });
  mountNotifications(app, { sessionOf, carrierPool: runtime.carrierPool, pool: runtime.pool });
  mountConsole(app, {
    sessionOf,
    carrierPool: runtime.carrierPool,
    queues: runtime.registry.queues(),
    environment,
  });
}
