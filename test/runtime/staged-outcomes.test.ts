import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { Cancel, Snooze } from '../../src/runtime/outcomes.ts';
import { defineStaged, mark, namePayload, type TestRuntime, testRuntime } from '../support/runtime.ts';

let system: TestRuntime;
let looked = 0;
const called: string[] = [];

/** Notes each look, waits for the third, and is then of no use any more. */
const wait = defineStaged({
  kind: 'bus.wait',
  queue: 'buses',
  summary: 'Waits for a bus.',
  payload: namePayload,
  result: z.strictObject({}),
  key: ({ name }) => name,
  prepare: async (tx, { payload }) => {
    looked += 1;
    await mark(tx, [`${payload.name}, look ${looked}`]);
    return looked < 3 ? new Snooze('no-bus', 'None came.', 10) : new Cancel('too-late', 'Walked.');
  },
  call: async () => {
    called.push('bus');
    return {};
  },
  settle: async () => ({}),
});

beforeAll(async () => {
  system = await testRuntime([wait]);
  await system.runtime.startWorkers();
  await system.runtime.startClock();
});
afterAll(() => system.close());

test('what prepare wrote stays where it answers with an outcome, and nobody is called', async () => {
  const job = await system.rested(await system.accept('bus.wait', { name: 'asha' }));
  expect(job).toMatchObject({ state: 'cancelled', code: 'too-late', attempt: 0 });
  expect(await system.effects()).toEqual(['asha, look 1', 'asha, look 2', 'asha, look 3']);
  expect(called).toEqual([]);
});
