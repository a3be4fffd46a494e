import { afterAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { Finished } from '../../src/runtime/definition.ts';
import { defineStaged, mark, namePayload, testRuntime } from '../support/runtime.ts';

const called: string[] = [];
let answered: unknown = 'known already';

const ask = defineStaged({
  ...{ kind: 'provider.ask', queue: 'providers', summary: 'Asks only for what is not known already.' },
  payload: namePayload,
  result: z.strictObject({ said: z.string() }),
  key: ({ name }) => name,
  ordering_key: () => 'one after the other',
  retry: { attempts: 1 },
  async prepare(tx, { payload: { name } }) {
    if (!name.startsWith('known')) return name;
    await mark(tx, [name]);
    return new Finished({ said: answered as string });
  },
  async call(name: string) {
    called.push(name);
    return 'asked';
  },
  async settle(tx, { payload: { name } }, said) {
    await mark(tx, [name]);
    return { said };
  },
});

const system = await testRuntime([ask]);
await system.runtime.startWorkers();
afterAll(() => system.close());
beforeEach(() => {
  called.length = 0;
  answered = 'known already';
});

const rested = async (name: string) => {
  const { tenant, id } = await system.accept('provider.ask', { name });
  return system.runtime.waitForRest(tenant, id, 20_000);
};

test('what is known already is done while it is prepared: nobody is called, and the next of its key follows', async () => {
  const names = ['known-1', 'stranger', 'known-2'];
  const jobs = await Promise.all(names.map(rested));
  expect(jobs.map((job) => [job?.state, job?.result])).toEqual([
    ['done', { said: 'known already' }],
    ['done', { said: 'asked' }],
    ['done', { said: 'known already' }],
  ]);
  expect(called).toEqual(['stranger']);
  expect((await system.effects()).toSorted()).toEqual(['known-1', 'known-2', 'stranger']);
});

test('a result that is none takes the effects of the preparation with it', async () => {
  answered = 7;
  expect(await rested('known-but-wrong')).toMatchObject({ state: 'dead' });
  expect(await system.effects()).not.toContain('known-but-wrong');
});
