import { z } from 'zod';
import { disburseLoans } from '../src/loans/disbursal.ts';
import { defineAtomic } from '../src/runtime/definition.ts';

export default defineAtomic({
  kind: 'loan.disburse',
  queue: 'disbursals',
  summary: 'Pays an approved loan into the borrower’s wallet and writes its schedule of instalments.',
  payload: z.strictObject({ loan: z.uuid() }),
  result: z.discriminatedUnion('outcome', [
    z.strictObject({
      outcome: z.literal('disbursed'),
      loan: z.uuid(),
      wallet: z.uuid(),
      principal: z.string(),
      instalment: z.string(),
      journal: z.uuid(),
      disbursed_on: z.iso.date(),
      first_due_on: z.iso.date(),
    }),
    z.strictObject({ outcome: z.literal('duplicate'), loan: z.uuid(), message: z.string() }),
    z.strictObject({
      outcome: z.literal('refused'),
      code: z.enum(['unknown-loan', 'loan-cancelled']),
      message: z.string(),
    }),
  ]),
  key: ({ loan }) => loan,
  group_max: 64,
  moves_money: true,

  run: (tx, jobs, { clock }) =>
    disburseLoans(
      tx,
      jobs[0]!.tenant,
      clock,
      jobs.map(({ payload }) => payload.loan),
    ),
});
