import { z } from 'zod';
import { WITHDRAWAL_REFUSALS, withdraw, withdrawalRequest } from '../src/payments/payouts/withdraw.ts';
import { defineAtomic } from '../src/runtime/definition.ts';

export default defineAtomic({
  kind: 'wallet.payout',
  queue: 'wallets',
  summary: 'Pays money of a wallet out to its owner’s bank account, through a payment gateway.',
  payload: withdrawalRequest,
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
