import { describe, expect, onTestFinished, test } from 'vitest';
import { carriers } from '../support/carriers.ts';
import { testRuntime } from '../support/runtime.ts';
import { faultKinds, hasty } from './kinds.ts';
import { startProcess } from './processes.ts';

/** Each loss costs a few workers: the carrier itself hands a stalled job out again before it gives up. */
const KILLS_MAX = 60;

describe.each(carriers())('on the $name carrier', ({ redisUrl, missing }) => {
  test.skipIf(missing)('a job that kills every worker ends dead, and its neighbours are done', async () => {
    const system = await testRuntime(faultKinds, { redisUrl, ...hasty });
    onTestFinished(() => system.close());
    await system.runtime.startClock();
    const names = ['before', 'poison', ...Array.from({ length: 20 }, (_, index) => `after ${index}`)];
    const answers = await system.runtime.submit(
      'acme',
      'service:test',
      names.map((name) => ({ kind: 'risk.take', payload: { name } })),
    );
    const jobs = answers.map((answer) => (answer.status === 'refused' ? expect.fail() : answer.job));
    const poison = jobs[1]!;
    let kills = 0;
    for (; kills < KILLS_MAX; kills += 1) {
      const worker = startProcess({ databaseUrl: system.database.url, redisUrl, worker: true });
      const dead = system.runtime.waitForRest('acme', poison.id, 60_000).then(() => 'at rest');
      const end = await Promise.race([worker.ended, dead]);
      if (end === 'at rest') {
        worker.process.kill('SIGTERM');
        await worker.ended;
        break;
      }
    }
    expect(await system.rested(poison)).toMatchObject({ state: 'dead', code: 'worker-lost' });
    const others = jobs.filter((job) => job !== poison);
    for (const job of others) expect(await system.rested(job)).toMatchObject({ state: 'done' });
    expect((await system.effects()).sort()).toEqual(names.filter((name) => name !== 'poison').sort());
  });
});
