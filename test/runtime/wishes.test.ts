import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { Hold, Refuse } from '../../src/runtime/outcomes.ts';
import type { JobView } from '../../src/runtime/types.ts';
import { carriers } from '../support/carriers.ts';
import { defineAtomic, defineStaged, leaveMark, mark, namePayload, testRuntime } from '../support/runtime.ts';
import { until } from '../support/until.ts';

const common = {
  summary: 'Waits for its signal, or for the test.',
  payload: namePayload,
  result: z.unknown(),
  key: ({ name }: { name: string }) => name,
  retry: { attempts: 2, backoff_ms: 5, backoff_ms_max: 5 },
};

describe.each(carriers())('on the $name carrier', ({ redisUrl, missing }) => {
  describe.skipIf(missing)('a person', async () => {
    if (missing) return;
    const begun = new Set<string>();
    const aborted = new Set<string>();
    let answer = Promise.withResolvers<string>();
    let refuse = false;

    const untilAborted = (name: string, signal: AbortSignal): Promise<never> => {
      begun.add(name);
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          aborted.add(name);
          reject(signal.reason);
        });
      });
    };
    const patient = defineAtomic({
      ...{ ...common, kind: 'patient.wait', queue: 'patients', group_max: 1 },
      run: async (tx, [job], { signal }) => {
        await mark(tx, [job!.payload.name]);
        if (refuse) throw new Refuse('nonsense', 'No.');
        return [await untilAborted(job!.payload.name, signal)];
      },
    });
    const brief = defineAtomic({ ...patient, kind: 'patient.hurry', timeout_ms: 60 });
    const caller = defineStaged({
      ...{ ...common, kind: 'caller.call', queue: 'callers' },
      prepare: async (_tx, job) => job.payload.name,
      call: async (name: string, { signal }) =>
        name.startsWith('deaf') ? deaf(name) : untilAborted(name, signal),
      settle: async (tx, job, said) => {
        await mark(tx, [job.payload.name]);
        return said;
      },
    });
    const deaf = (name: string): Promise<string> => {
      begun.add(name);
      return answer.promise;
    };
    const doubt = defineStaged({
      ...caller,
      kind: 'caller.doubt',
      call: async (name: string, { signal }) =>
        untilAborted(name, signal).catch(() => {
          throw new Hold('unknown-outcome', 'The provider may have paid.');
        }),
    });

    const system = await testRuntime([leaveMark, patient, brief, caller, doubt], {
      redisUrl,
      tenants: ['acme', 'globex'],
    });
    await system.runtime.startWorkers();
    await system.runtime.startClock();
    afterAll(() => system.close());
    beforeEach(() => {
      answer = Promise.withResolvers();
      refuse = false;
    });

    const running = async (kind: string, name: string): Promise<JobView> => {
      const job = await system.accept(kind, { name });
      await until('it runs', () => begun.has(name));
      return job;
    };
    const cancel = (job: JobView) => system.runtime.cancel('acme', job.id, 'operator:ann');

    test.each(['patient.wait', 'caller.call'])('who cancels %s is heard by its signal', async (kind) => {
      const job = await running(kind, `heard ${kind}`);
      expect(await cancel(job)).toMatchObject({ done: true });
      expect(await system.rested(job)).toMatchObject({ state: 'cancelled', code: 'cancelled', attempt: 0 });
      expect(aborted).toContain(`heard ${kind}`);
      expect(await system.effects()).not.toContain(`heard ${kind}`);
    });

    test('who cancels a call that cannot be taken back gets what the provider answered', async () => {
      const job = await running('caller.call', 'deaf to wishes');
      await cancel(job);
      answer.resolve('paid');
      expect(await system.rested(job)).toMatchObject({ state: 'done', result: 'paid' });
    });

    test('who cancels a call whose outcome nobody knows leaves it held', async () => {
      const job = await running('caller.doubt', 'doubtful');
      await cancel(job);
      expect(await system.rested(job)).toMatchObject({ state: 'held', code: 'unknown-outcome' });
    });

    test('who cancels a waiting job stops it before it begins, once', async () => {
      const job = await system.accept(
        'mark.leave',
        { name: 'unwanted' },
        { run_at: new Date(Date.now() + 60_000) },
      );
      expect(await cancel(job)).toMatchObject({ done: true, job: { state: 'cancelled' } });
      expect(await cancel(job)).toMatchObject({ done: false, code: 'illegal-transition' });
    });

    test('who wished to cancel a run does not cancel the run after a redrive', async () => {
      refuse = true;
      const dead = await system.rested(await system.accept('patient.wait', { name: 'second thoughts' }));
      await system.database.superuser(
        `INSERT INTO job_cancellation (tenant_id, job_id, requested_by) VALUES ('acme', $1, 'operator:ann')`,
        [dead.id],
      );
      refuse = false;
      await system.runtime.redrive('acme', dead.id, 'operator:ann');
      await until('it runs again', () => begun.has('second thoughts'));
      await cancel(dead);
      expect(await system.rested(dead)).toMatchObject({ state: 'cancelled' });
    });

    test('sees a job that runs out of time tried again, then dead, with nothing done', async () => {
      const job = await system.rested(await system.accept('patient.hurry', { name: 'slow' }));
      expect(job).toMatchObject({ state: 'dead', code: 'timeout', attempt: 2 });
      expect(await system.runtime.attempts('acme', job.id)).toHaveLength(2);
      expect(await system.effects()).not.toContain('slow');
    });

    test.each([
      ['one kind of a tenant', 'acme', 'mark.leave', ['globex']],
      ['every kind of a tenant', 'acme', '*', ['globex']],
      ['one kind of every tenant', '*', 'mark.leave', []],
    ])('who switches off %s holds those jobs and no others', async (what, tenant, kind, others) => {
      await system.runtime.setSwitch(tenant, kind, 'trouble', 'operator:ann');
      const held = await system.accept('mark.leave', { name: what });
      expect(await system.rested(held)).toMatchObject({ state: 'held', code: 'kill-switch' });
      for (const other of others) {
        const job = await system.accept('mark.leave', { name: what }, {}, other);
        expect(await system.rested(job)).toMatchObject({ state: 'done' });
      }
      if (kind !== '*') {
        const unaffected = await system.accept('caller.call', { name: `deaf while ${what}` });
        answer.resolve('paid');
        expect(await system.rested(unaffected)).toMatchObject({ state: 'done' });
      }
      await system.runtime.clearSwitch(tenant, kind, 'operator:ann');
      await until('it goes on', async () => (await system.runtime.find('acme', held.id))?.state === 'done');
    });
  });
});
