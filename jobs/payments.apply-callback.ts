import { z } from 'zod';
import { beginApplying, fetchWanted, finishApplying } from '../src/payments/callbacks/apply-callback.ts';
import { defineStaged, Finished } from '../src/runtime/definition.ts';

export default defineStaged({
  kind: 'payments.apply-callback',
  queue: 'callbacks',
  summary: 'Goes by what a gateway told; where that does not say enough, by what it says when asked.',
  payload: z.strictObject({ callback: z.uuid(), gateway: z.string(), object: z.string().nullable() }),
  result: z.strictObject({ outcome: z.string() }),
  key: ({ callback }) => callback,
  // One object's events one after the other, as they came; one that nobody can apply bars none of the later.
  ordering_key: ({ callback, gateway, object }) => `callback/${gateway}/${object ?? callback}`,
  when_head_rests: 'pass',
  retry: { attempts: 12, backoff_ms: 1_000, backoff_ms_max: 600_000 },
  timeout_ms: 30_000,
  concurrency: 32,
  moves_money: true,
  public: false,

  async prepare(tx, job, context) {
    const applying = await beginApplying(tx, job, context);
    return applying.wanted.length > 0 ? applying : new Finished({ outcome: applying.outcomes.join(', ') });
  },
  call: (applying, call) => fetchWanted(applying, call),
  settle: async (tx, _job, pictures, { intent, ...context }) => ({
    outcome: await finishApplying(tx, intent, pictures, context),
  }),
});
