import { z } from 'zod';
import { Registry } from '../../src/runtime/registry.ts';
import { defineAtomic, defineStaged, leaveMark, mark, namePayload } from '../support/runtime.ts';

const quickly = { attempts: 3, backoff_ms: 10, backoff_ms_max: 20 };

/** Leaves an effect, and accepts a mark.leave that leaves another. */
const leavePair = defineAtomic({
  kind: 'pair.leave',
  queue: 'pairs',
  summary: 'Leaves an effect and a follow-up.',
  payload: namePayload,
  result: z.null(),
  key: ({ name }) => name,
  retry: quickly,
  run: async (tx, jobs, context) => {
    const names = jobs.map((job) => job.payload.name);
    await mark(tx, names);
    await context.accept(
      names.map((name) => ({ kind: 'mark.leave', payload: { name: `${name}, the second` } })),
    );
    return jobs.map(() => null);
  },
});

/** Asks a provider, over HTTP, under the provider key. */
const pay = defineStaged({
  kind: 'provider.pay',
  queue: 'payments',
  summary: 'Pays through a provider that keeps a list of the keys it saw.',
  payload: z.strictObject({ name: z.string(), provider: z.url() }),
  result: z.strictObject({ outcome: z.literal('paid') }),
  key: ({ name }) => name,
  retry: quickly,
  timeout_ms: 2_000,
  prepare: async (_tx, job) => job.payload,
  call: async (intent: { name: string; provider: string }, { provider_key, signal }) => {
    const answer = await fetch(`${intent.provider}/${provider_key}/${intent.name}`, { signal });
    return answer.status;
  },
  settle: async (tx, job) => {
    await mark(tx, [job.payload.name]);
    return { outcome: 'paid' as const };
  },
});

/** A job called poison ends the process that runs it, but only one that was started to be killed. */
const takeRisk = defineAtomic({
  ...leaveMark,
  kind: 'risk.take',
  queue: 'risks',
  run: async (tx, jobs, context) => {
    if (jobs.some((job) => job.payload.name === 'poison') && process.env.KIST_TEST_ORDERS)
      process.kill(process.pid, 'SIGKILL');
    return leaveMark.run(tx, jobs, context);
  },
});

export const faultKinds = [leaveMark, leavePair, pay, takeRisk];
export const faultRegistry = new Registry(faultKinds);

/** Recovery in a second or two instead of twenty; crash.test.ts reckons with the defaults. */
export const hasty = {
  sweep_interval_ms: 200,
  sweep_after_ms: 500,
  carrier_lock_ms: 900,
  // The provider answers at once, so a lease need not outlast the timeout of a call.
  lease_margin_ms: -1_200,
};
