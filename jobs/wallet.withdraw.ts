import { z } from 'zod';
import { defineMovement } from '../src/wallets/movement-kind.ts';
import { movementFields, walletId } from '../src/wallets/movements.ts';

export default defineMovement({
  kind: 'wallet.withdraw',
  summary: 'Takes money out of a wallet to its owner’s bank account, if the wallet has it to spend.',
  payload: z.strictObject({ wallet: walletId, ...movementFields }),
  done: 'withdrawn',
  way: ({ wallet }) => ({ stream: wallet, from: { wallet }, to: { control: 'bank' } }),
});
