import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../db/pools.ts';

const trialRow = z.object({
  account: z.string(),
  code: z.string(),
  name: z.string(),
  type: z.enum(['asset', 'liability', 'income', 'expense']),
  currency: z.string(),
  debit: z.string(),
  credit: z.string(),
});
export type TrialBalanceRow = z.output<typeof trialRow>;

const totalRow = z.object({
  currency: z.string(),
  debit: z.string(),
  credit: z.string(),
  balanced: z.boolean(),
});

export interface TrialBalance {
  as_of: string;
  /** Per account that has moved by then: what was debited and credited in all. */
  rows: readonly TrialBalanceRow[];
  /** Per currency; debit equals credit, or the books are broken. */
  totals: readonly z.output<typeof totalRow>[];
  balanced: boolean;
}

/** Debits and credits of every account over all journals dated up to `as_of` (a business date). */
export async function trialBalance(tx: Transaction, as_of: string): Promise<TrialBalance> {
  const moved = sql.fragment`
    SELECT e.account_id, e.currency,
           coalesce(sum(e.amount) FILTER (WHERE e.direction = 'debit'), 0) AS debit,
           coalesce(sum(e.amount) FILTER (WHERE e.direction = 'credit'), 0) AS credit
    FROM journal j JOIN entry e ON e.tenant_id = j.tenant_id AND e.journal_id = j.id
    WHERE j.tenant_id = current_tenant() AND j.business_date <= ${as_of}
    GROUP BY e.account_id, e.currency`;
  const rows = await tx.any(sql.type(trialRow)`
    SELECT a.id AS account, a.code, a.name, a.type, moved.currency, moved.debit, moved.credit
    FROM (${moved}) AS moved JOIN account a ON a.tenant_id = current_tenant() AND a.id = moved.account_id
    ORDER BY a.code`);
  const totals = await tx.any(sql.type(totalRow)`
    SELECT currency, sum(debit) AS debit, sum(credit) AS credit, sum(debit) = sum(credit) AS balanced
    FROM (${moved}) AS moved GROUP BY currency ORDER BY currency`);
  return { as_of, rows, totals, balanced: totals.every((total) => total.balanced) };
}

const balanceRow = z.object({ id: z.string(), balance: z.string() });

/**
 * Balances of control accounts, which keep none: the snapshot of the last seal and what was posted since.
 * Costs in proportion to the journals under no seal yet.
 */
export const CONTROL_BALANCES = sql.fragment`
  SELECT a.id, a.code, coalesce(snapshot.balance, 0)
               + coalesce(CASE WHEN a.debit_normal THEN u.debit ELSE -u.debit END, 0) AS balance
  FROM account a
  LEFT JOIN (
    SELECT e.account_id, sum(CASE e.direction WHEN 'debit' THEN e.amount ELSE -e.amount END) AS debit
    FROM stream s
    JOIN journal j ON j.tenant_id = s.tenant_id AND j.stream_id = s.id AND j.seq > s.sealed_seq
    JOIN entry e ON e.tenant_id = j.tenant_id AND e.journal_id = j.id
    WHERE s.tenant_id = current_tenant() AND s.head_seq > s.sealed_seq
    GROUP BY e.account_id
  ) AS u ON u.account_id = a.id
  LEFT JOIN LATERAL (
    SELECT balance FROM account_snapshot p
    WHERE p.tenant_id = a.tenant_id AND p.account_id = a.id
    ORDER BY p.seal_number DESC LIMIT 1) AS snapshot ON true
  WHERE a.tenant_id = current_tenant() AND NOT a.keeps_balance
  ORDER BY a.code`;

/** What stands on each control account, by id. */
export async function controlBalances(tx: Transaction): Promise<ReadonlyMap<string, string>> {
  const rows = await tx.any(sql.type(balanceRow)`SELECT id, balance FROM (${CONTROL_BALANCES}) AS control`);
  return new Map(rows.map(({ id, balance }) => [id, balance]));
}
