import { z } from 'zod';
import { defineMovement } from '../src/wallets/movement-kind.ts';
import { movementFields, walletId } from '../src/wallets/movements.ts';

export default defineMovement({
  kind: 'wallet.deposit',
  summary: 'Credits a wallet with money that reached the bank.',
  payload: z.strictObject({ wallet: walletId, ...movementFields }),
  done: 'deposited',
  way: ({ wallet }) => ({ stream: wallet, from: { control: 'bank' }, to: { wallet } }),
});
