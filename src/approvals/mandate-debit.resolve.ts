import { z } from 'zod';
import { ActionRefused } from '../identity/approval-errors.ts';
import { debitOf } from '../payments/collections/debits.ts';
import { resolveDebit } from '../payments/collections/resolving.ts';
import { agreed } from './by-people.ts';
import { defineAction } from './define.ts';
import { why } from './why.ts';

export default defineAction({
  action: 'mandate-debit.resolve',
  summary: 'Say that the gateway made nothing of a mandate’s presentment, so that it may be presented again',
  scope: { propose: 'payments:write', approve: 'payments:approve' },
  request: z.strictObject({
    debit: z.uuid(),
    why: why.describe('what shows it'),
  }),

  async facts(tx, { debit: id }) {
    const debit = await debitOf(tx, id);
    if (!debit) throw new ActionRefused('not-found', `There is no presentment ${id}.`);
    const { loan, instalment, attempt, amount, currency, state } = debit;
    return { loan, instalment, attempt, amount, currency, state };
  },

  describe: ({ loan, instalment, attempt, amount, currency, why }) =>
    `Call attempt ${attempt} to debit ${amount} ${currency} for instalment ${instalment} of loan ${loan} bounced: ${why}`,

  amount: ({ amount }) => amount,

  async apply(tx, { debit, why }, granted) {
    const answer = await resolveDebit(tx, agreed(granted, why), debit);
    if (answer.outcome === 'refused') throw new ActionRefused(answer.code, answer.message);
    return answer;
  },
});
