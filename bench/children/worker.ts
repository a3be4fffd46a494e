import { readConfig } from '../../src/config.ts';
import { startSystem } from '../../src/system.ts';
import { answer, Meter, memory_mb, ready, stopWith, task } from './ipc.ts';

/** A worker process as production runs it, told to say how fast `expected` jobs were done. */
const { databaseUrl, redisUrl, expected, queue } = await task<{
  databaseUrl: string;
  redisUrl: string | null;
  expected: number;
  queue: string;
}>();
const config = readConfig({
  DATABASE_URL: databaseUrl,
  ...(redisUrl ? { REDIS_URL: redisUrl } : {}),
  KIST_OPS_PORT: '0',
  KIST_LOG_LEVEL: 'warn',
  KIST_SWEEP_AFTER_MS: '600000',
});
const meter = new Meter(expected);
const system = await startSystem(config, { parts: [] });
system.runtime.events.on('done', () => {
  const rate = meter.add(1);
  if (rate !== undefined) answer({ rate, memory_mb: memory_mb() });
});
stopWith(() => system.stop());
ready();
await system.runtime.startWorkers([queue]);
