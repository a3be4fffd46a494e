import { z } from 'zod';
import { sqlState } from '../db/failures.ts';
import type { Transaction } from '../db/pools.ts';
import { ActionRefused } from '../identity/approval-errors.ts';
import { shownBankAccount } from '../payments/bank-accounts.ts';
import { type NextAttempt, nextAttempt, payAgain } from '../payments/payouts/again.ts';
import type { PayoutState } from '../payments/states.ts';
import { byPeople } from './by-people.ts';
import { defineAction } from './define.ts';
import { why } from './why.ts';

const UNIQUE_VIOLATION = '23505';
const ENDED: readonly PayoutState[] = ['failed', 'reversed', 'cancelled', 'rejected'];

export default defineAction({
  action: 'payout.pay-again',
  summary: 'Pay once more what was not paid: a further attempt, to the same bank account or to another',
  scope: { propose: 'payments:write', approve: 'payments:approve' },
  request: z.strictObject({
    payout: z.uuid().describe('the last attempt, which ended without paying'),
    bank_account: z.uuid().optional().describe('the same again if left out'),
    why,
  }),

  async facts(tx, { payout, bank_account }) {
    const { previous, account } = await possible(tx, payout, bank_account);
    const { state, attempt, amount, currency, purpose, loan, wallet, reference } = previous;
    const { id, holder, ifsc, account_number, vpa } = shownBankAccount(account);
    const to = { bank_account: id, holder, ifsc, account_number, vpa };
    return { state, attempt: attempt + 1, amount, currency, purpose, loan, wallet, reference, to };
  },

  describe: ({ payout, state, amount, currency, to, why }) =>
    `Pay ${amount} ${currency} again to ${to.holder}, ${to.account_number ?? to.vpa}, after payout ${payout}, which is ${state}: ${why}`,

  amount: ({ amount }) => amount,

  async apply(tx, { payout, bank_account }, granted) {
    const next = await possible(tx, payout, bank_account);
    const answer = await payAgain(tx, byPeople(granted), next).catch(refuseSecond);
    if (answer.outcome === 'refused') throw new ActionRefused(answer.code, answer.message);
    return { payout: answer.payout, attempt: answer.attempt };
  },
});

async function possible(tx: Transaction, payout: string, bank_account?: string): Promise<NextAttempt> {
  const next = await nextAttempt(tx, payout, ENDED, bank_account);
  if ('outcome' in next) throw new ActionRefused(next.code, next.message);
  return next;
}

/** The database has the last word: its index refuses an attempt while another may have paid. */
function refuseSecond(error: unknown): never {
  if (sqlState(error) !== UNIQUE_VIOLATION) throw error;
  throw new ActionRefused('may-have-paid', 'Another attempt of this instruction may have paid.');
}
