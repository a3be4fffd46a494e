import { SteppedClock } from '../../src/calendar/clock.ts';
import { readConfig } from '../../src/config.ts';
import { startSystem } from '../../src/system.ts';
import { answer, memory_mb, ready, stopWith, task } from './ipc.ts';

/** A worker process as production runs it, which closes one business day. */
const { databaseUrl, redisUrl, tenant, day } = await task<{
  databaseUrl: string;
  redisUrl: string | null;
  tenant: string;
  day: string;
}>();
const config = readConfig({
  DATABASE_URL: databaseUrl,
  ...(redisUrl ? { REDIS_URL: redisUrl } : {}),
  KIST_OPS_PORT: '0',
  KIST_LOG_LEVEL: 'warn',
  KIST_SWEEP_AFTER_MS: '600000',
});
const clock = new SteppedClock(new Date(`${day}T18:00:00Z`));
const system = await startSystem(config, { parts: [], clock });
const { runtime } = system;
stopWith(() => system.stop());
await runtime.startWorkers();
ready();

const started = performance.now();
let carried_ms = 0;
runtime.events.on('done', ({ kind }) => {
  if (kind === 'day.carry') carried_ms = performance.now() - started;
  if (kind !== 'day.report') return;
  answer({ carried_ms, closed_ms: performance.now() - started, memory_mb: memory_mb() });
});
await runtime.transact(tenant, 'system:bench', async (_tx, accept) => {
  await accept([{ kind: 'day.close', payload: { business_date: day } }]);
});
