import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import { movementFields, walletId, walletRefusal } from '../../wallets/movements.ts';
import { walletCurrencies } from '../../wallets/wallets.ts';
import { PAYOUT_MODES } from '../gateway/gateway.ts';
import { type BeginContext, type Begun, beginPayouts, type PayoutWish } from './begin.ts';
import { usableAccountsOf } from './destination.ts';

export const WITHDRAWAL_REFUSALS = [
  ...(['insufficient-funds', 'account-frozen', 'duplicate-reference'] as const),
  ...(['unknown-wallet', 'currency-mismatch', 'no-bank-account', 'unusable-bank-account'] as const),
  ...(['unknown-gateway', 'approval-required'] as const),
] as const;

/** A wish to pay money of a wallet out. */
export const withdrawalRequest = z.strictObject({
  wallet: walletId,
  ...movementFields,
  bank_account: z.uuid().optional().meta({ description: 'the owner’s newest usable one if left out' }),
  mode: z.enum(PAYOUT_MODES).default('IMPS'),
  gateway: z
    .string()
    .regex(/^[a-z][a-z0-9-]{1,39}$/)
    .default('razorpay'),
});
export type Withdrawal = z.output<typeof withdrawalRequest>;

export type RefusedWithdrawal = {
  outcome: 'refused';
  code: (typeof WITHDRAWAL_REFUSALS)[number];
  message: string;
};
export type Withdrawn = Extract<Begun, { outcome: 'begun' }> | RefusedWithdrawal;

/**
 * Pays money of wallets out to their owners' bank accounts: takes it out of the wallets and accepts the
 * jobs that send it. Only to accounts of the wallet's own owner. @returns one answer per wish, in order
 */
export async function withdraw(
  tx: Transaction,
  context: BeginContext,
  gateways: ReadonlyMap<string, unknown>,
  wishes: readonly Withdrawal[],
): Promise<Withdrawn[]> {
  const checked = await checkWithdrawals(tx, gateways, wishes);
  const sound = checked.filter((each): each is PayoutWish => !('outcome' in each));
  const begun = await beginPayouts(tx, context, sound);
  const answers = new Map(sound.map((payout, index) => [payout, begun[index]!]));
  return checked.map((each) => ('outcome' in each ? each : answers.get(each)!));
}

/** What each wish would pay and where to, or why it cannot, in order; whether there is money enough shows later. */
export async function checkWithdrawals(
  tx: Transaction,
  gateways: ReadonlyMap<string, unknown>,
  wishes: readonly Withdrawal[],
): Promise<(PayoutWish | RefusedWithdrawal)[]> {
  const ids = wishes.map(({ wallet }) => wallet);
  const currencies = await walletCurrencies(tx, ids);
  const newest = await usableAccountsOf(tx, ids);
  const named = await accountsNamed(
    tx,
    wishes.flatMap(({ bank_account }) => bank_account ?? []),
  );
  return wishes.map((wish) => {
    if (!gateways.has(wish.gateway)) {
      return refused('unknown-gateway', `There is no gateway ${wish.gateway}.`);
    }
    const refusal = walletRefusal(wish.wallet, wish.currency, currencies) ?? accountRefusal(wish, named);
    if (refusal) return refusal;
    const bank_account = wish.bank_account ?? newest.get(wish.wallet);
    if (!bank_account) return refused('no-bank-account', 'The owner has no usable bank account.');
    return { ...wish, bank_account, purpose: 'withdrawal', loan: null };
  });
}

const namedRow = z.object({ id: z.string(), borrower: z.string(), state: z.string() });

async function accountsNamed(tx: Transaction, ids: readonly string[]) {
  if (ids.length === 0) return new Map<string, z.output<typeof namedRow>>();
  const rows = await tx.any(sql.type(namedRow)`
    SELECT id, borrower_id AS borrower, state FROM bank_account
    WHERE tenant_id = current_tenant() AND id = ANY (${sql.array([...ids], 'uuid')})`);
  return new Map(rows.map((row) => [row.id, row]));
}

function accountRefusal(
  { wallet, bank_account }: Withdrawal,
  named: ReadonlyMap<string, z.output<typeof namedRow>>,
): RefusedWithdrawal | null {
  if (bank_account === undefined) return null;
  const account = named.get(bank_account);
  if (account?.borrower === wallet && account.state === 'usable') return null;
  const message = account
    ? `Bank account ${bank_account} is ${account.borrower === wallet ? account.state : 'another’s'}.`
    : `There is no bank account ${bank_account}.`;
  return refused('unusable-bank-account', message);
}

function refused(code: RefusedWithdrawal['code'], message: string): RefusedWithdrawal {
  return { outcome: 'refused', code, message };
}
