import { once } from 'node:events';
import { Redis } from 'ioredis';
import { afterAll, describe, expect, inject, test, vi } from 'vitest';
import { leaveMark, type TestRuntime, testRuntime } from '../support/runtime.ts';
import { startRedis } from '../support/servers.ts';
import { until } from '../support/until.ts';

vi.setConfig({ testTimeout: 60_000 });

const JOBS = 2_000;
const BATCH = 500;
const REST_MS_MAX = 30_000;
const missing = inject('redisUrl') === null;

describe.skipIf(missing)('Redis', async () => {
  if (missing) return;
  let redis = (await startRedis())!;
  const system = await testRuntime([leaveMark], {
    redisUrl: redis.url,
    worker_concurrency: 32,
    carrier_lock_ms: 1_000,
  });
  await system.runtime.startWorkers();
  await system.runtime.startClock();
  afterAll(async () => {
    await system.close();
    redis.process.kill('SIGKILL');
  });

  async function acceptMany(name: string): Promise<string[]> {
    const names = Array.from({ length: JOBS }, (_, index) => `${name} ${index}`);
    for (let start = 0; start < JOBS; start += BATCH) {
      const requests = names.slice(start, start + BATCH).map((each) => ({
        kind: 'mark.leave',
        payload: { name: each },
      }));
      const answers = await system.runtime.submit('acme', 'service:test', requests);
      expect(answers.every((answer) => answer.status === 'accepted')).toBe(true);
    }
    return names;
  }

  test('flushed in the middle of 2,000 jobs: each is done once', async () => {
    const names = await acceptMany('flushed');
    await until('some are done', async () => (await marksOf(system, 'flushed')).length > 100);
    await commandRedis(redis.url, (client) => client.flushall());
    await expectOnce(system, 'flushed', names);
  });

  test('killed with 2,000 jobs in it, and started again empty: each is done once', async () => {
    const names = await acceptMany('killed');
    const gone = once(redis.process, 'exit');
    redis.process.kill('SIGKILL');
    await gone;
    redis = (await startRedis([], redis.port))!;
    await expectOnce(system, 'killed', names);
  });

  test('paused: jobs are accepted all the same, and done when it wakes', async () => {
    await commandRedis(redis.url, (client) => client.client('PAUSE', 3_000, 'ALL'));
    const started = performance.now();
    const job = await system.accept('mark.leave', { name: 'paused' });
    expect(performance.now() - started).toBeLessThan(1_500);
    expect(await system.rested(job)).toMatchObject({ state: 'done' });
  });

  test('away: jobs are accepted all the same, and a process can still stop', async () => {
    const other = await startRedis();
    const lonely = await testRuntime([leaveMark], { redisUrl: other!.url });
    await lonely.runtime.startWorkers();
    await lonely.runtime.startClock();
    const gone = once(other!.process, 'exit');
    other!.process.kill('SIGKILL');
    await gone;
    expect(await lonely.accept('mark.leave', { name: 'away' })).toMatchObject({ state: 'pending' });
    const started = performance.now();
    await lonely.runtime.stop(1_000);
    expect(performance.now() - started).toBeLessThan(6_000);
    await lonely.close();
  });

  test('that may evict keys is refused at the start', async () => {
    const evicting = await startRedis(['--maxmemory-policy', 'allkeys-lru']);
    try {
      await expect(testRuntime([leaveMark], { redisUrl: evicting!.url })).rejects.toThrow(/noeviction/);
    } finally {
      evicting!.process.kill('SIGKILL');
    }
  });
});

async function commandRedis(url: string, command: (client: Redis) => Promise<unknown>): Promise<void> {
  const client = new Redis(url);
  await command(client);
  client.disconnect();
}

async function marksOf(system: TestRuntime, name: string): Promise<string[]> {
  return (await system.effects()).filter((each) => each.startsWith(`${name} `));
}

async function expectOnce(system: TestRuntime, name: string, names: string[]): Promise<void> {
  await until(
    'all have left their mark',
    async () => (await marksOf(system, name)).length >= names.length,
    REST_MS_MAX,
  );
  expect((await marksOf(system, name)).sort()).toEqual([...names].sort());
}
