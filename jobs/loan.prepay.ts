import { z } from 'zod';
import { amountSchema, currencySchema } from '../src/ledger/money.ts';
import { OPERATION_REFUSALS } from '../src/loans/operations/operate.ts';
import { PREPAYMENT_REFUSALS, prepayLoan } from '../src/loans/operations/prepaying.ts';
import { defineAtomic } from '../src/runtime/definition.ts';

const date = z.iso.date();
const effect = z.enum(['reduce-instalment', 'reduce-term']);

export default defineAtomic({
  kind: 'loan.prepay',
  queue: 'repayments',
  summary:
    'Takes a prepayment: dues, interest to the day, the charge if one may be made, then principal; the rest of the schedule is made anew the same day.',
  payload: z.strictObject({
    loan: z.uuid(),
    amount: amountSchema,
    currency: currencySchema,
    effect: effect.meta({
      description: 'reduce-instalment: all due dates stay; reduce-term: the instalment stays',
    }),
    reference: z.string().min(1).max(100).meta({
      description:
        'The caller’s own name for this payment; the same one is never taken twice, as a repayment neither',
    }),
    source: z.enum(['collection', 'wallet']).default('wallet').meta({
      description: 'collection: money that reached the bank; wallet: money the borrower holds in the wallet',
    }),
    paid_on: date.optional().meta({
      description: 'where that is not today; not before a day that the loan was carried through',
    }),
  }),
  result: z.discriminatedUnion('outcome', [
    z.strictObject({
      outcome: z.literal('prepaid'),
      journal: z.uuid(),
      paid_on: date,
      effect,
      dues: z.string(),
      interest: z.string(),
      charge: z.string(),
      tax: z.string(),
      charge_rule: z.string(),
      principal: z.string(),
      left_in_wallet: z.string(),
      instalment: z.string(),
      instalments_left: z.int(),
      last_due_on: date,
      principal_outstanding: z.string(),
    }),
    z.strictObject({
      outcome: z.literal('held-as-advance'),
      journal: z.uuid(),
      paid_on: date,
      dues: z.string(),
      advance: z.string(),
      left_in_wallet: z.string(),
    }),
    z.strictObject({
      outcome: z.literal('refused'),
      code: z.enum([...OPERATION_REFUSALS, ...PREPAYMENT_REFUSALS]),
      message: z.string(),
    }),
  ]),
  key: ({ reference }) => reference,
  ordering_key: ({ loan }) => `loan/${loan}`,
  when_head_rests: 'pass',
  group_max: 1,
  moves_money: true,

  run: async (tx, [job], { clock, accept }) => [
    await prepayLoan(tx, { tenant: job!.tenant, now: clock.now(), accept }, job!.payload),
  ],
});
