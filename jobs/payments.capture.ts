import { z } from 'zod';
import { beginCapture, capture, concludeCapture } from '../src/payments/collections/capturing.ts';
import { COLLECTION_STATES } from '../src/payments/collections/states.ts';
import { defineStaged } from '../src/runtime/definition.ts';

export default defineStaged({
  kind: 'payments.capture',
  queue: 'collections',
  summary:
    'Captures an authorised payment towards a loan that runs; what nobody captures goes back by itself.',
  payload: z.strictObject({ collection: z.uuid() }),
  result: z.strictObject({ state: z.enum(COLLECTION_STATES) }),
  key: ({ collection }) => collection,
  retry: { attempts: 10, backoff_ms: 500, backoff_ms_max: 60_000 },
  timeout_ms: 45_000,
  concurrency: 16,
  moves_money: true,
  public: false,

  prepare: (tx, { tenant, payload }) => beginCapture(tx, tenant, payload.collection),
  call: (intent, calling) => capture(intent, { ...calling, tenant: intent.tenant }),
  async settle(tx, { tenant }, captured, { clock, accept, intent }) {
    const { state } = await concludeCapture(tx, { tenant, clock, accept }, intent, captured);
    return { state };
  },
});
