import { sql } from 'slonik';
import type { Transaction } from '../../db/pools.ts';
import { type EventDraft, emit } from '../../events/emit.ts';
import { freezeAccounts, unfreezeAccount } from '../../ledger/freeze.ts';
import { type Moment, momentAt } from '../events.ts';

/** A wallet, and when by the business clock. */
export interface FreezeWish {
  wallet: string;
  at: Date;
}

/** Lets no more money leave a wallet. @returns false where it was frozen already, or is none */
export async function freezeWallet(
  tx: Transaction,
  tenant: string,
  { wallet, at, reason }: FreezeWish & { reason: string },
): Promise<boolean> {
  const frozen = await freezeAccounts(tx, [wallet], at, reason);
  if (frozen.length === 0) return false;
  await emit(tx, [frozenEvent(wallet, await momentAt(tx, tenant, at), reason)]);
  return true;
}

/**
 * Lets money leave a wallet again. Its alerts are settled with that, also where it was not frozen: what it
 * transacted until now counts towards no further one.
 * @returns false where it was not frozen
 */
export async function unfreezeWallet(
  tx: Transaction,
  tenant: string,
  { wallet, at }: FreezeWish,
): Promise<boolean> {
  await tx.query(sql.unsafe`
    INSERT INTO fraud_watch (tenant_id, account_id, cleared_at)
    VALUES (current_tenant(), ${wallet}, ${at.toISOString()})
    ON CONFLICT (tenant_id, account_id) DO UPDATE SET cleared_at = excluded.cleared_at`);
  if (!(await unfreezeAccount(tx, wallet))) return false;
  const moment = await momentAt(tx, tenant, at);
  await emit(tx, [{ ...moment, subject: wallet, type: 'wallet.unfrozen', data: { wallet } }]);
  return true;
}

export function frozenEvent(wallet: string, moment: Moment, reason: string): EventDraft {
  return { ...moment, subject: wallet, type: 'wallet.frozen', data: { wallet, reason } };
}
