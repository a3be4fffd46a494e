import { SteppedClock } from '../../src/calendar/clock.ts';
import { startSystem } from '../../src/system.ts';
import { memory_mb, onQuestion, ready, stopWith, task } from './ipc.ts';
import { workerConfig } from './worker-config.ts';

/** A worker process as production runs it: it closes the business days that its parent names, one by one. */
const { databaseUrl, redisUrl, tenant, from } = await task<{
  databaseUrl: string;
  redisUrl: string | null;
  tenant: string;
  from: string;
}>();
const clock = new SteppedClock(evening(from));
const system = await startSystem(workerConfig(databaseUrl, redisUrl), { parts: [], clock });
const { runtime } = system;
stopWith(() => system.stop());
await runtime.startWorkers();
onQuestion(close);
ready();

async function close(day: string): Promise<{ carried_ms: number; closed_ms: number; memory_mb: number }> {
  clock.moveTo(evening(day));
  const started = performance.now();
  const closed = Promise.withResolvers<number>();
  let carried_ms = 0;
  const hear = ({ kind }: { kind: string }) => {
    if (kind === 'day.carry') carried_ms = performance.now() - started;
    if (kind === 'day.report') closed.resolve(performance.now() - started);
  };
  runtime.events.on('done', hear);
  await runtime.transact(tenant, 'system:bench', async (_tx, accept) => {
    await accept([{ kind: 'day.close', payload: { business_date: day } }]);
  });
  const closed_ms = await closed.promise;
  runtime.events.off('done', hear);
  return { carried_ms, closed_ms, memory_mb: memory_mb() };
}

function evening(day: string): Date {
  return new Date(`${day}T18:00:00Z`);
}
