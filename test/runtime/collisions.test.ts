import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { arm } from '../../src/runtime/faults.ts';
import { Refuse } from '../../src/runtime/outcomes.ts';
import { ownRedisUrl } from '../support/redis.ts';
import { defineAtomic, leaveMark, mark, testRuntime } from '../support/runtime.ts';
import { until } from '../support/until.ts';

/** Sweeps come by hand only: whoever waits for one here waits in vain. */
const never = { sweep_interval_ms: 600_000, sweep_after_ms: 600_000 };

const stuck = new Set<string>();
const inTurn = defineAtomic({
  kind: 'turn.take',
  queue: 'turns',
  summary: 'Leaves its effect in order of acceptance.',
  payload: z.strictObject({ name: z.string(), lane: z.string() }),
  result: z.null(),
  key: ({ name }) => name,
  ordering_key: ({ lane }) => lane,
  retry: { attempts: 1 },
  run: async (tx, jobs) => {
    if (jobs.some((job) => stuck.has(job.payload.name))) throw new Refuse('stuck', 'No.');
    await mark(
      tx,
      jobs.map((job) => job.payload.name),
    );
    return jobs.map(() => null);
  },
});

const redisUrl = ownRedisUrl() ?? undefined;
const system = await testRuntime([leaveMark, inTurn], { redisUrl, ...never });
afterAll(() => system.close());

test('a worker that meets a row in the sweeper’s hands waits for it, and loses no delivery', async () => {
  const job = await system.accept('mark.leave', { name: 'late, but carried' });
  await system.database.superuser('UPDATE job SET sweep_at = now() WHERE id = $1', [job.id]);
  const swept = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  const disarm = arm('sweep.before-commit', () => {
    reached.resolve();
    return swept.promise;
  });
  const sweep = system.runtime.sweep();
  await reached.promise;
  const met = Promise.withResolvers<void>();
  const forget = arm('claim.locked', () => met.resolve());
  await system.runtime.startWorkers();
  await met.promise;
  swept.resolve();
  disarm();
  forget();
  await sweep;
  expect(await system.rested(job)).toMatchObject({ state: 'done' });
});

test('jobs of one ordering key go on one after the other when their kill switch is cleared', async () => {
  await system.runtime.setSwitch('acme', 'turn.take', 'look into it', 'operator:ann');
  const names = Array.from({ length: 6 }, (_, index) => `freed ${index}`);
  const jobs = [];
  for (const name of names) jobs.push(await system.accept('turn.take', { name, lane: 'freed' }));
  for (const job of jobs) expect(await system.rested(job)).toMatchObject({ state: 'held' });
  await system.runtime.clearSwitch('acme', 'turn.take', 'operator:ann');
  await until('all are done', async () => (await system.effects()).includes(names.at(-1)!));
  expect((await system.effects()).filter((name) => name.startsWith('freed'))).toEqual(names);
});

test('a job overtaken by a redriven earlier one of its key is delivered again when its turn comes', async () => {
  stuck.add('first');
  const first = await system.rested(await system.accept('turn.take', { name: 'first', lane: 'overtaken' }));
  expect(first.state).toBe('dead');
  stuck.delete('first');
  const { promise, resolve } = Promise.withResolvers<void>();
  const disarm = arm('claim.locked', () => promise);
  await system.runtime.redrive('acme', first.id, 'operator:ann');
  const second = await system.accept('turn.take', { name: 'second', lane: 'overtaken' });
  resolve();
  disarm();
  expect(await system.rested(second)).toMatchObject({ state: 'done' });
  expect((await system.effects()).slice(-2)).toEqual(['first', 'second']);
});

test('a delivery before its time is sent again for its time', async () => {
  const run_at = new Date(Date.now() + 1_000);
  const job = await system.accept('mark.leave', { name: 'early' }, { run_at });
  const { queue } = system.runtime.carrierQueues().find((each) => each.queue.name === 'marks')!;
  const [carried] = await until('it is carried', async () => {
    const delayed = await queue.getDelayed();
    return delayed.length > 0 ? delayed : null;
  });
  await carried!.promote();
  expect(await system.rested(job)).toMatchObject({ state: 'done' });
});

test('an unfit row hurts no other caller of the same commit', async () => {
  const requests = [
    { priority: 0 },
    { priority: 1_001 },
    { priority: 0.5 },
    { run_at: new Date(Number.NaN) },
  ];
  const answers = await Promise.all(
    requests.map((request, index) =>
      system.runtime.submit('acme', 'service:test', [
        { kind: 'mark.leave', payload: { name: `shared ${index}` }, ...request },
      ]),
    ),
  );
  expect(answers.flat().map((answer) => answer.status)).toEqual([
    'accepted',
    'refused',
    'refused',
    'refused',
  ]);
});

test('a job whose worker died before it laid it on the dead-letter queue is laid there by the sweeper', async () => {
  stuck.add('unburied');
  const dead = await system.rested(await system.accept('turn.take', { name: 'unburied', lane: 'unburied' }));
  const { queue } = system.runtime.carrierQueues().find((each) => each.queue.name === 'turns-dead')!;
  const letterOf = async () => (await queue.getFailed()).find((each) => each.data.id === dead.id);
  const letter = await until('it lies there', letterOf);
  await letter.remove();
  await system.database.superuser('UPDATE job SET sweep_at = now() WHERE id = $1', [dead.id]);
  await system.runtime.sweep();
  await until('it lies there again', letterOf);
});
