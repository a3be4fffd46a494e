import { readConfig } from '../../src/config.ts';
import { startSystem } from '../../src/system.ts';
import { ready, stopWith, task } from './ipc.ts';

/** An API process as production runs it. */
const { databaseUrl, redisUrl, settings } = await task<{
  databaseUrl: string;
  redisUrl: string;
  settings?: Record<string, string>;
}>();
const config = readConfig({
  DATABASE_URL: databaseUrl,
  REDIS_URL: redisUrl,
  KIST_PORT: '0',
  KIST_LOG_LEVEL: 'warn',
  KIST_SWEEP_AFTER_MS: '600000',
  ...settings,
});
const system = await startSystem(config, { parts: ['api'] });
stopWith(() => system.stop());
ready({ url: system.url });
