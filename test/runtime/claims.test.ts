import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { inTenant } from '../../src/db/transaction.ts';
import { claimJobs } from '../../src/runtime/claim.ts';
import { defineAtomic, leaveMark, mark, namePayload, testRuntime } from '../support/runtime.ts';

/** Set by a test: what the handler does between its time running out and its last statement. */
let belated: Promise<void> = Promise.resolve();
let zombie: Promise<unknown> = Promise.resolve();

const dawdle = defineAtomic({
  kind: 'mark.dawdle',
  queue: 'dawdlers',
  summary: 'Heeds no signal and writes long after its time has run out.',
  payload: namePayload,
  result: z.null(),
  key: ({ name }) => name,
  timeout_ms: 50,
  retry: { attempts: 1 },
  run: async (tx, jobs) => {
    const work = belated.then(() => mark(tx, [`${jobs[0]!.payload.name}, belated`]));
    zombie = work.catch((error) => error);
    await work;
    return jobs.map(() => null);
  },
});

const CONNECTIONS_MAX = 2;
const system = await testRuntime([leaveMark, dawdle], {
  connections_max: CONNECTIONS_MAX,
  tenants: ['acme', 'globex'],
});
afterAll(() => system.close());

test('a job that a group holds twice is claimed once', async () => {
  const job = await system.accept('mark.leave', { name: 'twin' });
  const claims = await inTenant(system.database.app, 'acme', (tx) =>
    claimJobs(tx, 'acme', leaveMark, [job.id, job.id]),
  );
  expect(claims.jobs).toHaveLength(1);
});

test('a handler whose time has run out writes nothing any more, not even into a transaction of others', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  belated = promise;
  await system.runtime.startWorkers();
  const dead = await system.rested(await system.accept('mark.dawdle', { name: 'dawdler' }));
  expect(dead).toMatchObject({ state: 'dead', code: 'timeout' });
  const begun = Array.from({ length: CONNECTIONS_MAX }, () => Promise.withResolvers<void>());
  const innocents = begun.map((each, index) =>
    inTenant(system.runtime.pool, 'globex', async (tx) => {
      await mark(tx, [`innocent ${index}`]);
      each.resolve();
      await zombie;
    }),
  );
  await Promise.all(begun.map((each) => each.promise));
  resolve();
  await Promise.all(innocents);
  expect(await zombie).toBeInstanceOf(Error);
  expect((await system.effects('globex')).sort()).toEqual(['innocent 0', 'innocent 1']);
});
