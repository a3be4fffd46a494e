import { z } from 'zod';
import { payOut } from '../src/approvals/send-payout.ts';
import { WITHDRAWAL_REFUSALS, withdrawalRequest } from '../src/payments/payouts/withdraw.ts';
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
      approval: z
        .uuid()
        .optional()
        .describe('of `approval-required`: what it became, for another person to agree to'),
    }),
  ]),
  key: ({ reference }) => reference,
  moves_money: true,

  run: (tx, jobs, { clock, accept, services }) =>
    payOut(tx, { tenant: jobs[0]!.tenant, clock, accept }, services.payments.gateways, jobs),
});
