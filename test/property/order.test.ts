import fc from 'fast-check';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { Retry } from '../../src/runtime/outcomes.ts';
import { carriers } from '../support/carriers.ts';
import { defineAtomic, mark, testRuntime } from '../support/runtime.ts';
import { until } from '../support/until.ts';

vi.setConfig({ testTimeout: 90_000 });

const RUNS = 5;
const ATTEMPTS = 3;

const inTurn = defineAtomic({
  kind: 'turn.take',
  queue: 'turns',
  summary: 'Fails as often as it is told, then leaves its effect.',
  payload: z.strictObject({ name: z.string(), lane: z.string(), failures: z.int() }),
  result: z.null(),
  key: ({ name }) => name,
  ordering_key: ({ lane }) => lane,
  retry: { attempts: ATTEMPTS, backoff_ms: 5, backoff_ms_max: 10 },
  run: async (tx, jobs) => {
    for (const { payload, attempt } of jobs) {
      await mark(tx, [payload.name]);
      if (attempt < payload.failures) throw new Retry('again', 'Once more.');
    }
    return jobs.map(() => null);
  },
});

describe.each(carriers())('on the $name carrier', ({ redisUrl, missing }) => {
  describe.skipIf(missing)('two workers', async () => {
    if (missing) return;
    const system = await testRuntime([inTurn], { redisUrl, sweep_interval_ms: 100, sweep_after_ms: 60_000 });
    await system.runtime.startWorkers();
    await (await system.another()).startWorkers();
    await system.runtime.startClock();
    afterAll(() => system.close());

    test('run the jobs of each ordering key in the order of acceptance, whatever fails', async () => {
      let run = 0;
      const jobs = fc.array(
        fc.record({ lane: fc.nat({ max: 3 }), failures: fc.nat({ max: ATTEMPTS - 1 }) }),
        { minLength: 2, maxLength: 40, size: 'max' },
      );
      await fc.assert(
        fc.asyncProperty(jobs, async (jobs) => {
          run += 1;
          const requests = jobs.map(({ lane, failures }, index) => ({
            kind: 'turn.take',
            payload: { name: `${run}/${lane}/${index}`, lane: `${run}/${lane}`, failures },
          }));
          const half = Math.floor(requests.length / 2);
          for (const request of requests.slice(0, half)) {
            await system.runtime.submit('acme', 'service:test', [request]);
          }
          await system.runtime.submit('acme', 'service:test', requests.slice(half));
          const marks = await until('all have run', async () => {
            const found = (await system.effects()).filter((name) => name.startsWith(`${run}/`));
            return found.length >= requests.length ? found : null;
          });
          for (const lane of new Set(requests.map(({ payload }) => payload.lane))) {
            const expected = requests
              .filter(({ payload }) => payload.lane === lane)
              .map(({ payload }) => payload.name);
            expect(marks.filter((name) => name.startsWith(`${lane}/`))).toEqual(expected);
          }
        }),
        { numRuns: RUNS },
      );
    });
  });
});
