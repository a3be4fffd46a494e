import { z } from 'zod';
import { askToCancel, concludeCancelling } from '../src/payments/payouts/cancel.ts';
import { PAYOUT_STATES } from '../src/payments/states.ts';
import { defineStaged } from '../src/runtime/definition.ts';

export default defineStaged({
  kind: 'payments.cancel-payout',
  queue: 'payouts',
  summary: 'Asks the gateway to cancel a payout that waits there; it is cancelled once the gateway says so.',
  payload: z.strictObject({ payout: z.uuid(), by: z.string() }),
  result: z.strictObject({
    outcome: z.enum(['cancelled', 'not-cancelled']),
    payout: z.uuid(),
    state: z.enum(PAYOUT_STATES),
    code: z.string().nullable().describe('why not, in the gateway’s word'),
  }),
  key: ({ payout, by }) => `${payout}/${by}`,
  timeout_ms: 60_000,
  concurrency: 4,
  public: false,

  prepare: async (_tx, { tenant, payload }) => ({ tenant, ...payload }),
  call: ({ tenant, payout }, call) => askToCancel(payout, { ...call, tenant }),
  settle: (tx, { tenant, payload }, asked, { clock, accept }) =>
    concludeCancelling(tx, { tenant, clock, accept }, payload, asked),
});
