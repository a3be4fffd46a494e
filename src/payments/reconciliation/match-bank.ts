import { sql } from 'slonik';
import type { Transaction } from '../../db/pools.ts';
import type { Matching } from './matching.ts';

/** A bank's line without a UTR is known by all it says. */
export const BANK_SUBJECT = sql.fragment`
  coalesce(line.utr, md5(concat_ws('|', line.on_date, line.description, line.debit, line.credit, line.balance)))`;

/**
 * Lines of the bank that nothing explains: no payout or check of ours has the UTR, and no line of the gateway's does.
 * Where the gateway knows it, what is odd about it is told of the payout or the settlement.
 */
export async function matchBank(tx: Transaction, { loads, hidden }: Matching): Promise<void> {
  await tx.query(sql.unsafe`
    INSERT INTO pg_temp.finding (subject_kind, subject, gateway, leg, result, currency, here, there, happened_on)
    WITH standing AS (
      SELECT told.load, told.line FROM reconciliation_break b,
             jsonb_to_recordset(b.evidence) AS told (load uuid, line integer)
      WHERE b.tenant_id = current_tenant() AND b.state <> 'resolved' AND b.subject_kind = 'bank-line'
    )
    SELECT 'bank-line', ${BANK_SUBJECT}, NULL, 'bank', 'missing-here', min(line.currency), NULL,
           sum(line.credit - line.debit), min(line.on_date)
    FROM bank_line AS line
    WHERE line.tenant_id = current_tenant() AND line.current
      AND (line.load_id = ANY (${sql.array(loads, 'uuid')})
           OR (line.load_id, line.line) IN (SELECT load, line FROM standing))
      AND (line.utr IS NULL
           OR NOT EXISTS (SELECT FROM payout p WHERE p.tenant_id = current_tenant() AND p.utr = line.utr)
              AND NOT EXISTS (SELECT FROM bank_account_check c WHERE c.tenant_id = current_tenant() AND c.utr = line.utr)
              AND NOT EXISTS (SELECT FROM gateway_line g WHERE g.tenant_id = current_tenant() AND g.utr = line.utr
                              AND g.current AND g.load_id <> ALL (${sql.array(hidden, 'uuid')})))
    GROUP BY 2`);
}

/**
 * Lines of the gateway's account that are about no payout and no check of ours: money that came or went there by other ways. What a
 * settlement brought is told of the settlement.
 */
export async function matchAccount(tx: Transaction, { loads, hidden }: Matching): Promise<void> {
  const unseen = sql.array(hidden, 'uuid');
  await tx.query(sql.unsafe`
    INSERT INTO pg_temp.finding (subject_kind, subject, gateway, leg, result, currency, here, there, happened_on)
    WITH looked_at AS (
      SELECT DISTINCT gateway, about FROM gateway_line
      WHERE tenant_id = current_tenant() AND load_id = ANY (${sql.array(loads, 'uuid')}) AND source = 'account'
        AND kind NOT IN ('payout', 'reversal')
      UNION SELECT gateway, subject FROM reconciliation_break
      WHERE tenant_id = current_tenant() AND state <> 'resolved' AND subject_kind = 'adjustment' AND leg = 'gateway'
    )
    SELECT 'adjustment', line.about, line.gateway, 'gateway', 'missing-here', min(line.currency), NULL,
           sum(line.credit - line.debit), min(line.on_date)
    FROM looked_at a
    JOIN gateway_line line ON line.tenant_id = current_tenant() AND line.gateway = a.gateway AND line.about = a.about
    WHERE line.source = 'account' AND line.kind NOT IN ('payout', 'reversal') AND line.current
      AND line.load_id <> ALL (${unseen})
      AND NOT EXISTS (SELECT FROM bank_account_check c WHERE c.tenant_id = current_tenant()
                      AND c.gateway = line.gateway AND c.provider_id = line.about)
      AND NOT EXISTS (SELECT FROM gateway_line s WHERE s.tenant_id = current_tenant() AND s.utr = line.utr
                      AND s.source = 'settlement' AND s.current AND s.load_id <> ALL (${unseen}))
    GROUP BY line.gateway, line.about`);
}
