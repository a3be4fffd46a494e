import { z } from 'zod';
import { amountSchema, currencySchema } from '../src/ledger/money.ts';
import { PAYOUT_MODES } from '../src/payments/gateway/gateway.ts';
import { WITHDRAWAL_REFUSALS, withdraw } from '../src/payments/payouts/withdraw.ts';
import { defineAtomic } from '../src/runtime/definition.ts';
import { walletId } from '../src/wallets/movements.ts';

export default defineAtomic({
  kind: 'wallet.payout',
  queue: 'wallets',
  summary: 'Pays money of a wallet out to its owner’s bank account, through a payment gateway.',
  payload: z.strictObject({
    wallet: walletId,
    amount: amountSchema,
    currency: currencySchema,
    reference: z
      .string()
      .min(1)
      .max(100)
      .meta({ description: 'The caller’s own name for this payment; the same one is never paid twice' }),
    bank_account: z.uuid().optional().meta({ description: 'the owner’s newest usable one if left out' }),
    mode: z.enum(PAYOUT_MODES).default('IMPS'),
    gateway: z
      .string()
      .regex(/^[a-z][a-z0-9-]{1,39}$/)
      .default('razorpay'),
  }),
  result: z.discriminatedUnion('outcome', [
    z.strictObject({
      outcome: z.literal('begun'),
      payout: z.uuid(),
      journal: z.uuid(),
      business_date: z.iso.date(),
    }),
    z.strictObject({
      outcome: z.literal('refused'),
      code: z.enum(WITHDRAWAL_REFUSALS),
      message: z.string(),
    }),
  ]),
  key: ({ reference }) => reference,
  moves_money: true,

  run: (tx, jobs, { clock, accept, services }) =>
    withdraw(
      tx,
      { tenant: jobs[0]!.tenant, clock, accept },
      services.payments.gateways,
      jobs.map(({ payload }) => payload),
    ),
});
