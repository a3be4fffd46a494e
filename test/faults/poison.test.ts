import { afterAll, describe, expect, test } from 'vitest';
import { carrierId } from '../../src/runtime/route.ts';
import { LOST_DISPATCHES_MAX } from '../../src/runtime/sweeper.ts';
import { carriers } from '../support/carriers.ts';
import { testRuntime } from '../support/runtime.ts';
import { until } from '../support/until.ts';
import { faultKinds } from './kinds.ts';

describe.each(carriers())('on the $name carrier', ({ redisUrl, missing }) => {
  describe.skipIf(missing)('a job that nobody brings to rest', async () => {
    if (missing) return;
    const system = await testRuntime(faultKinds, { redisUrl, sweep_after_ms: 600_000 });
    const { queue } = system.runtime.carrierQueues().find((each) => each.queue.name === 'risks')!;
    afterAll(() => system.close());
    await system.runtime.sweep();

    /** Waits until the carrier has heard of the job's latest dispatch. @returns its id there */
    async function carried(id: string): Promise<string> {
      const { rows } = await system.database.superuser('SELECT dispatch_number FROM job WHERE id = $1', [id]);
      const known = carrierId({ id, dispatch_number: rows[0].dispatch_number });
      await until('the carrier has it', async () => (await queue.getJob(known)) !== undefined);
      return known;
    }

    /** As if its worker had died with it and the carrier had given it up. */
    async function lose(id: string): Promise<void> {
      await system.database.superuser('UPDATE job SET sweep_at = now() WHERE id = $1', [id]);
      await queue.remove(await carried(id));
    }

    test('is dead after a number of losses, and says why', async () => {
      const job = await system.accept('risk.take', { name: 'poison' });
      for (let loss = 0; loss < LOST_DISPATCHES_MAX; loss += 1) {
        await lose(job.id);
        expect(await system.runtime.sweep()).toBe(1);
      }
      await lose(job.id);
      await system.runtime.sweep();
      expect(await system.rested(job)).toMatchObject({ state: 'dead', code: 'worker-lost', attempt: 1 });
    });

    test('is not blamed for a carrier that forgets', async () => {
      const job = await system.accept('risk.take', { name: 'innocent' });
      for (let time = 0; time <= LOST_DISPATCHES_MAX; time += 1) {
        await carried(job.id);
        await system.flushCarrier();
        expect(await system.runtime.sweep()).toBe(1);
      }
      const { rows } = await system.database.superuser(
        'SELECT state, lost_dispatches FROM job WHERE id = $1',
        [job.id],
      );
      expect(rows).toEqual([{ state: 'pending', lost_dispatches: 0 }]);
    });
  });
});
