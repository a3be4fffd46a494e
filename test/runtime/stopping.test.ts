import { sql } from 'slonik';
import { describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { carriers } from '../support/carriers.ts';
import { defineAtomic, defineStaged, mark, namePayload, testRuntime } from '../support/runtime.ts';
import { until } from '../support/until.ts';

const common = {
  summary: 'Begins, and does not come to an end the first time.',
  payload: namePayload,
  result: z.null(),
  key: ({ name }: { name: string }) => name,
  timeout_ms: 60_000,
};

/** Only what is given back comes to the next worker soon: carrier and sweeper would take a minute. */
const settings = { sweep_interval_ms: 100, sweep_after_ms: 60_000, carrier_lock_ms: 60_000 };
/** For a run that not even lets go of its row: found by carrier and sweeper, here in a second or two. */
const hasty = { sweep_interval_ms: 100, sweep_after_ms: 1_000, carrier_lock_ms: 1_000 };

vi.setConfig({ testTimeout: 60_000 });

describe.each(carriers())('a worker that stops, on the $name carrier', ({ redisUrl, missing }) => {
  test.skipIf(missing).each([
    { what: 'ignores its signal', kinds: ['deaf.wait', 'deaf.call'], recovery: settings },
    { what: 'is deep in a query', kinds: ['deaf.query'], recovery: hasty },
  ])('in time gives back what $what, and another runs it', async ({ kinds, recovery }) => {
    const begun = new Map<string, number>();
    const first = (name: string): boolean => {
      begun.set(name, (begun.get(name) ?? 0) + 1);
      return begun.get(name) === 1;
    };
    const forever = defineAtomic({
      ...{ ...common, kind: 'deaf.wait', queue: 'deaf', group_max: 1 },
      run: async (tx, jobs) => {
        if (first(jobs[0]!.payload.name)) await new Promise(() => {});
        await mark(
          tx,
          jobs.map((job) => job.payload.name),
        );
        return jobs.map(() => null);
      },
    });
    const query = defineAtomic({
      ...{ ...common, kind: 'deaf.query', queue: 'deaf', group_max: 1 },
      run: async (tx, jobs) => {
        if (first(jobs[0]!.payload.name)) await tx.query(sql.unsafe`SELECT pg_sleep(6)`);
        await mark(
          tx,
          jobs.map((job) => job.payload.name),
        );
        return jobs.map(() => null);
      },
    });
    const calls: string[] = [];
    const call = defineStaged({
      ...{ ...common, kind: 'deaf.call', queue: 'deaf' },
      prepare: async (_tx, job) => job.payload.name,
      call: async (name: string, { provider_key }) => {
        calls.push(provider_key);
        if (first(name)) await new Promise(() => {});
        return name;
      },
      settle: async (tx, _job, name) => {
        await mark(tx, [name]);
        return null;
      },
    });
    const system = await testRuntime([forever, query, call], { redisUrl, ...recovery });
    try {
      const stopping = await system.another();
      await stopping.startWorkers();
      const jobs = [];
      for (const kind of kinds) jobs.push(await system.accept(kind, { name: kind }));
      await until('all have begun', () => begun.size === kinds.length);
      const started = performance.now();
      await stopping.stop(300);
      expect(performance.now() - started).toBeLessThan(7_000);
      await system.runtime.startWorkers();
      await system.runtime.startClock();
      const resumed = performance.now();
      for (const job of jobs) expect(await system.rested(job)).toMatchObject({ state: 'done', attempt: 0 });
      expect(performance.now() - resumed).toBeLessThan(20_000);
      expect((await system.effects()).sort()).toEqual([...kinds].sort());
      expect(new Set(calls).size).toBeLessThanOrEqual(1);
    } finally {
      await system.close();
    }
  });
});
