import { startSystem } from '../../src/system.ts';
import { answer, Meter, memory_mb, ready, stopWith, task } from './ipc.ts';
import { workerConfig } from './worker-config.ts';

/** A worker process as production runs it, told to say how fast `expected` jobs were done. */
const { databaseUrl, redisUrl, expected, queue, settings } = await task<{
  databaseUrl: string;
  redisUrl: string | null;
  expected: number;
  queue: string;
  settings?: Record<string, string>;
}>();
const meter = new Meter(expected);
const system = await startSystem(workerConfig(databaseUrl, redisUrl, settings), { parts: [] });
system.runtime.events.on('done', () => {
  const rate = meter.add(1);
  if (rate !== undefined) answer({ rate, memory_mb: memory_mb() });
});
stopWith(() => system.stop());
ready();
await system.runtime.startWorkers([queue]);
