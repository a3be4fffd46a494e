import { z } from 'zod';
import type { PayoutRead } from '../src/payments/payouts/at-gateway.ts';
import { concludeSending, payoutToSend } from '../src/payments/payouts/conclude.ts';
import { payoutResultSchema } from '../src/payments/payouts/result.ts';
import { prepareSending, type Sent, sendPayout } from '../src/payments/payouts/send.ts';
import { defineStaged } from '../src/runtime/definition.ts';

/** What was read when a job was prepared, for its call; one that is resumed by another process reads for itself. */
const just_read = new WeakMap<object, PayoutRead>();

export default defineStaged({
  kind: 'payments.payout',
  queue: 'payouts',
  summary:
    'Pays money that has left a wallet to its owner’s bank account, through the gateway; never twice, whatever happens.',
  payload: z.strictObject({ payout: z.uuid() }),
  result: payoutResultSchema,
  key: ({ payout }) => payout,
  // The waits after an unknown outcome are the pace's, seven of them; all else waits without an attempt.
  retry: { attempts: 12, backoff_ms: 1_000, backoff_ms_max: 1_800_000 },
  timeout_ms: 45_000,
  concurrency: 32,
  moves_money: true,
  public: false,

  async prepare(tx, { tenant, payload }, { clock, services }) {
    const payout = await payoutToSend(tx, payload.payout);
    const read = await prepareSending(tx, { tenant, clock, services }, payout);
    const intent = { tenant, payout: payout.id };
    if (read) just_read.set(intent, read);
    return intent;
  },

  call: (intent, call): Promise<Sent> =>
    sendPayout(intent.payout, { ...call, tenant: intent.tenant }, just_read.get(intent)),

  settle: (tx, { tenant }, sent, { clock, accept, intent }) =>
    concludeSending(tx, { tenant, clock, accept }, intent.payout, sent),
});
