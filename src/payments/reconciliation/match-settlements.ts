import { sql } from 'slonik';
import type { Transaction } from '../../db/pools.ts';
import { dueRows, isLater } from './coverage.ts';
import type { Matching } from './matching.ts';
import { BANK_DAYS } from './results.ts';

/** Settlements, as their lines add up, against the bank's lines of the same UTR. */
export async function matchSettlements(tx: Transaction, matching: Matching): Promise<void> {
  await addUp(tx, matching);
  await tx.query(sql.unsafe`
    INSERT INTO pg_temp.finding (subject_kind, subject, gateway, leg, result, currency, here, there, happened_on)
    ${comparison(matching)}`);
}

/** What the new lines say of settlements. One whose journal stands is not added up again. */
async function addUp(tx: Transaction, { loads, hidden }: Matching): Promise<void> {
  await tx.query(sql.unsafe`
    INSERT INTO settlement (tenant_id, gateway, id, utr, on_date, currency, gross, adjusted, fee, tax, net)
    SELECT current_tenant(), l.gateway, l.settlement, max(l.utr), max(l.on_date), min(l.currency),
           coalesce(sum(l.credit - l.debit + l.fee) FILTER (WHERE l.kind IN ('payment', 'refund')), 0),
           coalesce(sum(l.credit - l.debit + l.fee) FILTER (WHERE l.kind NOT IN ('payment', 'refund')), 0),
           sum(l.fee), sum(l.tax), sum(l.credit - l.debit)
    FROM gateway_line l
    WHERE l.tenant_id = current_tenant() AND l.source = 'settlement' AND l.current
      AND l.load_id <> ALL (${sql.array(hidden, 'uuid')})
      AND (l.gateway, l.settlement) IN (
        SELECT gateway, settlement FROM gateway_line
        WHERE tenant_id = current_tenant() AND load_id = ANY (${sql.array(loads, 'uuid')}) AND source = 'settlement'
          AND settlement IS NOT NULL)
    GROUP BY l.gateway, l.settlement
    ON CONFLICT (tenant_id, gateway, id) DO UPDATE SET
      utr = excluded.utr, on_date = excluded.on_date, currency = excluded.currency, gross = excluded.gross,
      adjusted = excluded.adjusted, fee = excluded.fee, tax = excluded.tax, net = excluded.net
    WHERE settlement.journal_id IS NULL`);
}

function comparison({ spans, calendar, loads, hidden }: Matching) {
  const unseen = sql.array(hidden, 'uuid');
  const read = sql.array(loads, 'uuid');
  return sql.fragment`
    WITH looked_at AS (
      SELECT s.* FROM settlement s
      WHERE s.tenant_id = current_tenant() AND (
        s.journal_id IS NULL
        OR s.utr IN (SELECT utr FROM bank_line WHERE tenant_id = current_tenant() AND load_id = ANY (${read}) AND utr IS NOT NULL)
        OR (s.gateway, s.id) IN (SELECT gateway, settlement FROM gateway_line
                                 WHERE tenant_id = current_tenant() AND load_id = ANY (${read}) AND settlement IS NOT NULL)
        OR (s.gateway, s.id) IN (SELECT gateway, subject FROM reconciliation_break
                                 WHERE tenant_id = current_tenant() AND state <> 'resolved' AND subject_kind = 'settlement'))
    ), paid AS (
      SELECT b.utr, count(*) AS lines, sum(b.credit - b.debit) AS moved, min(b.currency) AS currency, min(b.on_date) AS on_date
      FROM bank_line b
      WHERE b.tenant_id = current_tenant() AND b.current AND b.load_id <> ALL (${unseen})
        AND b.utr IN (SELECT utr FROM looked_at)
      GROUP BY b.utr
    )
    SELECT 'settlement', s.id, s.gateway, 'bank', CASE
             WHEN p.lines IS NULL THEN CASE WHEN due.due_on IS NULL THEN 'awaited' ELSE 'missing-there' END
             WHEN p.lines > 1 OR EXISTS (SELECT FROM settlement o WHERE o.tenant_id = current_tenant() AND o.utr = s.utr
                                         AND (o.gateway, o.id) <> (s.gateway, s.id)) THEN 'duplicate'
             WHEN p.currency <> s.currency THEN 'currency'
             WHEN p.moved <> s.net THEN 'amount'
             WHEN ${isLater(sql.fragment`s.on_date`, sql.fragment`p.on_date`, BANK_DAYS, calendar)} THEN 'late'
             ELSE 'matched' END,
           s.currency, s.net, p.moved, s.on_date
    FROM looked_at s
    LEFT JOIN paid p ON p.utr = s.utr
    LEFT JOIN ${dueRows(spans, 'bank', BANK_DAYS, calendar)} AS due ON s.on_date BETWEEN due.from_on AND due.due_on`;
}
