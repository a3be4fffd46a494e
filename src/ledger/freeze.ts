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
