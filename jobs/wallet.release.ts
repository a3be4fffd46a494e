import { z } from 'zod';
import { defineAtomic } from '../src/runtime/definition.ts';
import { endHolds } from '../src/wallets/hold-ends.ts';
import { endedFields, holdId, refusedEnd } from '../src/wallets/hold-fields.ts';

export default defineAtomic({
  kind: 'wallet.release',
  queue: 'wallets',
  summary: 'Gives held money back to its wallet.',
  payload: z.strictObject({ hold: holdId }),
  result: z.discriminatedUnion('outcome', [
    z.strictObject({ outcome: z.literal('released'), ...endedFields }),
    refusedEnd,
  ]),
  key: ({ hold }) => hold,
  moves_money: true,

  async run(tx, jobs, { clock }) {
    const answers = await endHolds(
      tx,
      jobs[0]!.tenant,
      clock,
      jobs.map(({ payload }) => payload),
    );
    return answers.map((answer) => {
      if (answer.outcome === 'refused') return answer;
      const { hold, journal, business_date } = answer;
      const { id, wallet, amount } = hold;
      return { outcome: 'released' as const, hold: id, wallet, amount, journal, business_date };
    });
  },
});
