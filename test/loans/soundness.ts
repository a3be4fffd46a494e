import { expect } from 'vitest';
import { inTenant } from '../../src/db/transaction.ts';
import { ALL_DAYS } from '../../src/ledger/invariants.ts';
import { checkInvariants } from '../../src/loans/invariants/check.ts';
import type { TestDatabase } from '../support/database.ts';

/** What each account of a loan holds, and what its rows say that it should. */
const QUERY = `
  SELECT l.id,
         p.balance::numeric(30,2) AS principal, owed.principal::numeric(30,2) AS principal_owed,
         i.balance::numeric(30,2) AS interest, owed.interest::numeric(30,2) AS interest_owed,
         coalesce(a.balance, 0)::numeric(30,2) AS accrued, owed.accrued::numeric(30,2) AS accrued_owed,
         coalesce(n.balance, 0)::numeric(30,2) AS penal, owed.penal::numeric(30,2) AS penal_owed,
         coalesce(f.balance, 0)::numeric(30,2) AS fees, owed.fees::numeric(30,2) AS fees_owed,
         coalesce(v.balance, 0)::numeric(30,2) AS advance, l.advance::numeric(30,2) AS advance_owed,
         (drawn.disbursed - owed.of_rows)::numeric(30,2) AS gone,
         coalesce(gone.principal, 0)::numeric(30,2) AS gone_owed
  FROM loan l
  JOIN account p ON p.tenant_id = l.tenant_id AND p.id = l.principal_account
  JOIN account i ON i.tenant_id = l.tenant_id AND i.id = l.interest_account
  LEFT JOIN account a ON a.tenant_id = l.tenant_id AND a.id = l.accrued_account
  LEFT JOIN account n ON n.tenant_id = l.tenant_id AND n.id = l.penal_account
  LEFT JOIN account f ON f.tenant_id = l.tenant_id AND f.id = l.fees_account
  LEFT JOIN account v ON v.tenant_id = l.tenant_id AND v.id = l.advance_account
  CROSS JOIN LATERAL (
    SELECT coalesce(sum(principal), 0) AS of_rows,
           coalesce(sum(principal - paid_principal), 0) AS principal,
           coalesce(sum(interest - paid_interest) FILTER (WHERE fell_due_on IS NOT NULL), 0) AS interest,
           coalesce(sum(accrued) FILTER (WHERE fell_due_on IS NULL), 0) AS accrued,
           coalesce(sum(penal - paid_penal), 0) AS penal, coalesce(sum(fees - paid_fees), 0) AS fees
    FROM instalment r WHERE r.tenant_id = l.tenant_id AND r.loan_id = l.id) AS owed
  CROSS JOIN LATERAL (
    SELECT coalesce(sum(e.amount), 0) AS disbursed FROM entry e
    JOIN journal j ON j.tenant_id = e.tenant_id AND j.id = e.journal_id
    WHERE e.tenant_id = l.tenant_id AND e.account_id = l.principal_account AND e.direction = 'debit'
      AND j.kind = 'loan.disburse') AS drawn
  CROSS JOIN LATERAL (
    SELECT sum(e.amount) AS principal FROM entry e
    JOIN journal j ON j.tenant_id = e.tenant_id AND j.id = e.journal_id
    WHERE e.tenant_id = l.tenant_id AND e.account_id = l.principal_account AND e.direction = 'credit'
      AND j.kind = 'loan.write-off') AS gone
  WHERE l.disbursed_on IS NOT NULL`;

/** Holds every loan of the database to its books, and the books to themselves. */
export async function expectSound(database: TestDatabase, tenants: readonly string[]): Promise<void> {
  for (const tenant of tenants) {
    const checked = await inTenant(database.app, tenant, (tx) => checkInvariants(tx, ALL_DAYS));
    expect(checked.filter(({ holds }) => !holds)).toEqual([]);
  }
  const { rows } = await database.superuser(QUERY, []);
  for (const row of rows) {
    const names = Object.keys(row).filter((name) => `${name}_owed` in row);
    const books = Object.fromEntries(names.map((name) => [name, row[name]]));
    const told = Object.fromEntries(names.map((name) => [name, row[`${name}_owed`]]));
    expect({ loan: row.id, ...books }).toEqual({ loan: row.id, ...told });
  }
  const trial = await database.superuser(
    `SELECT sum(CASE direction WHEN 'debit' THEN amount ELSE -amount END)::numeric(30,2) AS off FROM entry`,
    [],
  );
  expect(Number(trial.rows[0].off)).toBe(0);
}
