import { z } from 'zod';
import { ATTEMPTS_MAX } from '../src/payments/payouts/again.ts';
import { lookAtPayout } from '../src/payments/payouts/polls.ts';
import { concludeRetry } from '../src/payments/payouts/retry.ts';
import { defineStaged } from '../src/runtime/definition.ts';
import { Retry, Snooze } from '../src/runtime/outcomes.ts';

export default defineStaged({
  kind: 'payments.retry-payout',
  queue: 'payouts',
  summary:
    'Begins a new attempt of a payment that failed for a reason that passes, under a new key, once the gateway says again that it failed.',
  payload: z.strictObject({ payout: z.uuid() }),
  result: z.discriminatedUnion('outcome', [
    z.strictObject({ outcome: z.literal('begun'), payout: z.uuid(), attempt: z.int().max(ATTEMPTS_MAX) }),
    z.strictObject({ outcome: z.literal('refused'), code: z.string(), message: z.string() }),
  ]),
  key: ({ payout }) => payout,
  retry: { attempts: 12, backoff_ms: 30_000, backoff_ms_max: 1_800_000 },
  timeout_ms: 45_000,
  concurrency: 8,
  moves_money: true,
  public: false,

  async prepare(_tx, { tenant, payload, accepted_at }, { services }) {
    const waits_ms = accepted_at.getTime() + services.payments.pace.again_ms - Date.now();
    if (waits_ms > 0) throw new Snooze('not-yet', 'What made it fail should have passed by then.', waits_ms);
    return { tenant, payout: payload.payout };
  },

  async call({ tenant, payout }, call) {
    const looked = await lookAtPayout(payout, { ...call, tenant });
    if ('failed' in looked) throw new Retry(looked.failed.code, 'The gateway must say first that it failed.');
    return looked;
  },

  settle: (tx, { tenant, payload }, looked, { clock, accept }) =>
    concludeRetry(tx, { tenant, clock, accept }, payload.payout, looked),
});
