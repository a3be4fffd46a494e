import { z } from 'zod';
import { amountSchema, currencySchema } from '../src/ledger/money.ts';
import { OPERATION_REFUSALS } from '../src/loans/operations/operate.ts';
import { recoverLoan } from '../src/loans/operations/writing-off.ts';
import { defineAtomic } from '../src/runtime/definition.ts';

export default defineAtomic({
  kind: 'loan.recover',
  queue: 'repayments',
  summary: 'Takes money that came back of a loan after it was written off; never more than was.',
  payload: z.strictObject({
    loan: z.uuid(),
    amount: amountSchema,
    currency: currencySchema,
    reference: z.string().min(1).max(100).meta({ description: 'The caller’s own name for it: taken once' }),
    source: z.enum(['collection', 'wallet']).default('collection').meta({
      description: 'collection: money that reached the bank; wallet: money the borrower holds in the wallet',
    }),
  }),
  result: z.discriminatedUnion('outcome', [
    z.strictObject({
      outcome: z.literal('recovered'),
      loan: z.uuid(),
      journal: z.uuid(),
      recovered: z.string(),
      left: z.string().describe('of what was written off'),
    }),
    z.strictObject({
      outcome: z.literal('refused'),
      code: z.enum([...OPERATION_REFUSALS, 'more-than-written-off']),
      message: z.string(),
    }),
  ]),
  key: ({ reference }) => reference,
  ordering_key: ({ loan }) => `loan/${loan}`,
  when_head_rests: 'pass',
  group_max: 1,
  moves_money: true,

  run: async (tx, [job], { clock, accept }) => [
    await recoverLoan(tx, { tenant: job!.tenant, now: clock.now(), accept }, job!.payload),
  ],
});
