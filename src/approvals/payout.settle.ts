import { z } from 'zod';
import type { Transaction } from '../db/pools.ts';
import { ActionRefused } from '../identity/approval-errors.ts';
import { payoutOf } from '../payments/payouts/rows.ts';
import { settleSuspense } from '../payments/payouts/settle-suspense.ts';
import { byPeople } from './by-people.ts';
import { defineAction } from './define.ts';
import { why } from './why.ts';

export default defineAction({
  action: 'payout.settle',
  summary: 'Say what became of a payout that nobody can tell of: paid, or not; the books go by it',
  scope: { propose: 'payments:write', approve: 'payments:approve' },
  request: z.strictObject({
    payout: z.uuid(),
    as: z.enum(['succeeded', 'failed']),
    utr: z
      .string()
      .regex(/^[A-Za-z0-9-]{6,40}$/, { error: 'must be as the bank’s statement has it' })
      .optional(),
    why,
  }),

  facts: (tx, { payout }) => suspended(tx, payout),

  describe: ({ payout, as, amount, currency, unknown_since, why }) =>
    `Settle payout ${payout} of ${amount} ${currency} as ${as}, unknown since ${unknown_since}: ${why}`,

  amount: ({ amount }) => amount,

  async apply(tx, { payout, as, utr }, granted) {
    const settled = await settleSuspense(tx, byPeople(granted), { payout, as, utr });
    if (!settled)
      throw new ActionRefused('illegal-transition', `Payout ${payout} is not in suspense any more.`);
    return { payout, state: settled.state };
  },
});

async function suspended(tx: Transaction, id: string) {
  const payout = await payoutOf(tx, id);
  if (!payout) throw new ActionRefused('not-found', `There is no payout ${id}.`);
  const { state, amount, currency, purpose, loan, wallet, reference, unknown_since } = payout;
  if (state !== 'suspense') {
    throw new ActionRefused('illegal-transition', `Payout ${id} is ${state}, not in suspense.`);
  }
  return {
    amount,
    currency,
    purpose,
    loan,
    wallet,
    reference,
    unknown_since: unknown_since?.toISOString() ?? null,
  };
}
