import { type Config, readConfig } from '../../src/config.ts';

/** Settings of a worker as production runs it; no sweep comes between what is measured. */
export function workerConfig(
  databaseUrl: string,
  redisUrl: string | null,
  settings: Record<string, string> = {},
): Config {
  return readConfig({
    DATABASE_URL: databaseUrl,
    ...(redisUrl ? { REDIS_URL: redisUrl } : {}),
    KIST_OPS_PORT: '0',
    KIST_LOG_LEVEL: 'warn',
    KIST_SWEEP_AFTER_MS: '600000',
    ...settings,
  });
}
