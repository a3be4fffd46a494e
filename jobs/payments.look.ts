import { z } from 'zod';
import { concludeLook, lookAtPayout } from '../src/payments/payouts/polls.ts';
import { PAYOUT_STATES } from '../src/payments/states.ts';
import { defineStaged } from '../src/runtime/definition.ts';

export default defineStaged({
  kind: 'payments.look',
  queue: 'payment-looks',
  summary: 'Asks the gateway how a payout stands: events are late now and then, and some never come.',
  payload: z.strictObject({ payout: z.uuid(), at: z.iso.datetime() }),
  result: z.strictObject({ reading: z.string(), state: z.enum(PAYOUT_STATES) }),
  key: ({ payout, at }) => `${payout}/${at}`,
  timeout_ms: 30_000,
  concurrency: 8,
  public: false,

  prepare: async (_tx, { tenant, payload }) => ({ tenant, payout: payload.payout }),
  call: ({ tenant, payout }, call) => lookAtPayout(payout, { ...call, tenant }),
  settle: (tx, { tenant, payload }, looked, { clock, accept }) =>
    concludeLook(tx, { tenant, clock, accept }, payload.payout, looked),
});
