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

test('months are the same in every time zone of a session: no row falls between them or into the rest', async () => {
  const night = await kist.rested(await kist.accept('mark.leave', { name: 'new year’s night' }));
  const later = await kist.rested(await kist.accept('mark.leave', { name: 'later that month' }));
  const rest = (id: string, at: string) =>
    kist.database.superuser('UPDATE job SET rested_at = $2 WHERE id = $1', [id, at]);
  const database = new URL(kist.database.url).pathname.slice(1);
  await kist.database.superuser(`ALTER DATABASE ${database} SET timezone = 'Asia/Kolkata'`);
  const indian = await kist.another();
  await rest(night.id, '2025-12-31T19:00:00Z');
  await archiveRested(indian.pool, 'acme', RETENTION_DAYS);
  await kist.database.superuser(`ALTER DATABASE ${database} SET timezone = 'America/New_York'`);
  const american = await kist.another();
  await rest(later.id, '2026-01-31T23:00:00Z');
  await archiveRested(american.pool, 'acme', RETENTION_DAYS);
  const { rows } = await kist.database.superuser(
    'SELECT tableoid::regclass::text AS month FROM job_archive WHERE id = ANY($1) ORDER BY 1',
    [[night.id, later.id]],
  );
  expect(rows.map((row) => row.month)).toEqual(['job_archive_2025_12', 'job_archive_2026_01']);
});
