import { z } from 'zod';
import { beginLook, concludeLook, look } from '../src/payments/collections/look.ts';
import { LOOKED_AT } from '../src/payments/collections/looking.ts';
import { defineStaged } from '../src/runtime/definition.ts';

export default defineStaged({
  kind: 'payments.look-collection',
  queue: 'payment-looks',
  summary: 'Asks the gateway how an order, a refund or a payment stands: that no event came proves nothing.',
  payload: z.strictObject({ of: z.enum(LOOKED_AT), id: z.uuid(), why: z.string().max(200) }),
  result: z.strictObject({ readings: z.array(z.string()) }),
  key: ({ of, id, why }) => `${of}/${id}/${why}`,
  retry: { attempts: 10, backoff_ms: 1_000, backoff_ms_max: 600_000 },
  timeout_ms: 45_000,
  concurrency: 8,
  public: false,

  prepare: (tx, { tenant, payload }) => beginLook(tx, tenant, payload),
  call: (intent, calling) => look(intent, { ...calling, tenant: intent.tenant }),
  async settle(tx, { tenant }, pictures, { clock, accept, intent }) {
    return { readings: await concludeLook(tx, { tenant, clock, accept }, intent, pictures) };
  },
});
