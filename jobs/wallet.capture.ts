import { z } from 'zod';
import { amountSchema } from '../src/ledger/money.ts';
import { defineAtomic } from '../src/runtime/definition.ts';
import { endHolds } from '../src/wallets/hold-ends.ts';
import { endedFields, holdId, refusedEnd } from '../src/wallets/hold-fields.ts';
import { walletId } from '../src/wallets/movements.ts';

export default defineAtomic({
  kind: 'wallet.capture',
  queue: 'wallets',
  summary: 'Takes held money: to another wallet, or out to a bank account. What is left goes back.',
  payload: z.strictObject({
    hold: holdId,
    amount: amountSchema.optional().meta({ description: 'At most what is held; left out: all of it' }),
    to: walletId.optional().meta({ description: 'The wallet it goes to; left out: the bank' }),
  }),
  result: z.discriminatedUnion('outcome', [
    z.strictObject({ outcome: z.literal('captured'), ...endedFields, captured: z.string() }),
    refusedEnd,
  ]),
  key: ({ hold, amount = 'all', to = 'bank' }) => `${hold}/${amount}/${to}`,
  moves_money: true,

  async run(tx, jobs, { clock }) {
    const wishes = jobs.map(({ payload: { hold, amount, to } }) => ({ hold, capture: { amount, to } }));
    const answers = await endHolds(tx, jobs[0]!.tenant, clock, wishes);
    return answers.map((answer) => {
      if (answer.outcome === 'refused') return answer;
      const { hold, journal, business_date } = answer;
      const { id, wallet, amount } = hold;
      const captured = answer.captured!;
      return { outcome: 'captured' as const, hold: id, wallet, amount, captured, journal, business_date };
    });
  },
});
