import { z } from 'zod';
import { amountSchema } from '../src/ledger/money.ts';
import {
  beginOrder,
  concludeOrder,
  makeOrder,
  ORDER_REFUSALS,
} from '../src/payments/collections/ordering.ts';
import { orderOf } from '../src/payments/collections/orders.ts';
import { defineStaged } from '../src/runtime/definition.ts';

export default defineStaged({
  kind: 'payments.create-order',
  queue: 'collections',
  summary: 'Asks the gateway for an order that a borrower can pay towards a loan, in parts as well.',
  payload: z.strictObject({
    loan: z.uuid(),
    amount: amountSchema.optional().meta({ description: 'what is due today where it is left out' }),
    reference: z.string().min(1).max(100).meta({
      description: 'The caller’s own name for this order; there is one of that name',
    }),
    gateway: z.string().min(2).max(40).default('razorpay'),
  }),
  result: z.discriminatedUnion('outcome', [
    z.strictObject({
      outcome: z.literal('created'),
      order: z.uuid(),
      provider_order: z.string().meta({ description: 'what the gateway’s checkout is given' }),
      amount: z.string(),
      currency: z.string(),
    }),
    z.strictObject({ outcome: z.literal('refused'), code: z.enum(ORDER_REFUSALS), message: z.string() }),
  ]),
  key: ({ reference }) => reference,
  retry: { attempts: 10, backoff_ms: 500, backoff_ms_max: 60_000 },
  timeout_ms: 45_000,
  concurrency: 16,

  async prepare(tx, { tenant, id, payload }, { clock }) {
    return { tenant, ...(await beginOrder(tx, { tenant, clock }, id, payload)) };
  },

  async call(intent, calling) {
    if ('refused' in intent) return null;
    const order = await calling.transact((tx) => orderOf(tx, intent.order));
    return makeOrder(order!, { ...calling, tenant: intent.tenant }, { partial: true });
  },

  async settle(tx, _job, made, { clock, intent }) {
    if ('refused' in intent) return intent.refused;
    const {
      id: order,
      provider_id,
      amount,
      currency,
    } = await concludeOrder(tx, { clock }, intent.order, made!);
    if ('rejected' in made! || provider_id === null) {
      const message = 'rejected' in made! ? made.rejected.message : 'It was refused.';
      return { outcome: 'refused' as const, code: 'gateway-refused' as const, message };
    }
    return { outcome: 'created' as const, order, provider_order: provider_id, amount, currency };
  },
});
