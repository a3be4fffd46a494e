import { z } from 'zod';
import { reverseRepayment } from '../src/loans/backdating.ts';
import { deskAt } from '../src/loans/servicing/book.ts';
import { lockLoans } from '../src/loans/servicing/load.ts';
import { unallocate } from '../src/payments/collections/resolving.ts';
import { lockCollectionOfRepayment } from '../src/payments/collections/rows.ts';
import { defineAtomic } from '../src/runtime/definition.ts';

const REASON_LENGTH_MAX = 500;

export default defineAtomic({
  kind: 'loan.reverse-repayment',
  queue: 'repayments',
  summary: 'Undoes a repayment that bounced: the loan ends as if it had never come.',
  payload: z.strictObject({
    loan: z.uuid(),
    reference: z.string().min(1).max(100).meta({ description: 'The repayment’s own name' }),
    reason: z.string().min(1).max(REASON_LENGTH_MAX),
  }),
  result: z.discriminatedUnion('outcome', [
    z.strictObject({
      outcome: z.literal('reversed'),
      loan: z.uuid(),
      journal: z.uuid(),
      business_date: z.iso.date(),
      loan_state: z.string(),
    }),
    z.strictObject({
      outcome: z.literal('refused'),
      code: z.enum([
        ...(['unknown-loan', 'unknown-repayment', 'already-reversed', 'illegal-transition'] as const),
        ...(['too-far-back', 'insufficient-funds', 'account-frozen'] as const),
      ]),
      message: z.string(),
    }),
  ]),
  key: ({ loan, reference }) => `${loan}/${reference}`,
  ordering_key: ({ loan }) => `loan/${loan}`,
  when_head_rests: 'pass',
  group_max: 1,
  moves_money: true,

  async run(tx, [job], context) {
    const { loan: id, reference, reason } = job!.payload;
    const { tenant } = job!;
    // Where a gateway's payment became this repayment: its lock before the loan's, as everybody takes them.
    const collection = await lockCollectionOfRepayment(tx, { loan: id, reference });
    const loan = (await lockLoans(tx, [id])).get(id);
    if (!loan) {
      return [
        { outcome: 'refused' as const, code: 'unknown-loan' as const, message: `There is no loan ${id}.` },
      ];
    }
    const desk = await deskAt(tx, tenant, context.clock.now());
    const answer = await reverseRepayment(tx, desk, context, loan, { reference, reason });
    if (collection && answer.outcome === 'reversed') {
      await unallocate(tx, { tenant, clock: context.clock }, collection, {
        reference,
        journal: answer.journal,
      });
    }
    return [answer];
  },
});
