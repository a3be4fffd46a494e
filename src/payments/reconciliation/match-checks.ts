import { sql } from 'slonik';
import type { Transaction } from '../../db/pools.ts';
import { dueRows } from './coverage.ts';
import { gravity } from './match-payouts.ts';
import type { Matching } from './matching.ts';
import { PAYOUT_DAYS } from './results.ts';

/**
 * Checks of bank accounts against the gateway's account statement, by the gateway's id, and the bank's, by UTR.
 * Looked at are those that the new lines are about, those that cost something and are not closed yet, and those of
 * open breaks.
 */
export async function matchChecks(tx: Transaction, matching: Matching): Promise<void> {
  const { loads, hidden, spans, calendar, time_zone } = matching;
  const [read, unseen] = [sql.array(loads, 'uuid'), sql.array(hidden, 'uuid')];
  const account = dueRows(spans, 'account', PAYOUT_DAYS, calendar);
  const bank = dueRows(spans, 'bank', PAYOUT_DAYS, calendar);
  await tx.query(sql.unsafe`
    INSERT INTO pg_temp.finding (subject_kind, subject, gateway, leg, result, currency, here, there, happened_on)
    WITH looked_at AS (
      SELECT id FROM bank_account_check
      WHERE tenant_id = current_tenant() AND amount IS NOT NULL AND closed_at IS NULL
      UNION SELECT c.id FROM gateway_line l
      JOIN bank_account_check c ON c.tenant_id = l.tenant_id AND c.gateway = l.gateway AND c.provider_id = l.about
      WHERE l.tenant_id = current_tenant() AND l.load_id = ANY (${read}) AND l.source = 'account'
      UNION SELECT c.id FROM bank_line b
      JOIN bank_account_check c ON c.tenant_id = b.tenant_id AND c.utr = b.utr
      WHERE b.tenant_id = current_tenant() AND b.load_id = ANY (${read})
      UNION SELECT subject::uuid FROM reconciliation_break
      WHERE tenant_id = current_tenant() AND state <> 'resolved' AND subject_kind = 'account-check'
    ), compared AS (
      SELECT c.id, c.gateway, c.currency, c.amount IS NOT NULL AS is_booked,
             -(coalesce(c.amount, 0) + coalesce(c.fees, 0)) AS here, told.lines, told.moved, told.same_currency,
             paid.lines AS paid_lines, paid.moved AS paid, paid.same_currency AS paid_same_currency,
             (coalesce(c.checked_at, c.asked_at) AT TIME ZONE ${time_zone})::date AS day
      FROM looked_at JOIN bank_account_check c ON c.tenant_id = current_tenant() AND c.id = looked_at.id
      LEFT JOIN LATERAL (
        SELECT count(*) AS lines, sum(l.credit - l.debit) AS moved, bool_and(l.currency = c.currency) AS same_currency
        FROM gateway_line l
        WHERE l.tenant_id = current_tenant() AND l.gateway = c.gateway AND l.about = c.provider_id
          AND l.source = 'account' AND l.current AND l.load_id <> ALL (${unseen})
        HAVING count(*) > 0) AS told ON true
      LEFT JOIN LATERAL (
        SELECT count(*) AS lines, sum(b.credit - b.debit) AS moved, bool_and(b.currency = c.currency) AS same_currency
        FROM bank_line b
        WHERE b.tenant_id = current_tenant() AND b.utr = c.utr AND b.current AND b.load_id <> ALL (${unseen})
        HAVING count(*) > 0) AS paid ON true
    ), judged AS (
      SELECT c.*,
        ${judgement({ lines: 'lines', moved: 'moved', same_currency: 'same_currency', due: 'account' })} AS at_gateway,
        ${judgement({ lines: 'paid_lines', moved: 'paid', same_currency: 'paid_same_currency', due: 'bank' })} AS at_bank
      FROM compared c
      LEFT JOIN ${account} AS account
        ON account.gateway = c.gateway AND c.day BETWEEN account.from_on AND account.due_on
      LEFT JOIN ${bank} AS bank ON c.day BETWEEN bank.from_on AND bank.due_on
      WHERE c.is_booked OR c.lines IS NOT NULL OR c.paid_lines IS NOT NULL
    )
    SELECT 'account-check', id::text, gateway, leg, CASE leg WHEN 'bank' THEN at_bank ELSE at_gateway END, currency,
           CASE WHEN is_booked THEN here END, CASE leg WHEN 'bank' THEN paid ELSE moved END, day
    FROM (SELECT *, CASE WHEN ${gravity(sql.fragment`at_bank`)} > ${gravity(sql.fragment`at_gateway`)}
                         THEN 'bank' ELSE 'gateway' END AS leg FROM judged) AS weighed`);
}

/** What one of the two statements says of a check, by the names of its columns. */
function judgement(of: { lines: string; moved: string; same_currency: string; due: string }) {
  const lines = sql.identifier(['c', of.lines]);
  return sql.fragment`CASE
    WHEN ${lines} IS NULL AND NOT c.is_booked THEN 'matched'
    WHEN ${lines} IS NULL AND ${sql.identifier([of.due, 'due_on'])} IS NULL THEN 'awaited'
    WHEN ${lines} IS NULL THEN 'missing-there'
    WHEN NOT ${sql.identifier(['c', of.same_currency])} THEN 'currency'
    WHEN NOT c.is_booked THEN 'missing-here'
    WHEN ${lines} > 1 THEN 'duplicate'
    WHEN ${sql.identifier(['c', of.moved])} <> c.here THEN 'amount'
    ELSE 'matched' END`;
}

/** What agrees, or people have decided about, is not looked at again until a new line is about it. */
export async function closeChecks(tx: Transaction, { now }: Matching): Promise<void> {
  await tx.query(sql.unsafe`
    UPDATE bank_account_check c SET closed_at = ${now.toISOString()}
    FROM pg_temp.finding f
    LEFT JOIN reconciliation_break b ON b.tenant_id = current_tenant() AND b.subject_kind = 'account-check'
     AND b.subject = f.subject AND b.gateway = f.gateway
    WHERE c.tenant_id = current_tenant() AND f.subject_kind = 'account-check' AND c.id::text = f.subject
      AND c.amount IS NOT NULL AND c.closed_at IS NULL
      AND (f.result = 'matched' OR b.state = 'resolved' AND b.resolution <> 'gone')`);
}
