import { z } from 'zod';
import { defineAtomic } from '../src/runtime/definition.ts';
import { holdMoney } from '../src/wallets/holds.ts';
import { movementFields, refusedMovement, walletId } from '../src/wallets/movements.ts';

export default defineAtomic({
  kind: 'wallet.hold',
  queue: 'wallets',
  summary: 'Sets money of a wallet aside: nobody can spend it until it is released or captured.',
  payload: z.strictObject({
    wallet: walletId,
    ...movementFields,
    expires_at: z.iso
      .datetime({ offset: true })
      .optional()
      .meta({ description: 'From then on it cannot be captured; the close of day gives it back' }),
  }),
  result: z.discriminatedUnion('outcome', [
    z.strictObject({ outcome: z.literal('held'), hold: z.uuid(), business_date: z.iso.date() }),
    refusedMovement.extend({ code: z.enum([...refusedMovement.shape.code.options, 'expiry-passed']) }),
  ]),
  key: ({ reference }) => reference,
  moves_money: true,

  run: (tx, jobs, { clock }) =>
    holdMoney(
      tx,
      jobs[0]!.tenant,
      clock,
      jobs.map(({ payload: { expires_at, ...wish } }) => ({
        ...wish,
        expires_at: expires_at ? new Date(expires_at) : null,
      })),
    ),
});
