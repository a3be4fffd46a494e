import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../db/pools.ts';

const idRow = z.object({ id: z.string() });

/**
 * Freezes accounts that keep a balance: money still comes in, and journals that reverse others are posted,
 * but whatever else would lower the balance is answered `account-frozen` (post_journals). What is posted
 * already, or by a transaction that holds the account, is not undone.
 * @param frozen_for why, in words or as the name of what caused it
 * @returns those that were not frozen before
 */
export async function freezeAccounts(
  tx: Transaction,
  accounts: readonly string[],
  frozen_at: Date,
  frozen_for: string,
): Promise<readonly string[]> {
  if (accounts.length === 0) return [];
  return tx.anyFirst(sql.type(idRow)`
    SELECT id FROM freeze_accounts(${sql.array([...accounts], 'uuid')}, ${frozen_at.toISOString()}, ${frozen_for}) AS id`);
}

/** @returns false where the account was not frozen */
export async function unfreezeAccount(tx: Transaction, account: string): Promise<boolean> {
  const unfrozen = await tx.anyFirst(sql.type(idRow)`
    SELECT id FROM unfreeze_accounts(${sql.array([account], 'uuid')}) AS id`);
  return unfrozen.length > 0;
}

/** Those of the accounts that are frozen at this moment. */
export async function frozenAmong(
  tx: Transaction,
  accounts: readonly string[],
): Promise<ReadonlySet<string>> {
  if (accounts.length === 0) return new Set();
  const frozen = await tx.anyFirst(sql.prepared('frozen_accounts', idRow)`
    SELECT id FROM account
    WHERE tenant_id = current_tenant() AND id = ANY (${sql.array([...accounts], 'uuid')})
      AND frozen_at IS NOT NULL`);
  return new Set(frozen);
}
