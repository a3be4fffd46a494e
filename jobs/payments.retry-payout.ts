import { z } from 'zod';
import { ATTEMPTS_MAX, retryPayout } from '../src/payments/payouts/again.ts';
import { defineAtomic } from '../src/runtime/definition.ts';
import { Snooze } from '../src/runtime/outcomes.ts';

export default defineAtomic({
  kind: 'payments.retry-payout',
  queue: 'payouts',
  summary: 'Begins a new attempt of a payment that failed for a reason that passes, under a new key.',
  payload: z.strictObject({ payout: z.uuid() }),
  result: z.discriminatedUnion('outcome', [
    z.strictObject({ outcome: z.literal('begun'), payout: z.uuid(), attempt: z.int().max(ATTEMPTS_MAX) }),
    z.strictObject({ outcome: z.literal('refused'), code: z.string(), message: z.string() }),
  ]),
  key: ({ payout }) => payout,
  group_max: 1,
  moves_money: true,
  public: false,

  async run(tx, [job], { clock, accept, services }) {
    const waits_ms = job!.accepted_at.getTime() + services.payments.pace.again_ms - Date.now();
    if (waits_ms > 0) throw new Snooze('not-yet', 'What made it fail should have passed by then.', waits_ms);
    return [await retryPayout(tx, { tenant: job!.tenant, clock, accept }, job!.payload.payout)];
  },
});
