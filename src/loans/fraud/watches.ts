import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import type { Watch } from './bursts.ts';

const alertRow = z.object({
  id: z.string(),
  /** The wallet. */
  account: z.string(),
  /** The transaction that was one too many, and when it was posted. */
  journal: z.string(),
  at: z.date(),
  /** Those of the window, itself included; the first of them was at `since`. */
  transactions: z.number(),
  window_s: z.number(),
  since: z.date(),
  /** True where this alert froze the wallet. */
  froze: z.boolean(),
});
export type FraudAlert = z.output<typeof alertRow>;

const watchRow = z.object({
  wallet: z.string(),
  over_until: z.date().nullable(),
  cleared_at: z.date().nullable(),
});

const UNWATCHED: Watch = { over_until: null, cleared_at: null };

/** What is known of each wallet; who unfreezes one waits. */
export async function lockWatches(tx: Transaction, wallets: readonly string[]): Promise<Map<string, Watch>> {
  const rows = await tx.any(sql.type(watchRow)`
    SELECT account_id AS wallet, nullif(over_until, '-infinity') AS over_until,
           nullif(cleared_at, '-infinity') AS cleared_at
    FROM fraud_watch
    WHERE tenant_id = current_tenant() AND account_id = ANY (${sql.array([...wallets], 'uuid')})
    ORDER BY account_id
    FOR NO KEY UPDATE`);
  const known = new Map<string, Watch>(rows.map(({ wallet, ...watch }) => [wallet, watch]));
  return new Map(wallets.map((wallet) => [wallet, known.get(wallet) ?? UNWATCHED]));
}

export async function storeWatches(
  tx: Transaction,
  watches: readonly { wallet: string; over_until: Date }[],
): Promise<void> {
  if (watches.length === 0) return;
  await tx.query(sql.unsafe`
    INSERT INTO fraud_watch (tenant_id, account_id, over_until)
    SELECT current_tenant(), watch.*
    FROM json_to_recordset(${JSON.stringify(watches)}::json) AS watch(wallet uuid, over_until timestamptz)
    ORDER BY wallet
    ON CONFLICT (tenant_id, account_id) DO UPDATE SET over_until = excluded.over_until
    WHERE fraud_watch.over_until < excluded.over_until`);
}

export async function storeAlerts(tx: Transaction, alerts: readonly FraudAlert[]): Promise<void> {
  if (alerts.length === 0) return;
  await tx.query(sql.unsafe`
    INSERT INTO fraud_alert (tenant_id, id, account_id, journal_id, at, transactions, window_s, since, froze)
    SELECT current_tenant(), alert.*
    FROM json_to_recordset(${JSON.stringify(alerts)}::json) AS alert(
      id uuid, account uuid, journal uuid, at timestamptz, transactions int4, window_s int4, since timestamptz,
      froze boolean)`);
}

/** Latest first. */
export function listAlerts(
  tx: Transaction,
  page: { account?: string | undefined; after?: string | undefined; limit: number },
): Promise<readonly FraudAlert[]> {
  const { account = null, after = null, limit } = page;
  return tx.any(sql.type(alertRow)`
    SELECT id, account_id AS account, journal_id AS journal, at, transactions, window_s, since, froze
    FROM fraud_alert
    WHERE tenant_id = current_tenant()
      AND (${account}::uuid IS NULL OR account_id = ${account}::uuid)
      AND (${after}::uuid IS NULL OR id < ${after}::uuid)
    ORDER BY id DESC LIMIT ${limit}`);
}
