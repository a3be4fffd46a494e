import type { Transaction } from '../db/pools.ts';
import { ActionRefused } from '../identity/approval-errors.ts';
import { bankAccountOf, shownBankAccount } from '../payments/bank-accounts.ts';
import { createGateways } from '../payments/gateway/gateways.ts';
import {
  checkWithdrawals,
  type Withdrawal,
  withdraw,
  withdrawalRequest,
} from '../payments/payouts/withdraw.ts';
import { byPeople } from './by-people.ts';
import { defineAction } from './define.ts';

/** What `wallet.payout` asks for, where the amount is above the tenant's limit. */
export default defineAction({
  action: 'payout.send',
  summary: 'Pay money of a wallet out to its owner’s bank account',
  scope: { propose: 'payments:write', approve: 'payments:approve' },
  request: withdrawalRequest,

  async facts(tx, wish) {
    return { to: await destination(tx, wish) };
  },

  describe: ({ wallet, amount, currency, to, reference }) =>
    `Pay ${amount} ${currency} of wallet ${wallet} to ${to.holder}, ${to.account_number ?? to.vpa} (${reference}).`,

  amount: ({ amount }) => amount,

  async apply(tx, { to, ...wish }, granted) {
    const [answer] = await withdraw(tx, byPeople(granted), createGateways(), [
      { ...wish, bank_account: to.bank_account },
    ]);
    if (answer!.outcome === 'refused') throw new ActionRefused(answer!.code, answer!.message);
    return { payout: answer!.payout, journal: answer!.journal };
  },
});

/** Where exactly it goes: what is agreed to is not to be changed by a newer bank account. */
async function destination(tx: Transaction, wish: Withdrawal) {
  const [checked] = await checkWithdrawals(tx, createGateways(), [wish]);
  if ('outcome' in checked!) throw new ActionRefused(checked.code, checked.message);
  const { id, holder, ifsc, account_number, vpa } = shownBankAccount(
    (await bankAccountOf(tx, checked!.bank_account))!,
  );
  return { bank_account: id, holder, ifsc, account_number, vpa };
}
