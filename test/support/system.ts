import { readConfig } from '../../src/config.ts';
import { type System, type SystemOptions, startSystem } from '../../src/system.ts';
import { type TestDatabase, testDatabase } from './database.ts';
import { emptyRedis, ownRedisUrl } from './redis.ts';
import { quiet } from './runtime.ts';

export interface TestSystem extends System {
  database: TestDatabase;
  url: string;
  close(): Promise<void>;
}

/**
 * The whole system in this process, on a database of its own and free ports; the embedded carrier unless
 * `redis` is asked for (then the run's Redis, emptied first). Sweeps come quickly, logs are quiet.
 */
export async function testSystem(
  options: SystemOptions & { tenants?: string[]; redis?: boolean; settings?: Record<string, string> } = {},
): Promise<TestSystem> {
  const { tenants, redis, settings, ...rest } = options;
  const database = await testDatabase(tenants);
  const redisUrl = redis ? ownRedisUrl() : null;
  if (redisUrl) await emptyRedis(redisUrl);
  const config = readConfig({
    DATABASE_URL: database.url,
    ...(redisUrl ? { REDIS_URL: redisUrl } : {}),
    KIST_PORT: '0',
    KIST_OPS_PORT: '0',
    KIST_SWEEP_INTERVAL_MS: '300',
    KIST_SWEEP_AFTER_MS: '1000',
    KIST_SHUTDOWN_MS: '3000',
    ...settings,
  });
  const system = await startSystem(config, { log: quiet, ...rest });
  return {
    ...system,
    url: system.url ?? '',
    database,
    close: async () => {
      await system.stop();
      await database.close();
    },
  };
}
