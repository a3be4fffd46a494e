import { z } from 'zod';
import { beginRefunding, concludeRefunding, sendRefund } from '../src/payments/collections/refunding.ts';
import { REFUND_STATES } from '../src/payments/collections/states.ts';
import { defineStaged } from '../src/runtime/definition.ts';

export default defineStaged({
  kind: 'payments.refund',
  queue: 'collections',
  summary:
    'Gives unallocated money of a collection back through the gateway: one key, the same bytes, never twice.',
  payload: z.strictObject({ refund: z.uuid() }),
  result: z.strictObject({ refund: z.uuid(), state: z.enum(REFUND_STATES), reason: z.string().nullable() }),
  key: ({ refund }) => refund,
  retry: { attempts: 12, backoff_ms: 1_000, backoff_ms_max: 600_000 },
  timeout_ms: 45_000,
  concurrency: 16,
  moves_money: true,
  public: false,

  prepare: (tx, { tenant, payload }, { services }) =>
    beginRefunding(tx, { tenant, services }, payload.refund),
  call: (intent, calling) => sendRefund(intent, { ...calling, tenant: intent.tenant }),
  async settle(tx, { tenant }, refunded, { clock, accept, intent }) {
    const { id, state, reason } = await concludeRefunding(tx, { tenant, clock, accept }, intent, refunded);
    return { refund: id, state, reason };
  },
});
