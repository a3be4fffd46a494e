import { z } from 'zod';
import { defineMovement } from '../src/wallets/movement-kind.ts';
import { movementFields, walletId } from '../src/wallets/movements.ts';

export default defineMovement({
  kind: 'wallet.transfer',
  summary: 'Moves money from one wallet to another, if the first one has it to spend.',
  payload: z.strictObject({ from: walletId, to: walletId, ...movementFields }),
  done: 'transferred',
  way: ({ from, to }) => ({ stream: from, from: { wallet: from }, to: { wallet: to } }),
});
