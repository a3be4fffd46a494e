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
  kind: 'wallet.deposit',
  queue: 'wallets',
  summary: 'Credits a wallet with money that reached the bank.',
  payload: z.strictObject({ wallet: walletId, ...movementFields }),
  result: z.discriminatedUnion('outcome', [
    z.strictObject({ outcome: z.literal('deposited'), ...movedFields }),
    refusedMovement,
  ]),
  key: ({ reference }) => reference,
  moves_money: true,

  async run(tx, jobs, { clock }) {
    const movements = jobs.map(({ kind, payload: { wallet, ...rest } }) => ({
      ...{ kind, stream: wallet, from: { control: 'bank' as const }, to: { wallet } },
      ...rest,
    }));
    const answers = await moveMoney(tx, jobs[0]!.tenant, clock, movements);
    return answers.map((answer) =>
      answer.outcome === 'moved' ? { ...answer, outcome: 'deposited' as const } : answer,
    );
  },
});
