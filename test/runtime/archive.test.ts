import { afterAll, beforeAll, expect, test } from 'vitest';
import { archiveRested } from '../../src/runtime/archive.ts';
import { leaveMark, type TestRuntime, testRuntime } from '../support/runtime.ts';

const RETENTION_DAYS = 30;

let kist: TestRuntime;

beforeAll(async () => {
  kist = await testRuntime([leaveMark]);
  await kist.runtime.startWorkers();
});

afterAll(() => kist.close());

const archive = () => archiveRested(kist.runtime.pool, 'acme', RETENTION_DAYS);

test('a job past the retention leaves the hot table in two visits, and its key answers for ever', async () => {
  const old = await kist.rested(await kist.accept('mark.leave', { name: 'old' }));
  const young = await kist.rested(await kist.accept('mark.leave', { name: 'young' }));
  await kist.database.superuser(
    `UPDATE job SET rested_at = rested_at - interval '31 days' WHERE key = 'old'`,
  );

  expect(await archive(), 'first it is copied').toEqual({ copied: 1, deleted: 0 });
  expect(await archive(), 'an accept that began before may still look at the hot table').toEqual({
    copied: 0,
    deleted: 0,
  });
  await kist.database.superuser(
    `UPDATE job_key_archive SET archived_at = archived_at - interval '6 minutes'`,
  );
  expect(await archive(), 'then it leaves').toEqual({ copied: 0, deleted: 1 });

  const left = await kist.database.superuser('SELECT key FROM job');
  expect(left.rows).toEqual([{ key: 'young' }]);
  const [repeat, conflict] = await kist.runtime.submit('acme', 'service:test', [
    { kind: 'mark.leave', payload: { name: 'old' } },
    { kind: 'mark.leave', payload: { name: 'other' }, key: 'old' },
  ]);
  expect(repeat).toMatchObject({
    status: 'replayed',
    job: { id: old.id, state: 'done', result: { left: 'old' } },
  });
  expect(conflict).toMatchObject({ status: 'refused', code: 'idempotency-conflict' });
  expect(await kist.runtime.find('acme', old.id)).toMatchObject({ state: 'done', result: { left: 'old' } });
  expect(await kist.effects()).toEqual(['old', 'young']);
  expect((await kist.rested(young)).state).toBe('done');
});
