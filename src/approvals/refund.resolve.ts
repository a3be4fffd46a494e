import { z } from 'zod';
import { ActionRefused } from '../identity/approval-errors.ts';
import { refundOf } from '../payments/collections/refund-rows.ts';
import { resolveRefund } from '../payments/collections/resolving.ts';
import { agreed } from './by-people.ts';
import { defineAction } from './define.ts';
import { why } from './why.ts';

export default defineAction({
  action: 'refund.resolve',
  summary: 'Settle a refund in suspense by what the gateway’s people, or a statement, say became of it',
  scope: { propose: 'payments:write', approve: 'payments:approve' },
  request: z.strictObject({
    refund: z.uuid(),
    outcome: z.enum(['processed', 'failed']),
    why: why.describe('what shows it'),
  }),

  async facts(tx, { refund: id }) {
    const refund = await refundOf(tx, id);
    if (!refund) throw new ActionRefused('not-found', `There is no refund ${id}.`);
    const { amount, currency, state } = refund;
    return { amount, currency, state };
  },

  describe: ({ refund, amount, currency, outcome, why }) =>
    `Call refund ${refund} of ${amount} ${currency} ${outcome}: ${why}`,

  amount: ({ amount }) => amount,

  async apply(tx, { refund, outcome, why }, granted) {
    const answer = await resolveRefund(tx, agreed(granted, why), { refund, outcome });
    if (answer.outcome === 'refused') throw new ActionRefused(answer.code, answer.message);
    return answer;
  },
});
