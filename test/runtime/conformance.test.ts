import { afterAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { Cancel, Hold, Refuse, Retry, Snooze } from '../../src/runtime/outcomes.ts';
import { carriers } from '../support/carriers.ts';
import { defineAtomic, leaveMark, mark, namePayload, testRuntime } from '../support/runtime.ts';
import { until } from '../support/until.ts';

const result = z.unknown();
const quickly = { backoff_ms: 5, backoff_ms_max: 10 };

describe.each(carriers())('on the $name carrier', ({ redisUrl, missing }) => {
  describe.skipIf(missing)('a job', async () => {
    if (missing) return;
    const fates = new Map<string, (attempt: number) => void>();
    const follow = defineAtomic({
      kind: 'fate.follow',
      queue: 'fates',
      summary: 'Does what the test says.',
      payload: namePayload,
      result,
      key: ({ name }) => name,
      retry: { attempts: 3, ...quickly },
      run: async (tx, jobs) => {
        for (const job of jobs) {
          await mark(tx, [job.payload.name]);
          fates.get(job.payload.name)?.(job.attempt);
        }
        return jobs.map(() => null);
      },
    });
    const inTurn = defineAtomic({
      kind: 'turn.take',
      queue: 'turns',
      summary: 'Leaves its effect in order of acceptance.',
      payload: z.strictObject({ name: z.string(), lane: z.string(), blocks: z.boolean().optional() }),
      result,
      key: ({ name }) => name,
      ordering_key: ({ lane }) => lane,
      retry: { attempts: 2, ...quickly },
      run: async (tx, jobs) => {
        for (const job of jobs) {
          await mark(tx, [job.payload.name]);
          fates.get(job.payload.name)?.(job.attempt);
        }
        return jobs.map(() => null);
      },
    });
    const barring = defineAtomic({ ...inTurn, kind: 'turn.bar', when_head_rests: 'block' });
    const pair = defineAtomic({
      kind: 'pair.accept',
      queue: 'marks',
      summary: 'Leaves an effect and accepts a follow-up with it.',
      payload: namePayload,
      result,
      key: ({ name }) => name,
      retry: { attempts: 2, ...quickly },
      run: async (tx, jobs, context) => {
        await mark(
          tx,
          jobs.map((job) => job.payload.name),
        );
        await context.accept(
          jobs.map((job) => ({ kind: 'mark.leave', payload: { name: `${job.payload.name}'s child` } })),
        );
        for (const job of jobs) fates.get(job.payload.name)?.(job.attempt);
        return jobs.map(() => null);
      },
    });
    const system = await testRuntime([leaveMark, follow, inTurn, barring, pair], {
      redisUrl,
      tenants: ['acme', 'globex'],
    });
    await system.runtime.startWorkers();
    await system.runtime.startClock();
    afterAll(() => system.close());

    test('is done once, with its result', async () => {
      const job = await system.accept('mark.leave', { name: 'one' });
      expect(job).toMatchObject({ state: 'pending', kind: 'mark.leave', key: 'one' });
      expect(await system.rested(job)).toMatchObject({ state: 'done', result: { left: 'one' } });
    });

    test('is the same job when it is asked for again, and conflicts with another payload', async () => {
      const job = await system.rested(await system.accept('mark.leave', { name: 'twice' }));
      const [again, other] = await system.runtime.submit('acme', 'service:test', [
        { kind: 'mark.leave', payload: { name: 'twice' } },
        { kind: 'mark.leave', payload: { name: 'something else' }, key: 'twice' },
      ]);
      expect(again).toMatchObject({
        status: 'replayed',
        job: { id: job.id, state: 'done', result: { left: 'twice' } },
      });
      expect(other).toMatchObject({ status: 'refused', code: 'idempotency-conflict' });
      expect((await system.effects()).filter((name) => name === 'twice')).toHaveLength(1);
    });

    test('comes to rest once each among 500 accepted together by 20 callers', async () => {
      const names = Array.from({ length: 500 }, (_, index) => `many ${index}`);
      const callers = Array.from({ length: 20 }, () =>
        system.runtime.submit(
          'globex',
          'service:test',
          names.map((name) => ({ kind: 'mark.leave', payload: { name } })),
        ),
      );
      const answers = (await Promise.all(callers)).flat();
      expect(answers.filter((answer) => answer.status === 'accepted')).toHaveLength(500);
      expect(answers.filter((answer) => answer.status === 'replayed')).toHaveLength(19 * 500);
      await until('all have left their mark', async () => (await system.effects('globex')).length >= 500);
      expect((await system.effects('globex')).sort()).toEqual(names.sort());
    });

    test('is tried again after Retry, and is dead when its attempts are used up', async () => {
      fates.set('unlucky', () => {
        throw new Retry('away', 'Nobody at home.');
      });
      const dead = await system.rested(await system.accept('fate.follow', { name: 'unlucky' }));
      expect(dead).toMatchObject({ state: 'dead', attempt: 3, code: 'away', message: 'Nobody at home.' });
      const attempts = await system.runtime.attempts('acme', dead.id);
      expect(attempts.map(({ attempt, word, code }) => [attempt, word, code])).toEqual([
        [1, 'retry', 'away'],
        [2, 'retry', 'away'],
        [3, 'retry', 'away'],
      ]);
      expect(await system.effects()).not.toContain('unlucky');
    });

    test('that is dead goes on after a redrive: same id, same key, history kept', async () => {
      fates.set('second life', () => {
        throw new Refuse('nonsense', 'This cannot be.');
      });
      const dead = await system.rested(await system.accept('fate.follow', { name: 'second life' }));
      expect(dead).toMatchObject({ state: 'dead', attempt: 1, code: 'nonsense' });
      fates.delete('second life');
      expect(await system.runtime.redrive('acme', dead.id, 'operator:ann')).toMatchObject({ done: true });
      const done = await system.rested(dead);
      expect(done).toMatchObject({ id: dead.id, key: dead.key, state: 'done' });
      expect(await system.runtime.attempts('acme', dead.id)).toHaveLength(1);
      expect(await system.runtime.redrive('acme', dead.id, 'operator:ann')).toMatchObject({
        code: 'illegal-transition',
      });
    });

    test('that is dead is redriven by the Retry of its dead-letter queue', async () => {
      fates.set('retried', () => {
        throw new Refuse('nonsense', 'This cannot be.');
      });
      const dead = await system.rested(await system.accept('fate.follow', { name: 'retried' }));
      const { queue } = system.runtime
        .carrierQueues()
        .find((each) => each.dead && each.queue.name === 'fates-dead')!;
      const letter = await until('it lies on the dead-letter queue', async () =>
        (await queue.getFailed()).find((each) => each.data.id === dead.id),
      );
      expect(letter.data).toMatchObject({
        tenant: 'acme',
        kind: 'fate.follow',
        key: 'retried',
        attempts: 1,
        code: 'nonsense',
      });
      expect(letter.failedReason).toBe('nonsense: This cannot be.');
      fates.delete('retried');
      await letter.retry();
      expect(
        await until('it is done', async () => {
          const job = await system.runtime.find('acme', dead.id);
          return job?.state === 'done' ? job : null;
        }),
      ).toMatchObject({ id: dead.id });
    });

    test('is held by Hold until somebody releases it', async () => {
      fates.set('doubtful', () => {
        throw new Hold('unknown-outcome', 'Ask the bank.');
      });
      const held = await system.rested(await system.accept('fate.follow', { name: 'doubtful' }));
      expect(held).toMatchObject({ state: 'held', code: 'unknown-outcome' });
      fates.delete('doubtful');
      await system.runtime.release('acme', held.id, 'operator:ann');
      expect(
        await until('it is done', async () => (await system.runtime.find('acme', held.id))?.state === 'done'),
      ).toBe(true);
    });

    test('waits after Snooze without losing an attempt, and ends with Cancel', async () => {
      let naps = 0;
      fates.set('sleepy', () => {
        naps += 1;
        if (naps <= 5) throw new Snooze('not-yet', 'Later.', 5);
      });
      expect(await system.rested(await system.accept('fate.follow', { name: 'sleepy' }))).toMatchObject({
        state: 'done',
        attempt: 0,
      });
      fates.set('untrue', () => {
        throw new Cancel('no-longer-true', 'The loan is closed.');
      });
      expect(await system.rested(await system.accept('fate.follow', { name: 'untrue' }))).toMatchObject({
        state: 'cancelled',
        code: 'no-longer-true',
      });
    });

    test('does not hurt its neighbours when it fails in their group', async () => {
      fates.set('bad apple', () => {
        throw new Refuse('rotten', 'No.');
      });
      const names = ['apple 1', 'apple 2', 'bad apple', 'apple 3'];
      const answers = await system.runtime.submit(
        'acme',
        'service:test',
        names.map((name) => ({ kind: 'fate.follow', payload: { name } })),
      );
      const jobs = answers.map((answer) => (answer.status === 'refused' ? expect.fail() : answer.job));
      const states = await Promise.all(jobs.map(async (job) => (await system.rested(job)).state));
      expect(states).toEqual(['done', 'done', 'dead', 'done']);
    });

    test('brings its follow-up into being with its effects, or not at all', async () => {
      fates.set('fickle parent', (attempt) => {
        if (attempt === 0) throw new Retry('again', 'Once more.');
      });
      await system.rested(await system.accept('pair.accept', { name: 'fickle parent' }));
      await until('the child has run', async () =>
        (await system.effects()).includes("fickle parent's child"),
      );
      expect((await system.effects()).filter((name) => name.startsWith('fickle parent'))).toHaveLength(2);
    });

    test('of one ordering key runs after the earlier ones, and lets other keys pass', async () => {
      fates.set('a 0', (attempt) => {
        if (attempt === 0) throw new Retry('again', 'Once more.');
      });
      const names = Array.from({ length: 30 }, (_, index) => ({
        name: `${index % 2 ? 'b' : 'a'} ${index}`,
        lane: index % 2 ? 'b' : 'a',
      }));
      for (const payload of names) await system.accept('turn.take', payload);
      const marks = await until('all have run', async () => {
        const found = (await system.effects()).filter((name) => /^[ab] \d+$/.test(name));
        return found.length === 30 ? found : null;
      });
      for (const lane of ['a', 'b']) {
        const expected = names.filter((each) => each.lane === lane).map((each) => each.name);
        expect(marks.filter((name) => name.startsWith(lane))).toEqual(expected);
      }
    });

    test.each([
      ['turn.take', true],
      ['turn.bar', false],
    ])('that is dead at the head of its key: %s lets the next one pass is %s', async (kind, passes) => {
      fates.set(`${kind} head`, () => {
        throw new Refuse('stuck', 'No.');
      });
      const head = await system.accept(kind, { name: `${kind} head`, lane: kind });
      const next = await system.accept(kind, { name: `${kind} next`, lane: kind });
      await system.rested(head);
      if (!passes) {
        expect(await system.runtime.waitForRest('acme', next.id, 1_200)).toMatchObject({ state: 'pending' });
        await system.runtime.drop('acme', head.id, 'operator:ann');
      }
      expect(await system.rested(next)).toMatchObject({ state: 'done' });
    });

    test('starts when its time has come, not before', async () => {
      const run_at = new Date(Date.now() + 700);
      const job = await system.rested(await system.accept('mark.leave', { name: 'later' }, { run_at }));
      expect(job.state).toBe('done');
      expect(job.rested_at!.getTime()).toBeGreaterThanOrEqual(run_at.getTime() - 150);
    });

    test('waits while its kill switch is on', async () => {
      await system.runtime.setSwitch('acme', 'mark.leave', 'audit', 'operator:ann');
      const job = await system.accept('mark.leave', { name: 'patient' });
      expect(await system.rested(job)).toMatchObject({ state: 'held', code: 'kill-switch' });
      await system.runtime.clearSwitch('acme', 'mark.leave', 'operator:ann');
      await until('it is done', async () => (await system.runtime.find('acme', job.id))?.state === 'done');
    });

    test('is found by the sweeper when the carrier has lost everything', async () => {
      await system.runtime.setSwitch('acme', '*', 'hold them', 'operator:ann');
      await system.runtime.clearSwitch('acme', '*', 'operator:ann');
      const later = await system.accept(
        'mark.leave',
        { name: 'forgotten' },
        { run_at: new Date(Date.now() + 400) },
      );
      await system.flushCarrier();
      expect(await system.rested(later)).toMatchObject({ state: 'done' });
    });
  });
});
