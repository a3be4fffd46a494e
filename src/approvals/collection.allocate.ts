import { z } from 'zod';
import { ActionRefused } from '../identity/approval-errors.ts';
import { amountSchema } from '../ledger/money.ts';
import { allocateCollection } from '../payments/collections/resolving.ts';
import { collectionOf } from '../payments/collections/rows.ts';
import { agreed } from './by-people.ts';
import { defineAction } from './define.ts';
import { why } from './why.ts';

export default defineAction({
  action: 'collection.allocate',
  summary: 'Give money that a borrower paid and no loan took to a loan, as a repayment',
  scope: { propose: 'payments:write', approve: 'payments:approve' },
  request: z.strictObject({
    collection: z.uuid(),
    loan: z.uuid(),
    amount: amountSchema.describe('never more than lies unallocated'),
    paid_on: z.iso
      .date()
      .optional()
      .describe('the day from which it counts; when the borrower paid where left out'),
    why,
  }),

  async facts(tx, { collection: id }) {
    const collection = await collectionOf(tx, id);
    if (!collection) throw new ActionRefused('not-found', `There is no collection ${id}.`);
    return { currency: collection.currency, payment: collection.provider_id };
  },

  describe: ({ amount, currency, payment, loan, why }) =>
    `Give ${amount} ${currency} of payment ${payment} to loan ${loan}: ${why}`,

  amount: ({ amount }) => amount,

  async apply(tx, { collection, loan, amount, paid_on, why }, granted) {
    const answer = await allocateCollection(tx, agreed(granted, why), { collection, loan, amount, paid_on });
    if (answer.outcome === 'refused') throw new ActionRefused(answer.code, answer.message);
    return answer;
  },
});
