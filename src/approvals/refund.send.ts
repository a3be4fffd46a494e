import { z } from 'zod';
import { ActionRefused } from '../identity/approval-errors.ts';
import { amountSchema } from '../ledger/money.ts';
import { askRefund } from '../payments/collections/refunds.ts';
import { collectionOf } from '../payments/collections/rows.ts';
import { agreed } from './by-people.ts';
import { defineAction } from './define.ts';
import { why } from './why.ts';

export default defineAction({
  action: 'refund.send',
  summary: 'Give money that a borrower paid and no loan took back, the way it came',
  scope: { propose: 'payments:write', approve: 'payments:approve' },
  request: z.strictObject({
    collection: z.uuid(),
    amount: amountSchema.describe('never more than lies unallocated'),
    previous: z.uuid().optional().describe('the refund that failed, where this is the next attempt at it'),
    why,
  }),

  async facts(tx, { collection: id }) {
    const collection = await collectionOf(tx, id);
    if (!collection) throw new ActionRefused('not-found', `There is no collection ${id}.`);
    return { currency: collection.currency, payment: collection.provider_id };
  },

  describe: ({ amount, currency, payment, why }) =>
    `Give ${amount} ${currency} of payment ${payment} back: ${why}`,

  amount: ({ amount }) => amount,

  async apply(tx, { collection, amount, previous, why }, granted) {
    const asked_by = granted.proposed_by;
    const answer = await askRefund(tx, agreed(granted, why), { collection, amount, previous, asked_by });
    if (answer.outcome === 'refused') throw new ActionRefused(answer.code, answer.message);
    return answer;
  },
});
