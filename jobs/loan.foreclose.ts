import { z } from 'zod';
import { FORECLOSURE_REFUSALS, forecloseLoan } from '../src/loans/operations/foreclosing.ts';
import { OPERATION_REFUSALS } from '../src/loans/operations/operate.ts';
import { defineAtomic } from '../src/runtime/definition.ts';

export default defineAtomic({
  kind: 'loan.foreclose',
  queue: 'repayments',
  summary: 'Ends a loan by a quote that still stands: all that it asks for on the day is paid.',
  payload: z.strictObject({
    loan: z.uuid(),
    quote: z.uuid(),
    source: z.enum(['collection', 'wallet']).default('wallet').meta({
      description: 'collection: money that reached the bank; wallet: money the borrower holds in the wallet',
    }),
    reference: z.string().min(1).max(100).meta({
      description:
        'The caller’s own name for this payment; the same one is never taken twice, as a repayment neither',
    }),
  }),
  result: z.discriminatedUnion('outcome', [
    z.strictObject({
      outcome: z.literal('foreclosed'),
      loan: z.uuid(),
      quote: z.uuid(),
      journal: z.uuid(),
      foreclosed_on: z.iso.date(),
      principal: z.string(),
      interest: z.string(),
      penal: z.string(),
      fees: z.string(),
      charge: z.string(),
      tax: z.string(),
      advance: z.string(),
      refund: z.string(),
      total: z.string(),
    }),
    z.strictObject({
      outcome: z.literal('refused'),
      code: z.enum([...OPERATION_REFUSALS, ...FORECLOSURE_REFUSALS]),
      message: z.string(),
    }),
  ]),
  key: ({ quote }) => quote,
  ordering_key: ({ loan }) => `loan/${loan}`,
  when_head_rests: 'pass',
  group_max: 1,
  moves_money: true,

  run: async (tx, [job], { clock, accept }) => [
    await forecloseLoan(tx, { tenant: job!.tenant, now: clock.now(), accept }, job!.payload),
  ],
});
