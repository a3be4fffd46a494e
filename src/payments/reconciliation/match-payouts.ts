import { sql } from 'slonik';
import type { Transaction } from '../../db/pools.ts';
import { analyze } from './analyze.ts';
import { dueRows, isLater } from './coverage.ts';
import type { Matching } from './matching.ts';
import { PAYOUT_DAYS } from './results.ts';

/**
 * Payouts against the gateway's account statement, by the gateway's id, and the bank's, by UTR. Looked at are
 * those that the new lines are about, those that are settled and not closed yet, and those of open breaks.
 *
 * Our books say what should have left the bank: amount and fees of one that succeeded, nothing of one that
 * never did, the fees of one that came back, unless the statement shows them back.
 */
export async function matchPayouts(tx: Transaction, matching: Matching): Promise<void> {
  await gatherPayouts(tx, matching);
  // Sums of numerics take a kilobyte each while they are added up: sorted, there is one at a time.
  await tx.query(sql.unsafe`SELECT set_config('enable_hashagg', 'off', true)`);
  await tx.query(sql.unsafe`
    INSERT INTO pg_temp.finding (subject_kind, subject, gateway, leg, result, currency, here, there, happened_on)
    SELECT 'payout', subject, gateway, leg, result, currency, here, there, happened_on
    FROM (${comparison(matching)}) AS compared`);
}

/** What is not ours goes by another's name. */
const OURS = '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$';

/**
 * Ids of the payouts to look at, and what the gateway calls them, or strangers. Nearly all are settled and not
 * closed yet: those are taken as they are, and no other way leads to them again.
 */
async function gatherPayouts(tx: Transaction, { loads, hidden }: Matching): Promise<void> {
  const read = sql.array(loads, 'uuid');
  const waits = sql.fragment`(p.settled_at IS NOT NULL AND p.closed_at IS NULL)`;
  await tx.query(
    sql.unsafe`CREATE TEMP TABLE looked_at (id uuid, gateway text, about text, utr text) ON COMMIT DROP`,
  );
  await tx.query(sql.unsafe`
    INSERT INTO pg_temp.looked_at
    SELECT p.id, p.gateway, p.provider_id, p.utr FROM payout p WHERE p.tenant_id = current_tenant() AND ${waits}
    UNION ALL (
      SELECT p.id, told.gateway, told.about, p.utr FROM (
        SELECT gateway, about FROM gateway_line
        WHERE tenant_id = current_tenant() AND load_id = ANY (${read}) AND source = 'account' AND kind IN ('payout', 'reversal')
        UNION ALL SELECT gateway, subject FROM reconciliation_break
        WHERE tenant_id = current_tenant() AND state <> 'resolved' AND subject_kind = 'payout' AND subject !~ ${OURS}
      ) AS told LEFT JOIN payout p ON p.tenant_id = current_tenant() AND p.gateway = told.gateway AND p.provider_id = told.about
      WHERE NOT ${waits}
      UNION SELECT p.id, p.gateway, p.provider_id, p.utr FROM bank_line b
      JOIN payout p ON p.tenant_id = b.tenant_id AND p.utr = b.utr
      WHERE b.tenant_id = current_tenant() AND b.load_id = ANY (${read}) AND NOT ${waits}
      UNION SELECT p.id, p.gateway, p.provider_id, p.utr FROM reconciliation_break b
      JOIN payout p ON p.tenant_id = b.tenant_id AND p.id = CASE WHEN b.subject ~ ${OURS} THEN b.subject::uuid END
      WHERE b.tenant_id = current_tenant() AND b.state <> 'resolved' AND b.subject_kind = 'payout' AND NOT ${waits})`);
  await analyze(tx, sql.identifier(['pg_temp', 'looked_at']));
  // Whose end was never told here, the statement itself may have a UTR for.
  await tx.query(sql.unsafe`
    UPDATE pg_temp.looked_at a SET utr = (
      SELECT min(l.utr) FROM gateway_line l
      WHERE l.tenant_id = current_tenant() AND l.gateway = a.gateway AND l.about = a.about AND l.source = 'account'
        AND l.kind IN ('payout', 'reversal') AND l.current AND l.load_id <> ALL (${sql.array(hidden, 'uuid')}))
    WHERE a.utr IS NULL AND a.id IS NOT NULL`);
}

function comparison({ spans, calendar, time_zone, hidden }: Matching) {
  const unseen = sql.array(hidden, 'uuid');
  const account = dueRows(spans, 'account', PAYOUT_DAYS, calendar);
  const bank = dueRows(spans, 'bank', PAYOUT_DAYS, calendar);
  return sql.fragment`
    WITH told AS (
      SELECT a.id, a.gateway, a.about, a.utr, count(l.line) AS lines, count(*) FILTER (WHERE l.kind = 'payout') AS debits,
             count(*) FILTER (WHERE l.kind = 'reversal') AS credits, sum(l.credit - l.debit) AS moved,
             sum(l.fee) FILTER (WHERE l.kind = 'payout') AS fee, sum(l.tax) FILTER (WHERE l.kind = 'payout') AS tax,
             min(l.currency) AS currency, max(l.currency) AS other_currency, min(l.on_date) AS on_date
      FROM pg_temp.looked_at a
      LEFT JOIN gateway_line l ON l.tenant_id = current_tenant() AND l.gateway = a.gateway AND l.about = a.about
       AND l.source = 'account' AND l.kind IN ('payout', 'reversal') AND l.current AND l.load_id <> ALL (${unseen})
      GROUP BY a.about, a.gateway, a.id, a.utr
    ), compared AS MATERIALIZED (
      SELECT told.id, told.gateway, told.about, told.utr, p.state, p.amount, coalesce(p.fees, 0) AS fees, coalesce(p.tax, 0) AS tax,
             p.currency, coalesce((p.settled_at AT TIME ZONE ${time_zone})::date, p.business_date) AS day,
             CASE p.state WHEN 'succeeded' THEN -(p.amount + coalesce(p.fees, 0))
               WHEN 'reversed' THEN CASE WHEN EXISTS (
                 SELECT FROM payment_move m WHERE m.tenant_id = current_tenant() AND m.subject = p.id
                 AND m.from_state = 'succeeded' AND m.to_state = 'reversed') THEN -coalesce(p.fees, 0) ELSE 0 END
               ELSE 0 END AS here,
             told.lines, told.debits, told.credits, told.moved, told.fee AS told_fee, told.tax AS told_tax,
             told.currency AS told_currency, told.other_currency, told.on_date
      FROM told LEFT JOIN payout p ON p.tenant_id = current_tenant() AND p.id = told.id
    ), paid AS (
      SELECT b.utr, count(*) FILTER (WHERE b.debit > 0) AS debits, count(*) FILTER (WHERE b.credit > 0) AS credits,
             sum(b.credit - b.debit) AS moved, min(b.currency) AS currency, max(b.currency) AS other_currency,
             min(b.on_date) AS on_date
      FROM bank_line b
      WHERE b.tenant_id = current_tenant() AND b.current AND b.load_id <> ALL (${unseen})
        AND b.utr IN (SELECT utr FROM pg_temp.looked_at)
      GROUP BY b.utr
    ), judged AS MATERIALIZED (
      SELECT c.*, paid.moved AS paid, paid.on_date AS paid_on,
        CASE
          WHEN c.id IS NULL THEN CASE WHEN c.lines > 0 THEN 'missing-here' END
          WHEN c.lines = 0 AND c.state <> 'succeeded' THEN 'matched'
          WHEN c.lines = 0 AND account.due_on IS NULL THEN 'awaited'
          WHEN c.lines = 0 THEN 'missing-there'
          WHEN c.debits > 1 OR c.credits > 1 THEN 'duplicate'
          WHEN c.told_currency <> c.currency OR c.other_currency <> c.currency THEN 'currency'
          WHEN c.state = 'succeeded' AND (c.credits > 0 OR c.debits = 0) THEN 'status'
          WHEN c.state <> 'succeeded' AND c.debits <> c.credits THEN
            CASE WHEN c.state = 'reversed' AND account.due_on IS NULL THEN 'awaited' ELSE 'status' END
          WHEN c.state <> 'succeeded' AND c.moved <> c.here THEN 'fee'
          WHEN c.state = 'succeeded' AND -c.moved - c.told_fee <> c.amount THEN 'amount'
          WHEN c.state = 'succeeded' AND c.told_fee <> c.fees THEN 'fee'
          WHEN c.state = 'succeeded' AND c.told_tax <> c.tax THEN 'tax'
          WHEN ${isLater(sql.fragment`c.day`, sql.fragment`c.on_date`, PAYOUT_DAYS, calendar)} THEN 'late'
          ELSE 'matched'
        END AS at_gateway,
        CASE
          WHEN c.id IS NULL THEN 'matched'
          WHEN paid.debits IS NULL AND c.state <> 'succeeded' THEN 'matched'
          WHEN paid.debits IS NULL AND bank.due_on IS NULL THEN 'awaited'
          WHEN paid.debits IS NULL THEN 'missing-there'
          WHEN paid.debits > 1 OR paid.credits > 1 THEN 'duplicate'
          WHEN paid.currency <> c.currency OR paid.other_currency <> c.currency THEN 'currency'
          WHEN c.state = 'succeeded' AND (paid.credits > 0 OR paid.debits = 0) THEN 'status'
          WHEN c.state <> 'succeeded' AND paid.debits <> paid.credits THEN
            CASE WHEN c.state = 'reversed' AND bank.due_on IS NULL THEN 'awaited' ELSE 'status' END
          WHEN paid.moved <> c.here THEN CASE WHEN c.state = 'succeeded' THEN 'amount' ELSE 'fee' END
          WHEN ${isLater(sql.fragment`c.day`, sql.fragment`paid.on_date`, PAYOUT_DAYS, calendar)} THEN 'late'
          ELSE 'matched'
        END AS at_bank
      FROM compared c
      LEFT JOIN paid ON paid.utr = c.utr
      LEFT JOIN ${account} AS account
        ON account.gateway = c.gateway AND c.day BETWEEN account.from_on AND account.due_on
      LEFT JOIN ${bank} AS bank ON c.day BETWEEN bank.from_on AND bank.due_on
    )
    SELECT coalesce(id::text, about) AS subject, gateway, leg, CASE leg WHEN 'bank' THEN at_bank ELSE at_gateway END AS result,
           coalesce(currency, told_currency) AS currency, CASE WHEN id IS NOT NULL THEN here END AS here,
           CASE leg WHEN 'bank' THEN paid ELSE moved END AS there, coalesce(day, on_date) AS happened_on
    FROM (SELECT *, CASE WHEN ${gravity(sql.fragment`at_bank`)} > ${gravity(sql.fragment`at_gateway`)}
                         THEN 'bank' ELSE 'gateway' END AS leg FROM judged) AS weighed
    WHERE at_gateway IS NOT NULL`;
}

/** What is told where gateway and bank say different things of one. */
export function gravity(result: ReturnType<typeof sql.fragment>) {
  return sql.fragment`CASE ${result} WHEN 'matched' THEN 0 WHEN 'awaited' THEN 1 WHEN 'late' THEN 2 ELSE 3 END`;
}
