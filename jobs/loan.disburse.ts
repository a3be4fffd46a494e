import { z } from 'zod';
import type { Transaction } from '../src/db/pools.ts';
import { type Disbursed, disburseLoans, type SendOn } from '../src/loans/disbursal.ts';
import { OPERATION_REFUSALS, type OperationContext } from '../src/loans/operations/operate.ts';
import { drawTranche, TRANCHE_REFUSALS, type TrancheAnswer } from '../src/loans/operations/tranches.ts';
import { boundTranche, payOnward } from '../src/payments/payouts/onward.ts';
import { defineAtomic } from '../src/runtime/definition.ts';

const payload = z.strictObject({
  loan: z.uuid(),
  tranche: z.int().min(2).max(50).optional().meta({
    description: 'a further part of a loan that was agreed in tranches; the first comes without it',
  }),
});

export default defineAtomic({
  kind: 'loan.disburse',
  queue: 'disbursals',
  summary:
    'Pays an approved loan, or a tranche of it, into the borrower’s wallet and writes its schedule of instalments.',
  payload,
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
      payout: z.uuid().optional().meta({
        description: 'on its way to the borrower’s bank account; left out where it stays in the wallet',
      }),
    }),
    z.strictObject({
      outcome: z.literal('tranche-disbursed'),
      loan: z.uuid(),
      tranche: z.int(),
      journal: z.uuid(),
      amount: z.string(),
      disbursed_on: z.iso.date(),
      instalment: z.string(),
      instalments_left: z.int(),
      principal_outstanding: z.string(),
    }),
    z.strictObject({ outcome: z.literal('duplicate'), loan: z.uuid(), message: z.string() }),
    z.strictObject({
      outcome: z.literal('refused'),
      code: z.enum(['loan-cancelled', ...OPERATION_REFUSALS, ...TRANCHE_REFUSALS]),
      message: z.string(),
    }),
  ]),
  key: ({ loan, tranche }) => (tranche === undefined ? loan : `${loan}/${tranche}`),
  group_max: 64,
  moves_money: true,

  async run(tx, jobs, { clock, accept }) {
    const { tenant } = jobs[0]!;
    const wishes = jobs.map(({ payload: wish }) => wish);
    const whole = wishes.filter(({ tranche }) => tranche === undefined);
    const sendOn: SendOn = (transaction, bound) => payOnward(transaction, { tenant, clock, accept }, bound);
    const disbursed = await disburseLoans(
      tx,
      tenant,
      clock,
      whole.map(({ loan }) => loan),
      sendOn,
    );
    const answers = new Map<object, Disbursed | Drawn>(whole.map((wish, index) => [wish, disbursed[index]!]));
    for (const wish of wishes) {
      if (answers.has(wish)) continue;
      const answer = await drawn(tx, { tenant, now: clock.now(), accept }, wish);
      answers.set(wish, answer);
      if (answer.outcome === 'tranche-disbursed') await sendOn(tx, await boundTranche(tx, answer));
    }
    return wishes.map((wish) => answers.get(wish)!);
  },
});

type Drawn = Awaited<ReturnType<typeof drawTranche>> | TrancheAnswer;

function drawn(tx: Transaction, context: OperationContext, { loan, tranche }: z.output<typeof payload>) {
  return drawTranche(tx, context, { loan, tranche: tranche! });
}
