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
  kind: 'wallet.transfer',
  queue: 'wallets',
  summary: 'Moves money from one wallet to another, if the first one holds it.',
  payload: z.strictObject({ from: walletId, to: walletId, ...movementFields }),
  result: z.discriminatedUnion('outcome', [
    z.strictObject({ outcome: z.literal('transferred'), ...movedFields }),
    refusedMovement,
  ]),
  key: ({ reference }) => reference,
  moves_money: true,

  async run(tx, jobs, { clock }) {
    const movements = jobs.map(({ kind, payload: { from, to, ...rest } }) => ({
      ...{ kind, stream: from, from: { wallet: from }, to: { wallet: to } },
      ...rest,
    }));
    const answers = await moveMoney(tx, jobs[0]!.tenant, clock, movements);
    return answers.map((answer) =>
      answer.outcome === 'moved' ? { ...answer, outcome: 'transferred' as const } : answer,
    );
  },
});
