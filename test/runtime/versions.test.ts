import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { Registry } from '../../src/runtime/registry.ts';
import { defineAtomic, leaveMark, mark, testRuntime } from '../support/runtime.ts';

const old = defineAtomic({
  kind: 'letter.send',
  queue: 'letters',
  summary: 'Sends a letter.',
  payload: z.strictObject({ to: z.string() }),
  result: z.null(),
  key: ({ to }) => to,
  run: async (tx, jobs) => {
    await mark(
      tx,
      jobs.map((job) => `old letter to ${job.payload.to}`),
    );
    return jobs.map(() => null);
  },
});
const current = defineAtomic({
  ...{ kind: old.kind, queue: old.queue, summary: old.summary, result: z.null(), version: 2 },
  payload: z.strictObject({ recipient: z.string(), language: z.string() }),
  upcast: { 1: (payload: { to: string }) => ({ recipient: payload.to, language: 'hi' }) },
  key: ({ recipient }) => recipient,
  run: async (tx, jobs) => {
    await mark(
      tx,
      jobs.map(({ payload }) => `${payload.language} letter to ${payload.recipient}`),
    );
    return jobs.map(() => null);
  },
});

const system = await testRuntime([leaveMark, old]);
afterAll(() => system.close());
const newer = () => system.another({ registry: new Registry([leaveMark, current]) });

test('a job accepted by an older release runs in a newer one, its payload brought up to date', async () => {
  const job = await system.accept('letter.send', { to: 'asha' });
  const release = await newer();
  await release.startWorkers();
  expect(await system.rested(job)).toMatchObject({ state: 'done' });
  expect(await system.effects()).toEqual(['hi letter to asha']);
  await release.stop(1_000);
});

test('a job of a newer release waits in an older one, and costs no attempt', async () => {
  const release = await newer();
  const payload = { recipient: 'ravi', language: 'en' };
  const [answer] = await release.submit('acme', 'service:test', [{ kind: 'letter.send', payload }]);
  if (answer?.status !== 'accepted') return expect.fail('not accepted');
  const older = await system.another();
  const snoozed = new Promise<{ id: string; code: string }>((resolve) =>
    older.events.once('snoozed', resolve),
  );
  await older.startWorkers();
  expect(await snoozed).toMatchObject({ id: answer.job.id, code: 'newer-payload' });
  expect(await system.runtime.find('acme', answer.job.id)).toMatchObject({ state: 'pending', attempt: 0 });
  await Promise.all([older.stop(1_000), release.stop(1_000)]);
});

test('a stored payload that fits no longer makes its job dead, and hurts none of its group', async () => {
  const bad = await system.accept('mark.leave', { name: 'bad' });
  const good = await system.accept('mark.leave', { name: 'good' });
  await system.database.superuser(`UPDATE job SET payload = '{"nome": "bad"}' WHERE id = $1`, [bad.id]);
  await system.runtime.startWorkers();
  expect(await system.rested(bad)).toMatchObject({ state: 'dead', code: 'invalid-payload' });
  expect(await system.rested(good)).toMatchObject({ state: 'done' });
});

test('a worker does not start while a kind with open jobs has no handler', async () => {
  const retired = defineAtomic({ ...leaveMark, kind: 'mark.retire' });
  const before = await system.another({ registry: new Registry([leaveMark, old, retired]) });
  await before.submit('acme', 'service:test', [{ kind: 'mark.retire', payload: { name: 'orphan' } }]);
  await before.stop(1_000);
  const after = await system.another();
  await expect(after.startWorkers()).rejects.toThrow(/mark\.retire/);
});

test('a release without an up-caster for every version is not one', () => {
  const gap = defineAtomic({ ...current, upcast: {} });
  expect(() => new Registry([gap])).toThrow(/up-caster from 1/);
});
