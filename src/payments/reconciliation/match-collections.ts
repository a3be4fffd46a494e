import { sql } from 'slonik';
import type { Transaction } from '../../db/pools.ts';
import { analyze } from './analyze.ts';
import { dueRows, isLater } from './coverage.ts';
import type { Matching } from './matching.ts';
import { SETTLEMENT_DAYS } from './results.ts';

/**
 * Collections and refunds against what the gateway settled, by the gateway's id. Looked at are those that the
 * new lines are about, those that wait to be settled, and those of open breaks. One that is settled in parts is
 * compared with the sum of them.
 */
export async function matchCollections(tx: Transaction, matching: Matching): Promise<void> {
  await gather(tx, matching);
  await tx.query(sql.unsafe`
    INSERT INTO pg_temp.finding (subject_kind, subject, gateway, leg, result, currency, here, there, happened_on)
    SELECT subject_kind, subject, gateway, 'gateway', result, currency, here, there, happened_on
    FROM (${comparison(matching)}) AS compared WHERE result IS NOT NULL`);
}

async function gather(tx: Transaction, { loads }: Matching): Promise<void> {
  await tx.query(sql.unsafe`
    CREATE TEMP TABLE asked_about (kind text, gateway text, about text) ON COMMIT DROP`);
  await tx.query(sql.unsafe`
    INSERT INTO pg_temp.asked_about
    SELECT kind, gateway, about FROM gateway_line
    WHERE tenant_id = current_tenant() AND load_id = ANY (${sql.array(loads, 'uuid')}) AND source = 'settlement'
    UNION SELECT 'payment', gateway, provider_id FROM collection
    WHERE tenant_id = current_tenant() AND state IN ('captured', 'won')
    UNION SELECT 'refund', c.gateway, r.provider_id FROM refund r
    JOIN collection c ON c.tenant_id = r.tenant_id AND c.id = r.collection_id
    WHERE r.tenant_id = current_tenant() AND r.settled_on IS NULL AND r.state <> 'failed' AND r.provider_id IS NOT NULL
    UNION SELECT CASE b.subject_kind WHEN 'collection' THEN 'payment' WHEN 'refund' THEN 'refund' ELSE 'adjustment' END,
                 b.gateway, coalesce(c.provider_id, r.provider_id, b.subject)
    FROM reconciliation_break b
    LEFT JOIN collection c ON c.tenant_id = b.tenant_id AND b.subject_kind = 'collection' AND c.id::text = b.subject
    LEFT JOIN refund r ON r.tenant_id = b.tenant_id AND b.subject_kind = 'refund' AND r.id::text = b.subject
    WHERE b.tenant_id = current_tenant() AND b.state <> 'resolved'
      AND b.subject_kind IN ('collection', 'refund', 'adjustment')`);
  await analyze(tx, sql.identifier(['pg_temp', 'asked_about']));
}

/** Net of what the gateway takes, but where the sums before that differ. */
function comparison({ spans, calendar, time_zone, hidden }: Matching) {
  return sql.fragment`
    WITH told AS (
      SELECT a.kind, a.gateway, a.about, count(*) AS parts, coalesce(min(l.settlement) = max(l.settlement), true) AS is_one,
             count(*) FILTER (WHERE l.settlement IS NULL OR l.status = 'unsettled') AS unsettled,
             sum(l.amount) AS amount, sum(l.credit - l.debit) AS moved, sum(l.fee) AS fee, sum(l.tax) AS tax,
             min(l.currency) AS currency, max(l.currency) AS other_currency, min(l.on_date) AS on_date
      FROM pg_temp.asked_about a
      JOIN gateway_line l ON l.tenant_id = current_tenant() AND l.gateway = a.gateway AND l.about = a.about
       AND l.kind = a.kind AND l.source = 'settlement' AND l.current AND l.load_id <> ALL (${sql.array(hidden, 'uuid')})
      GROUP BY 1, 2, 3
    ), ours AS (
      SELECT a.kind, a.gateway, a.about, coalesce(c.id, r.id) AS id, coalesce(c.state, r.state) AS state,
             coalesce(c.amount, r.amount) AS amount, coalesce(c.currency, r.currency) AS currency, c.fee, c.tax,
             c.captured_at IS NOT NULL OR r.state IS NOT DISTINCT FROM 'processed' AS moved,
             coalesce((c.captured_at AT TIME ZONE ${time_zone})::date, c.business_date, (
               SELECT max(m.business_date) FROM payment_move m
               WHERE m.tenant_id = current_tenant() AND m.subject = r.id AND m.to_state = 'processed'), r.business_date) AS day
      FROM pg_temp.asked_about a
      LEFT JOIN collection c ON a.kind = 'payment' AND c.tenant_id = current_tenant() AND c.gateway = a.gateway
       AND c.provider_id = a.about
      LEFT JOIN refund r ON a.kind = 'refund' AND r.tenant_id = current_tenant() AND r.provider_id = a.about
    )
    SELECT CASE o.kind WHEN 'payment' THEN 'collection' WHEN 'refund' THEN 'refund' ELSE 'adjustment' END AS subject_kind,
           coalesce(o.id::text, o.about) AS subject, o.gateway, judged.result, coalesce(o.currency, t.currency) AS currency,
           CASE WHEN o.id IS NULL OR NOT o.moved THEN NULL WHEN o.kind = 'refund' THEN -o.amount
                WHEN judged.result = 'amount' THEN o.amount ELSE o.amount - coalesce(o.fee, t.fee, 0) END AS here,
           CASE WHEN o.kind = 'payment' AND judged.result = 'amount' THEN t.amount ELSE t.moved END AS there,
           coalesce(o.day, t.on_date) AS happened_on
    FROM ours o
    LEFT JOIN told t ON t.kind = o.kind AND t.gateway = o.gateway AND t.about = o.about
    LEFT JOIN ${dueRows(spans, 'settlement', SETTLEMENT_DAYS, calendar)} AS due
      ON due.gateway = o.gateway AND o.day BETWEEN due.from_on AND due.due_on
    CROSS JOIN LATERAL (SELECT CASE
      WHEN o.kind NOT IN ('payment', 'refund') THEN
        CASE WHEN t.parts IS NULL THEN NULL WHEN t.unsettled > 0 THEN 'missing-here' ELSE 'explained' END
      WHEN o.id IS NULL THEN CASE WHEN t.parts IS NOT NULL THEN 'missing-here' END
      WHEN t.parts IS NULL THEN CASE WHEN NOT o.moved OR o.state NOT IN ('captured', 'won', 'processed') THEN NULL
        WHEN due.due_on IS NULL THEN 'awaited' ELSE 'missing-there' END
      WHEN t.parts > 1 AND (t.is_one OR t.parts > 2 AND ${sameTwice(hidden)}) THEN 'duplicate'
      WHEN t.currency <> o.currency OR t.other_currency <> o.currency THEN 'currency'
      WHEN t.unsettled > 0 OR NOT o.moved AND o.state <> 'pending' THEN 'status'
      WHEN t.amount < o.amount AND due.due_on IS NULL THEN 'awaited'
      WHEN t.amount <> o.amount OR o.kind = 'payment' AND t.moved <> t.amount - t.fee
        OR o.kind = 'refund' AND -t.moved <> t.amount THEN 'amount'
      WHEN t.fee <> o.fee THEN 'fee'
      WHEN t.tax <> o.tax THEN 'tax'
      WHEN ${isLater(sql.fragment`o.day`, sql.fragment`t.on_date`, SETTLEMENT_DAYS, calendar)} THEN 'late'
      ELSE 'matched' END AS result) AS judged`;
}

/** Of one in many parts: whether two of them are in the same settlement. */
function sameTwice(hidden: readonly string[]) {
  return sql.fragment`EXISTS (
    SELECT FROM gateway_line l
    WHERE l.tenant_id = current_tenant() AND l.gateway = o.gateway AND l.about = o.about AND l.kind = o.kind
      AND l.source = 'settlement' AND l.current AND l.load_id <> ALL (${sql.array(hidden, 'uuid')})
    GROUP BY l.settlement HAVING count(*) > 1)`;
}
