import { type FastifyInstance, fastify } from 'fastify';
import type { Registry } from 'prom-client';
import type { Config } from '../config.ts';
import { type HealthOptions, mountHealth } from './health.ts';
import { mountMetrics } from './metrics.ts';

export interface OpsServerOptions {
  config: Pick<Config, 'KIST_HOST' | 'KIST_OPS_PORT'>;
  metrics: Registry;
  health: HealthOptions;
}

/** Health and metrics of a process that serves no API (worker, clock), on KIST_OPS_PORT. */
export async function startOpsServer(
  options: OpsServerOptions,
): Promise<{ url: string; stop(): Promise<void> }> {
  const { config } = options;
  const app: FastifyInstance = fastify({ logger: false });
  mountHealth(app, options.health);
  mountMetrics(app, options.metrics);
  const url = await app.listen({ host: config.KIST_HOST, port: config.KIST_OPS_PORT });
  return { url, stop: () => app.close() };
}
