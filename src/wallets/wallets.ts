import { sql } from 'slonik';
import { version as uuidVersion, v5 as uuidv5 } from 'uuid';
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

const money = z.string().transform((text) => formatAmount(toDecimal(text)));

const walletRow = z.object({
  id: z.string(),
  owner: z.string(),
  currency: z.string(),
  /** All of the owner's money: held and available. None of the three is ever below zero. */
  balance: money,
  /** Set aside by holds. */
  held: money,
  /** What the owner may spend. */
  available: money,
  opened_at: z.date(),
  /** Set while no money may leave it, and why. */
  frozen_at: z.date().nullable(),
  frozen_for: z.string().nullable(),
});
export type Wallet = z.output<typeof walletRow>;

/** Opens a wallet with nothing in it. A second time, with the same id, it changes nothing. */
export async function openWallet(tx: Transaction, opening: WalletOpening): Promise<void> {
  await openWallets(tx, [opening]);
}

/** Ids of this version are made from names, and only by Kist: the bank's account, a wallet's held account. */
const NAME_BASED = 5;

/**
 * As openWallet, set-based. An id that is another account's already (the bank's, a loan's), or may become
 * one, becomes no wallet: whoever chose it would own that account's money.
 */
export async function openWallets(tx: Transaction, asked: readonly WalletOpening[]): Promise<void> {
  const openings = asked.filter(({ id }) => uuidVersion(id) !== NAME_BASED);
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

/** The wallet and its money as this transaction sees them; null where there is none. */
export function walletOf(tx: Transaction, id: string): Promise<Wallet | null> {
  return tx.maybeOne(sql.type(walletRow)`
    SELECT w.id, w.owner, w.currency, w.opened_at, a.balance AS available, held.balance AS held,
           a.balance + held.balance AS balance, a.frozen_at, a.frozen_for
    FROM wallet w JOIN account a USING (tenant_id, id) CROSS JOIN LATERAL (
      SELECT coalesce(sum(balance), 0) AS balance FROM account h
      WHERE h.tenant_id = w.tenant_id AND h.code = 'wallet/' || w.id || '/held') AS held
    WHERE w.tenant_id = current_tenant() AND w.id = ${id}`);
}

const currencyRow = z.object({ id: z.string(), currency: z.string() });

/** In what the wallets are kept, by id; only those that exist. */
export async function walletCurrencies(
  tx: Transaction,
  ids: readonly string[],
): Promise<Map<string, string>> {
  const wallets = await tx.any(sql.prepared('wallet_currencies', currencyRow)`
    SELECT id, currency FROM wallet
    WHERE tenant_id = current_tenant() AND id = ANY (${sql.array([...new Set(ids)], 'uuid')})`);
  return new Map(wallets.map(({ id, currency }) => [id, currency]));
}

/** A namespace of its own: a wallet's held account has the same id in every database. */
const HELD_NAMESPACE = '0197a3c0-5a1e-7b57-9d3c-6b6973740002';

/** The account on which money of the wallet lies that is set aside. */
export function heldAccountOf(wallet: string): string {
  return uuidv5(wallet, HELD_NAMESPACE);
}

/** Opens the held accounts of wallets; one that stands already is left as it is. */
export async function openHeldAccounts(tx: Transaction, wallets: ReadonlyMap<string, string>): Promise<void> {
  // In one order for everyone: two who open the same accounts wait for each other, and never deadlock.
  const ids = [...wallets.keys()].sort();
  await openAccounts(
    tx,
    ids.map((id) => ({
      id: heldAccountOf(id),
      code: `wallet/${id}/held`,
      name: `Held in wallet ${id}`,
      type: 'liability',
      currency: wallets.get(id)!,
      keeps_balance: true,
      balance_min: '0',
    })),
  );
}
