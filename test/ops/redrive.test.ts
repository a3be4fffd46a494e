import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createMetrics } from '../../src/ops/metrics.ts';
import type { Guard } from '../../src/runtime/types.ts';
import { carriers } from '../support/carriers.ts';
import { type TestRuntime, testRuntime } from '../support/runtime.ts';
import { until } from '../support/until.ts';
import { boardOver } from './board-fixture.ts';
import { openWallets, payOut } from './server.ts';

/** Jobs that take another person's word. */
const barred = new Set<string>();
const guard: Guard = {
  redrive: async (_tx, _tenant, id) =>
    barred.has(id)
      ? { done: false, code: 'approval-required', message: 'Another person must agree.', approval: id }
      : null,
  setSwitch: async () => null,
  clearSwitch: async () => null,
};

for (const { name, redisUrl, missing } of carriers()) {
  describe.skipIf(missing)(`dead letters on the board, over ${name}`, () => {
    let system: TestRuntime;
    let board: ReturnType<typeof boardOver>;
    beforeAll(async () => {
      openWallets.clear();
      system = await testRuntime([payOut], { redisUrl, guard });
      await system.runtime.startWorkers();
      board = boardOver(system);
    });
    afterAll(async () => {
      await board.app.close();
      await system.close();
    });

    async function dies(wallet: string) {
      const job = await system.accept('payout.send', { wallet, borrower: 'Asha Rao' });
      expect(await system.rested(job)).toMatchObject({ state: 'dead', code: 'no-wallet' });
      const entry = await until(`${wallet} is on the board`, async () => {
        const answer = await board.ask(
          'asha',
          'GET',
          '/api/queues?activeQueue=payouts-dead&status=failed&jobsPerPage=50',
        );
        const queue = answer.json().queues.find((each: { name: string }) => each.name === 'payouts-dead');
        return queue.jobs.find((each: { data: { id: string } }) => each.data.id === job.id);
      });
      return { job, entry };
    }

    test('a dead job shows kind, key, tenant, attempts and last error; of its payload nothing', async () => {
      const { entry } = await dies('w-1');
      expect(entry).toMatchObject({
        name: 'payout.send · w-1 · acme · 1 attempt',
        failedReason: 'no-wallet: The wallet is not open.',
        data: { kind: 'payout.send', key: 'w-1', tenant: 'acme', attempts: 1, code: 'no-wallet' },
      });
      expect(JSON.stringify(entry)).not.toContain('Asha');
    });

    test('Retry redrives it once: same id, same key, its history kept', async () => {
      const { job, entry } = await dies('w-2');
      openWallets.add('w-2');
      expect((await board.act('asha', `/api/queues/payouts-dead/${entry.id}/retry`)).statusCode).toBe(204);
      await until(
        'the job is done',
        async () => (await system.runtime.find('acme', job.id))?.state === 'done',
      );
      expect(await system.runtime.find('acme', job.id)).toMatchObject({ key: 'w-2', result: { paid: true } });
      expect(await system.runtime.attempts('acme', job.id)).toMatchObject([{ code: 'no-wallet' }]);
      expect((await system.effects()).filter((effect) => effect === 'w-2')).toHaveLength(1);
    });

    test('a job that dies again after Retry lies on the board again', async () => {
      const { job, entry } = await dies('w-3');
      await board.act('asha', `/api/queues/payouts-dead/${entry.id}/retry`);
      await until('it has failed twice', async () => {
        const attempts = await system.runtime.attempts('acme', job.id);
        return attempts.length === 2;
      });
      await until('it is on the board again', async () => {
        const { queue } = system.runtime.carrierQueues().find((each) => each.dead)!;
        const entries = await queue.getJobs(['failed'], 0, 50);
        return entries.some(({ data }) => data.id === job.id && data.attempts === 2);
      });
    });

    test('Retry of what takes another person leaves it on the board, and says so', async () => {
      const { job, entry } = await dies('w-8');
      barred.add(job.id);
      const retry = () => board.act('asha', `/api/queues/payouts-dead/${entry.id}/retry`);
      const { queue } = system.runtime.carrierQueues().find((each) => each.dead)!;
      for (const times of [2, 3]) {
        expect((await retry()).statusCode).toBe(204);
        await until('it lies there again', async () => {
          const again = await queue.getJob(entry.id);
          return (await again?.isFailed()) && again?.attemptsMade === times;
        });
      }
      expect((await queue.getJob(entry.id))?.failedReason).toBe(
        'approval-required: Another person must agree.',
      );
      expect(await system.runtime.find('acme', job.id)).toMatchObject({ state: 'dead', attempt: 1 });
      barred.delete(job.id);
      openWallets.add('w-8');
      await retry();
      await until('it is done', async () => (await system.runtime.find('acme', job.id))?.state === 'done');
    });

    test('Retry all redrives every dead job of the queue', async () => {
      const dead = await Promise.all(['w-4', 'w-5', 'w-6'].map(dies));
      for (const wallet of ['w-1', 'w-3', 'w-4', 'w-5', 'w-6']) openWallets.add(wallet);
      expect((await board.act('asha', '/api/queues/payouts-dead/retry/failed')).statusCode).toBe(200);
      await until('all are done', async () => {
        const jobs = await Promise.all(dead.map(({ job }) => system.runtime.find('acme', job.id)));
        return jobs.every((job) => job?.state === 'done');
      });
      await until('no dead letter is left', async () => {
        const { queue } = system.runtime.carrierQueues().find((each) => each.dead)!;
        const counts = await queue.getJobCounts('failed', 'waiting', 'active');
        return Object.values(counts).every((count) => count === 0);
      });
      expect((await system.runtime.list('acme', { state: 'dead', limit: 10 })).length).toBe(0);
    });

    test('the metrics saw it all', async () => {
      const metrics = createMetrics({ runtime: system.runtime, carrierPool: system.database.carrier });
      const job = await system.accept('payout.send', { wallet: 'w-7', borrower: 'Asha Rao' });
      await system.rested(job);
      const text = await metrics.metrics();
      expect(text).toContain('kist_jobs_accepted_total{kind="payout.send"} 1');
      expect(text).toContain('kist_jobs_dead_total{kind="payout.send"} 1');
      expect(text).toContain('kist_jobs{queue="payouts",state="dead"} 1');
      expect(text).toContain('kist_carrier_up 1');
    });
  });
}
