import { z } from 'zod';
import { defineAtomic } from '../src/runtime/definition.ts';
import {
  movedFields,
  moveMoney,
  movementFields,
  refusedMovement,
  walletId,
} from '../src/wallets/movements.ts';

export default defineAtomic({
  kind: 'wallet.withdraw',
  queue: 'wallets',
  summary: 'Takes money out of a wallet to its owner’s bank account, if the wallet holds it.',
  payload: z.strictObject({ wallet: walletId, ...movementFields }),
  result: z.discriminatedUnion('outcome', [
    z.strictObject({ outcome: z.literal('withdrawn'), ...movedFields }),
    refusedMovement,
  ]),
  key: ({ reference }) => reference,
  moves_money: true,

  async run(tx, jobs, { clock }) {
    const movements = jobs.map(({ kind, payload: { wallet, ...rest } }) => ({
      ...{ kind, stream: wallet, from: { wallet }, to: { control: 'bank' as const } },
      ...rest,
    }));
    const answers = await moveMoney(tx, jobs[0]!.tenant, clock, movements);
    return answers.map((answer) =>
      answer.outcome === 'moved' ? { ...answer, outcome: 'withdrawn' as const } : answer,
    );
  },
});
