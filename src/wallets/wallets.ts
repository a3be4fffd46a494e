import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../db/pools.ts';
import { openAccounts } from '../ledger/accounts.ts';
import { formatAmount, toDecimal } from '../ledger/money.ts';

export interface WalletOpening {
  /** Also the id of the wallet's account and of its stream. UUID, version 7. */
  id: string;
  /** Whose it is, as the tenant calls them: a borrower's or customer's reference. */
  owner: string;
  currency: string;
}

const walletRow = z.object({
  id: z.string(),
  owner: z.string(),
  currency: z.string(),
  /** What the owner may spend; never below zero. */
  balance: z.string().transform((text) => formatAmount(toDecimal(text))),
  opened_at: z.date(),
});
export type Wallet = z.output<typeof walletRow>;

/** Opens a wallet with nothing in it. A second time, with the same id, it changes nothing. */
export async function openWallet(tx: Transaction, opening: WalletOpening): Promise<void> {
  await openWallets(tx, [opening]);
}

/**
 * As openWallet, set-based. An id that is another account's already (the bank's, a loan's) becomes no
 * wallet: whoever chose it would own that account's money.
 */
export async function openWallets(tx: Transaction, openings: readonly WalletOpening[]): Promise<void> {
  if (openings.length === 0) return;
  await openAccounts(
    tx,
    openings.map(({ id, owner, currency }) => ({
      id,
      code: `wallet/${id}`,
      name: `Wallet of ${owner}`,
      type: 'liability',
      currency,
      keeps_balance: true,
      balance_min: '0',
    })),
  );
  const rows = openings.map(({ id, owner, currency }) => [id, owner, currency]);
  await tx.query(sql.unsafe`
    INSERT INTO wallet (tenant_id, id, owner, currency)
    SELECT current_tenant(), opening.*
    FROM ${sql.unnest(rows, ['uuid', 'text', 'text'])} AS opening(id, owner, currency)
    WHERE EXISTS (SELECT FROM account a WHERE a.tenant_id = current_tenant() AND a.id = opening.id
                                          AND a.code = 'wallet/' || opening.id)
    ON CONFLICT (tenant_id, id) DO NOTHING`);
}

/** The wallet and its balance as this transaction sees them; null where there is none. */
export async function walletOf(tx: Transaction, id: string): Promise<Wallet | null> {
  return (await walletsOf(tx, [id])).get(id) ?? null;
}

/** Those of the wallets that exist, by id. */
export async function walletsOf(tx: Transaction, ids: readonly string[]): Promise<Map<string, Wallet>> {
  const wallets = await tx.any(sql.type(walletRow)`
    SELECT w.id, w.owner, w.currency, a.balance, w.opened_at
    FROM wallet w JOIN account a USING (tenant_id, id)
    WHERE w.tenant_id = current_tenant() AND w.id = ANY (${sql.array([...new Set(ids)], 'uuid')})`);
  return new Map(wallets.map((wallet) => [wallet.id, wallet]));
}
