import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import { walletRefusal } from '../../wallets/movements.ts';
import { walletCurrencies } from '../../wallets/wallets.ts';
import type { PayoutMode } from '../gateway/gateway.ts';
import { type BeginContext, type Begun, beginPayouts, type PayoutWish } from './begin.ts';
import { usableAccountsOf } from './destination.ts';

export const WITHDRAWAL_REFUSALS = [
  ...(['insufficient-funds', 'account-frozen', 'duplicate-reference'] as const),
  ...(['unknown-wallet', 'currency-mismatch', 'no-bank-account', 'unusable-bank-account'] as const),
  'unknown-gateway',
] as const;

export interface Withdrawal {
  wallet: string;
  amount: string;
  currency: string;
  reference: string;
  bank_account?: string | undefined;
  mode: PayoutMode;
  gateway: string;
}

export type Withdrawn =
  | Extract<Begun, { outcome: 'begun' }>
  | { outcome: 'refused'; code: (typeof WITHDRAWAL_REFUSALS)[number]; message: string };

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
  const ids = wishes.map(({ wallet }) => wallet);
  const currencies = await walletCurrencies(tx, ids);
  const newest = await usableAccountsOf(tx, ids);
  const named = await accountsNamed(
    tx,
    wishes.flatMap(({ bank_account }) => bank_account ?? []),
  );
  const answers = new Map<Withdrawal, Withdrawn>();
  const sound: { wish: Withdrawal; payout: PayoutWish }[] = [];
  for (const wish of wishes) {
    const bank_account = wish.bank_account ?? newest.get(wish.wallet);
    const refusal =
      (gateways.has(wish.gateway)
        ? null
        : refused('unknown-gateway', `There is no gateway ${wish.gateway}.`)) ??
      walletRefusal(wish.wallet, wish.currency, currencies) ??
      accountRefusal(wish, named);
    if (refusal) answers.set(wish, refusal);
    else if (!bank_account)
      answers.set(wish, refused('no-bank-account', 'The owner has no usable bank account.'));
    else sound.push({ wish, payout: { ...wish, bank_account, purpose: 'withdrawal', loan: null } });
  }
  const begun = await beginPayouts(
    tx,
    context,
    sound.map(({ payout }) => payout),
  );
  for (const [index, { wish }] of sound.entries()) answers.set(wish, begun[index]!);
  return wishes.map((wish) => answers.get(wish)!);
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
): Extract<Withdrawn, { outcome: 'refused' }> | null {
  if (bank_account === undefined) return null;
  const account = named.get(bank_account);
  if (account?.borrower === wallet && account.state === 'usable') return null;
  const message = account
    ? `Bank account ${bank_account} is ${account.borrower === wallet ? account.state : 'another’s'}.`
    : `There is no bank account ${bank_account}.`;
  return refused('unusable-bank-account', message);
}

function refused(code: (typeof WITHDRAWAL_REFUSALS)[number], message: string) {
  return { outcome: 'refused' as const, code, message };
}
