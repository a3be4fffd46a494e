import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import type { Beneficiary } from '../gateway/gateway.ts';

/** Where a payout goes, and what a gateway calls it, once one knows it. */
export interface Destination extends Beneficiary {
  gateway: string | null;
  fund_account: string | null;
}

const destinationRow = z.object({
  id: z.string(),
  holder: z.string(),
  ifsc: z.string().nullable(),
  account_number: z.string().nullable(),
  vpa: z.string().nullable(),
  gateway: z.string().nullable(),
  fund_account: z.string().nullable(),
});

/** A borrower's bank account, in full: for the gateway's ears alone. */
export function destinationOf(tx: Transaction, id: string): Promise<Destination> {
  return tx.one(sql.prepared('destination_of', destinationRow)`
    SELECT id, holder, ifsc, account_number, vpa, gateway, fund_account
    FROM bank_account WHERE tenant_id = current_tenant() AND id = ${id}`);
}

/** Remembers what the gateway calls it. */
export async function knowFundAccount(
  tx: Transaction,
  id: string,
  known: { gateway: string; contact: string; fund_account: string },
): Promise<void> {
  await tx.query(sql.unsafe`
    UPDATE bank_account
    SET gateway = ${known.gateway}, contact = ${known.contact}, fund_account = ${known.fund_account}
    WHERE tenant_id = current_tenant() AND id = ${id}`);
}

const usableRow = z.object({ wallet: z.string(), id: z.string() });

/** The newest bank account that each wallet's owner can be paid on; a borrower's wallet has the borrower's id. */
export async function usableAccountsOf(
  tx: Transaction,
  wallets: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await tx.any(sql.prepared('usable_bank_accounts', usableRow)`
    SELECT wallet, b.id
    FROM unnest(${sql.array([...wallets], 'uuid')}) AS wallet, LATERAL (
      SELECT id FROM bank_account
      WHERE tenant_id = current_tenant() AND borrower_id = wallet AND state = 'usable'
      ORDER BY id DESC LIMIT 1) AS b`);
  return new Map(rows.map(({ wallet, id }) => [wallet, id]));
}
