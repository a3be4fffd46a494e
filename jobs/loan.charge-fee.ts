import { z } from 'zod';
import { amountSchema, currencySchema } from '../src/ledger/money.ts';
import { amountOrZeroSchema } from '../src/loans/application-request.ts';
import { chargeLoanFee } from '../src/loans/operations/charging-fees.ts';
import { OPERATION_REFUSALS } from '../src/loans/operations/operate.ts';
import { defineAtomic } from '../src/runtime/definition.ts';

export default defineAtomic({
  kind: 'loan.charge-fee',
  queue: 'repayments',
  summary: 'Charges a fee on a loan: it is due with the instalment that falls due next.',
  payload: z.strictObject({
    loan: z.uuid(),
    name: z.string().min(1).max(100).meta({ description: 'What the fee is for' }),
    amount: amountSchema,
    tax: amountOrZeroSchema.default('0').meta({ description: 'On top of the amount' }),
    currency: currencySchema,
    reference: z.string().min(1).max(100).meta({ description: 'The caller’s own name for it: charged once' }),
  }),
  result: z.discriminatedUnion('outcome', [
    z.strictObject({
      outcome: z.literal('charged'),
      loan: z.uuid(),
      journal: z.uuid(),
      instalment: z.int(),
      due_on: z.iso.date(),
      amount: z.string(),
      tax: z.string(),
    }),
    z.strictObject({ outcome: z.literal('refused'), code: z.enum(OPERATION_REFUSALS), message: z.string() }),
  ]),
  key: ({ reference }) => reference,
  ordering_key: ({ loan }) => `loan/${loan}`,
  when_head_rests: 'pass',
  group_max: 1,
  moves_money: true,

  run: async (tx, [job], { clock, accept }) => [
    await chargeLoanFee(tx, { tenant: job!.tenant, now: clock.now(), accept }, job!.payload),
  ],
});
