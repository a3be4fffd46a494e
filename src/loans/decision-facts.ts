import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../db/pools.ts';
import { formatAmount, toDecimal } from '../ledger/money.ts';
import type { Application } from './applications.ts';
import type { BureauReport } from './bureau-client.ts';
import { ageOn, type DecisionFacts, type FraudFlag } from './decision.ts';
import type { Product } from './products.ts';

const money = z.string().transform((text) => formatAmount(toDecimal(text)));
const borrowerRow = z.object({ date_of_birth: z.string() });
const standingRow = z.object({
  duplicate_of: z.string().nullable(),
  outstanding: money,
  approved: money,
  applied_for: money,
  open_alert: z.boolean(),
  frozen: z.boolean(),
});

/**
 * Gathers what an application is decided from. The borrower's row is locked until the decision is
 * committed: two applications of one borrower are decided one after the other, and the later sees what
 * became of the earlier.
 */
export async function gatherFacts(
  tx: Transaction,
  application: Application,
  product: Product,
  report: BureauReport,
): Promise<DecisionFacts> {
  const { amount, tenure_months, monthly_income, monthly_obligations, applied_on } = application;
  const { date_of_birth } = await tx.one(sql.type(borrowerRow)`
    SELECT date_of_birth FROM borrower
    WHERE tenant_id = current_tenant() AND id = ${application.borrower_id}
    FOR NO KEY UPDATE`);
  const standing = await standingOf(tx, application, product.reapply_days);
  const { duplicate_of, outstanding, approved, applied_for, open_alert, frozen } = standing;
  const fraud_flags: FraudFlag[] = [
    ...(report.fraud_flag ? (['bureau'] as const) : []),
    ...(open_alert ? (['open-alert'] as const) : []),
    ...(frozen ? (['frozen-wallet'] as const) : []),
  ];
  return {
    ...{ product, amount, tenure_months, monthly_income, monthly_obligations, fraud_flags, duplicate_of },
    score: report.score,
    age: ageOn(date_of_birth, applied_on),
    exposure: { outstanding, approved, applied_for },
  };
}

/**
 * How the borrower stands besides this application. One statement, hence one snapshot: a loan on its way
 * from approved to active is counted once. A duplicate is one whatever became of it: who was just refused
 * does not get another try by asking again. Undecided applications count where they came earlier, so that
 * of two the first is not refused for the second.
 */
function standingOf(
  tx: Transaction,
  { id, borrower_id, applied_on, currency }: Application,
  reapply_days: number,
): Promise<z.output<typeof standingRow>> {
  return tx.one(sql.prepared('standing_of_applicant', standingRow)`
    SELECT (
      SELECT a.id FROM application a
      WHERE a.tenant_id = current_tenant() AND a.borrower_id = ${borrower_id} AND a.id < ${id}
        AND a.applied_on > ${applied_on}::date - ${reapply_days}::int4
      ORDER BY a.id DESC
      LIMIT 1
    ) AS duplicate_of, (
      SELECT coalesce(sum(p.balance), 0)
      FROM loan l JOIN account p ON p.tenant_id = l.tenant_id AND p.id = l.principal_account
      WHERE l.tenant_id = current_tenant() AND l.wallet_id = ${borrower_id} AND l.state = 'active'
        AND l.currency = ${currency}
    ) AS outstanding, (
      SELECT coalesce(sum(l.principal), 0) FROM loan l
      WHERE l.tenant_id = current_tenant() AND l.wallet_id = ${borrower_id} AND l.state = 'disbursing'
        AND l.currency = ${currency}
    ) AS approved, (
      SELECT coalesce(sum(a.amount), 0) FROM application a
      WHERE a.tenant_id = current_tenant() AND a.borrower_id = ${borrower_id} AND a.currency = ${currency}
        AND a.id <> ${id}
        AND (a.state IN ('offered', 'referred') OR (a.state IN ('applied', 'checking') AND a.id < ${id}))
    ) AS applied_for, EXISTS (
      SELECT FROM fraud_alert f LEFT JOIN fraud_watch w USING (tenant_id, account_id)
      WHERE f.tenant_id = current_tenant() AND f.account_id = ${borrower_id}
        AND f.at > coalesce(w.cleared_at, '-infinity')
    ) AS open_alert, EXISTS (
      SELECT FROM account a
      WHERE a.tenant_id = current_tenant() AND a.id = ${borrower_id} AND a.frozen_at IS NOT NULL
    ) AS frozen`);
}
