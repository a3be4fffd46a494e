import { startSystem } from '../../src/system.ts';
import { percentile } from '../measure.ts';
import { answer, Meter, memory_mb, ready, stopWith, task } from './ipc.ts';
import { workerConfig } from './worker-config.ts';

/**
 * A worker process as production runs it, told to say how fast `expected` jobs were done, and how long after their
 * acceptance; the jobs of one tenant may be left out.
 */
const { databaseUrl, redisUrl, expected, queue, settings, except } = await task<{
  databaseUrl: string;
  redisUrl: string | null;
  expected: number;
  queue: string;
  settings?: Record<string, string>;
  except?: string;
}>();
const WARM_UP_PART = 4;
const meter = new Meter(expected);
const waits_ms: number[] = [];
const system = await startSystem(workerConfig(databaseUrl, redisUrl, settings), { parts: [] });
system.runtime.events.on('done', ({ tenant, seconds_since_accept }) => {
  if (tenant === except) return;
  waits_ms.push(seconds_since_accept * 1_000);
  const rate = meter.add(1);
  if (rate === undefined) return;
  // The first ones waited for a process that was just beginning.
  const warm_ms = waits_ms.slice(Math.floor(expected / WARM_UP_PART));
  answer({ rate, memory_mb: memory_mb(), p99_ms: percentile(warm_ms, 99) });
});
stopWith(() => system.stop());
ready();
await system.runtime.startWorkers([queue]);
