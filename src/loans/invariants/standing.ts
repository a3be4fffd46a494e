import { sql } from 'slonik';
import { z } from 'zod';
import { type Days, type Invariant, verdict, within } from '../../ledger/invariants.ts';
import { CONTROL_BALANCES } from '../../ledger/reports.ts';

/**
 * Loans whose books moved on the days, those that were set aside left out: they are in the report with
 * their own reasons, and hold up nobody.
 */
export function movedLoans(days: Days) {
  return sql.fragment`
    SELECT l.* FROM (
      SELECT DISTINCT stream_id AS id FROM journal j
      WHERE j.tenant_id = current_tenant() AND ${within(days)}) AS stream
    CROSS JOIN LATERAL (SELECT * FROM loan WHERE tenant_id = current_tenant() AND id = stream.id LIMIT 1) AS l
    WHERE NOT EXISTS (SELECT FROM loan_set_aside s WHERE s.tenant_id = l.tenant_id AND s.loan_id = l.id)`;
}

const owedRow = z.object({ component: z.string(), detail: z.string() });

/**
 * What a loan's accounts hold is what its schedule still asks for: principal (disbursed, less repaid, less
 * written off), interest that fell due, interest accrued before, penal charges, fees; and what was paid ahead.
 */
export const schedules: Invariant = async (tx, days) => {
  const off = await tx.any(sql.type(owedRow)`
    SELECT DISTINCT ON (component)
           component, format('loan %s: its %s account holds %s, its schedule asks for %s', l.id, component,
                             trim_scale(coalesce(a.balance, 0)), trim_scale(asked)) AS detail
    FROM (${movedLoans(days)}) AS l
    CROSS JOIN LATERAL (
      SELECT coalesce(sum(principal - paid_principal), 0) AS principal,
             coalesce(sum(interest - paid_interest) FILTER (WHERE fell_due_on IS NOT NULL), 0) AS interest,
             coalesce(sum(accrued) FILTER (WHERE fell_due_on IS NULL), 0) AS accrued,
             coalesce(sum(penal - paid_penal), 0) AS penal, coalesce(sum(fees - paid_fees), 0) AS fees
      FROM instalment
      WHERE tenant_id = l.tenant_id AND loan_id = l.id AND number >= l.first_unpaid
        AND l.state = 'active') AS i
    CROSS JOIN LATERAL (
      VALUES ('principal', l.principal_account, i.principal), ('interest', l.interest_account, i.interest),
             ('accrued', l.accrued_account, i.accrued), ('penal', l.penal_account, i.penal),
             ('fees', l.fees_account, i.fees),
             ('advance', l.advance_account, l.advance)
    ) AS c(component, account, asked)
    LEFT JOIN LATERAL (
      SELECT balance FROM account WHERE tenant_id = l.tenant_id AND id = c.account LIMIT 1) AS a ON true
    WHERE coalesce(a.balance, 0) <> c.asked
    ORDER BY component, l.id`);
  const principal = off.find(({ component }) => component === 'principal');
  const other = off.find(({ component }) => component !== 'principal');
  return [verdict('schedule-principal', principal?.detail), verdict('receivables', other?.detail)];
};

const suspenseRow = z.object({ code: z.string(), held: z.string(), told: z.string() });

/** Income that waits for its money: what the loans say of themselves, and the lender's two accounts. */
export const suspense: Invariant = async (tx) => {
  const off = await tx.maybeOne(sql.type(suspenseRow)`
    SELECT control.code, trim_scale(control.balance)::text AS held, trim_scale(told.amount)::text AS told
    FROM (${CONTROL_BALANCES}) AS control
    JOIN (
      SELECT 'interest-suspense' AS code, coalesce(sum(suspended_interest), 0) AS amount
      FROM loan WHERE tenant_id = current_tenant()
      UNION ALL
      SELECT 'penal-suspense', coalesce(sum(suspended_penal), 0)
      FROM loan WHERE tenant_id = current_tenant()
    ) AS told ON told.code = control.code
    WHERE control.balance <> told.amount
    ORDER BY control.code LIMIT 1`);
  if (!off) return verdict('suspense', null);
  const first = await tx.maybeOneFirst(sql.type(z.object({ loan: z.string() }))`
    SELECT format('first loan %s: %s booked, %s of its own', l.id, trim_scale(coalesce(b.amount, 0)),
                  trim_scale(own.amount)) AS loan
    FROM loan l
    CROSS JOIN LATERAL (
      SELECT CASE ${off.code} WHEN 'interest-suspense' THEN l.suspended_interest ELSE l.suspended_penal END AS amount
    ) AS own
    LEFT JOIN (
      SELECT j.stream_id, sum(CASE e.direction WHEN 'credit' THEN e.amount ELSE -e.amount END) AS amount
      FROM account a
      JOIN entry e ON e.tenant_id = a.tenant_id AND e.account_id = a.id
      JOIN journal j ON j.tenant_id = e.tenant_id AND j.id = e.journal_id
      WHERE a.tenant_id = current_tenant() AND a.code = ${off.code}
      GROUP BY j.stream_id
    ) AS b ON b.stream_id = l.id
    WHERE l.tenant_id = current_tenant() AND own.amount <> coalesce(b.amount, 0)
    ORDER BY l.id LIMIT 1`);
  return verdict(
    'suspense',
    `${off.code} holds ${off.held}, the loans say ${off.told}; ${first ?? 'no loan'}`,
  );
};
