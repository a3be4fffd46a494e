import { z } from 'zod';
import { amountSchema, currencySchema } from '../src/ledger/money.ts';
import { takeRepayments } from '../src/loans/repayment.ts';
import { REPAYMENT_REFUSALS } from '../src/loans/repayment-answers.ts';
import { defineAtomic } from '../src/runtime/definition.ts';

export default defineAtomic({
  kind: 'loan.repay',
  queue: 'repayments',
  summary: 'Takes a repayment: what is due, by the product’s waterfall, the oldest instalment first.',
  payload: z.strictObject({
    loan: z.uuid(),
    amount: amountSchema,
    currency: currencySchema,
    reference: z.string().min(1).max(100).meta({
      description: 'The caller’s own name for this payment; the same one is never taken twice',
    }),
    source: z.enum(['collection', 'wallet']).default('wallet').meta({
      description: 'collection: money that reached the bank; wallet: money the borrower holds in the wallet',
    }),
    paid_on: z.iso.date().optional().meta({
      description: 'the day on which it was paid, where that is not today: it counts from then',
    }),
  }),
  result: z.discriminatedUnion('outcome', [
    z.strictObject({
      outcome: z.literal('repaid'),
      journal: z.uuid(),
      business_date: z.iso.date(),
      paid_on: z.iso.date(),
      taken: z.string(),
      penal: z.string(),
      fees: z.string(),
      interest: z.string(),
      principal: z.string(),
      advance: z.string(),
      left_in_wallet: z.string(),
      loan_state: z.enum(['active', 'closed']),
    }),
    z.strictObject({
      outcome: z.literal('refused'),
      code: z.enum(REPAYMENT_REFUSALS),
      message: z.string(),
    }),
  ]),
  key: ({ reference }) => reference,
  ordering_key: ({ loan }) => `loan/${loan}`,
  when_head_rests: 'pass',
  group_max: 64,
  moves_money: true,

  run: (tx, jobs, context) =>
    takeRepayments(
      tx,
      jobs[0]!.tenant,
      context,
      jobs.map(({ payload }) => payload),
    ),
});
