import { z } from 'zod';
import { amountSchema, currencySchema } from '../src/ledger/money.ts';
import { takeRepayments } from '../src/loans/repayment.ts';
import { defineAtomic } from '../src/runtime/definition.ts';

export default defineAtomic({
  kind: 'loan.repay',
  queue: 'repayments',
  summary: 'Takes a repayment: interest, then principal, of the oldest instalment first.',
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
  }),
  result: z.discriminatedUnion('outcome', [
    z.strictObject({
      outcome: z.literal('repaid'),
      journal: z.uuid(),
      business_date: z.iso.date(),
      taken: z.string(),
      interest: z.string(),
      principal: z.string(),
      left_in_wallet: z.string(),
      loan_state: z.enum(['active', 'closed']),
    }),
    z.strictObject({
      outcome: z.literal('refused'),
      code: z.enum([
        'unknown-loan',
        'loan-not-active',
        'insufficient-funds',
        'account-frozen',
        'currency-mismatch',
        'duplicate-reference',
      ]),
      message: z.string(),
    }),
  ]),
  key: ({ reference }) => reference,
  ordering_key: ({ loan }) => `loan/${loan}`,
  when_head_rests: 'pass',
  group_max: 64,
  moves_money: true,

  run: (tx, jobs, { clock }) =>
    takeRepayments(
      tx,
      jobs[0]!.tenant,
      clock,
      jobs.map(({ payload }) => payload),
    ),
});
