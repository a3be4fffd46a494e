import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { Hold } from '../../src/runtime/outcomes.ts';
import type { JobView } from '../../src/runtime/types.ts';
import { carriers } from '../support/carriers.ts';
import { defineAtomic, mark, type TestRuntime, testRuntime } from '../support/runtime.ts';

const payload = z.strictObject({ name: z.string(), lane: z.string().nullable() });

describe.each(carriers())('on the $name carrier', ({ redisUrl, missing }) => {
  describe.skipIf(missing)('what is held for a lane', () => {
    let open = false;
    let system: TestRuntime;

    const ferry = defineAtomic({
      ...{ kind: 'ferry.cross', queue: 'ferries', summary: 'Crosses while the river is open.' },
      ...{ payload, result: z.strictObject({}), group_max: 1 },
      key: ({ name }) => name,
      ordering_key: ({ lane }) => lane,
      run: async (tx, [job]) => {
        if (!open) throw new Hold('river-high', 'Nothing crosses.');
        await mark(tx, [job!.payload.name]);
        return [{}];
      },
    });

    beforeAll(async () => {
      system = await testRuntime([ferry], redisUrl ? { redisUrl } : {});
      await system.runtime.startWorkers();
      await system.runtime.startClock();
    });
    afterAll(() => system.close());

    const release = (every_ms: number): Promise<number> =>
      system.runtime.transact('acme', 'system:test', (_tx, _accept, unit) =>
        unit.releaseHeld('ferry.cross', 'river-high', every_ms),
      );
    const crossing = async (names: string[], lane: string | null): Promise<JobView[]> => {
      open = false;
      const jobs: JobView[] = [];
      for (const name of names) jobs.push(await system.accept('ferry.cross', { name, lane }));
      for (const job of jobs) expect((await system.rested(job)).state).toBe('held');
      open = true;
      return jobs;
    };

    test('goes out in the order in which it was accepted, as far apart as asked', async () => {
      const jobs = await crossing(['first', 'second', 'third'], null);
      const every_ms = 150;
      expect(await release(every_ms)).toBe(3);
      const released = await Promise.all(jobs.map(({ id }) => system.runtime.find('acme', id)));
      const due = released.map((job) => job!.run_at.getTime());
      expect([due[1]! - due[0]!, due[2]! - due[1]!]).toEqual([every_ms, every_ms]);
      for (const job of jobs) expect((await system.rested(job)).state).toBe('done');
      expect(await system.effects()).toEqual(['first', 'second', 'third']);
      expect(await release(every_ms)).toBe(0);
    });

    test('keeps the turns of its ordering key; a job without one waits for nobody', async () => {
      const before = (await system.effects()).length;
      const jobs = [
        ...(await crossing(['car-1', 'car-2', 'car-3'], 'bridge')),
        ...(await crossing(['bicycle'], null)),
      ];
      expect(await release(0)).toBe(4);
      for (const job of jobs) expect((await system.rested(job)).state).toBe('done');
      const effects = (await system.effects()).slice(before);
      expect(effects).toContain('bicycle');
      expect(effects.filter((name) => name.startsWith('car'))).toEqual(['car-1', 'car-2', 'car-3']);
    });

    test('a second batch begins where the first one ends', async () => {
      const [early] = await crossing(['early'], null);
      const far_ms = 60_000;
      await release(far_ms);
      expect((await system.rested(early!)).state).toBe('done');
      const waiting = await crossing(['waits-1', 'waits-2'], null);
      await release(far_ms);
      expect((await system.rested(waiting[0]!)).state).toBe('done');
      const [late] = await crossing(['late'], null);
      await release(far_ms);
      const [second, third] = await Promise.all(
        [waiting[1]!, late!].map(({ id }) => system.runtime.find('acme', id)),
      );
      expect(third!.run_at.getTime() - second!.run_at.getTime()).toBe(far_ms);
    });
  });
});
