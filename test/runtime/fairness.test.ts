import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { carriers } from '../support/carriers.ts';
import { defineAtomic, leaveMark, mark, namePayload, testRuntime } from '../support/runtime.ts';
import { until } from '../support/until.ts';

describe.each(carriers())('on the $name carrier', ({ redisUrl, missing }) => {
  describe.skipIf(missing)('a worker', async () => {
    if (missing) return;
    const tenants = ['acme', 'globex', 'initech'];
    const groups: { tenant: string; jobs: number }[] = [];
    let together = 0;
    let together_max = 0;
    const three = Promise.withResolvers<void>();
    const single = defineAtomic({
      kind: 'single.run',
      queue: 'singles',
      summary: 'One job a transaction, three at once.',
      payload: namePayload,
      result: z.null(),
      key: ({ name }) => name,
      group_max: 1,
      concurrency: 3,
      run: async (tx, jobs) => {
        together += 1;
        together_max = Math.max(together_max, together);
        if (together >= 3) three.resolve();
        groups.push({ tenant: jobs[0]!.tenant, jobs: jobs.length });
        await mark(tx, [jobs[0]!.payload.name]);
        await three.promise;
        await turn();
        together -= 1;
        return [null];
      },
    });
    const grouped = defineAtomic({
      ...{ ...single, kind: 'group.run', queue: 'groups', group_max: 10, concurrency: 1 },
      run: async (tx, jobs) => {
        groups.push({ tenant: jobs[0]!.tenant, jobs: jobs.length });
        await mark(
          tx,
          jobs.map((job) => job.payload.name),
        );
        return jobs.map(() => null);
      },
    });
    const urgent = defineAtomic({ ...grouped, kind: 'urgent.run', queue: 'urgents', group_max: 1 });
    const system = await testRuntime([leaveMark, single, grouped, urgent], { redisUrl, tenants });
    afterAll(() => system.close());
    beforeEach(() => {
      groups.length = 0;
    });

    const acceptMany = (tenant: string, kind: string, count: number, priority = 0) =>
      system.runtime.submit(
        tenant,
        'service:test',
        Array.from({ length: count }, (_, index) => ({
          ...{ kind, priority },
          payload: { name: `${kind} ${priority} ${index}` },
        })),
      );
    const dispatched = async (queue: string, jobs: number) => {
      const found = system.runtime.carrierQueues().find((each) => each.queue.name === queue)!;
      await until('the carrier knows them all', async () => {
        const counts = await found.queue.getJobCounts('wait', 'prioritized', 'delayed', 'active');
        return Object.values(counts).reduce((sum, count) => sum + count, 0) === jobs;
      });
    };
    const allDone = (jobs: number) =>
      until('all have run', () => groups.reduce((sum, group) => sum + group.jobs, 0) >= jobs);

    test('takes the urgent first, though they came last', async () => {
      await acceptMany('acme', 'urgent.run', 5, 900);
      await acceptMany('acme', 'urgent.run', 5, 10);
      await acceptMany('acme', 'urgent.run', 5, 0);
      await dispatched('urgents', 15);
      const worker = await system.another({ worker_concurrency: 1 });
      await worker.startWorkers(['urgents']);
      await allDone(15);
      await worker.stop(1_000);
      const order = (await system.effects()).map((name) => Number(name.split(' ')[1]));
      expect(order).toEqual([...order].sort((a, b) => a - b));
    });

    test('runs no more jobs of a kind at once than the kind allows', async () => {
      await acceptMany('acme', 'single.run', 60);
      await dispatched('singles', 60);
      const worker = await system.another();
      await worker.startWorkers(['singles']);
      await allDone(60);
      await worker.stop(1_000);
      expect(together_max).toBe(3);
    });

    test('lets tenants take turns, a group each', async () => {
      await acceptMany('acme', 'group.run', 60);
      await acceptMany('globex', 'group.run', 10);
      await acceptMany('initech', 'group.run', 10);
      await dispatched('groups', 80);
      const worker = await system.another({ worker_concurrency: 100 });
      await worker.startWorkers(['groups']);
      await allDone(80);
      await worker.stop(1_000);
      const lastOf = (tenant: string) => groups.findLastIndex((group) => group.tenant === tenant);
      expect(Math.max(lastOf('globex'), lastOf('initech'))).toBeLessThan(lastOf('acme'));
      expect(groups.every((group) => group.jobs <= 10)).toBe(true);
    });

    test('gets 1,000 jobs accepted at once, and not one of 1,001', async () => {
      const many = (count: number, name: string) =>
        Array.from({ length: count }, (_, index) => ({
          kind: 'mark.leave',
          payload: { name: `${name} ${index}` },
        }));
      const answers = await system.runtime.submit('acme', 'service:test', many(1_000, 'enough'));
      expect(answers.filter((answer) => answer.status === 'accepted')).toHaveLength(1_000);
      await expect(system.runtime.submit('acme', 'service:test', many(1_001, 'too many'))).rejects.toThrow(
        RangeError,
      );
      const { rows } = await system.database.superuser(
        `SELECT count(*)::int AS n FROM job WHERE key LIKE 'too many%'`,
      );
      expect(rows[0].n).toBe(0);
    });
  });
});
