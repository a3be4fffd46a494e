import { sql } from 'slonik';
import { z } from 'zod';
import { addBusinessDays, type IsoDate } from '../../calendar/business-date.ts';
import type { Transaction } from '../../db/pools.ts';
import type { BusinessDay } from '../../ledger/business-day.ts';
import { formatAmount, toDecimal } from '../../ledger/money.ts';
import { productOf } from '../../loans/products.ts';

const money = z.string().transform((text) => formatAmount(toDecimal(text)));

const loanRow = z.object({
  id: z.string(),
  borrower: z.string(),
  currency: z.string(),
  /** As the borrower knows it: the application's reference. */
  number: z.string(),
  closed_on: z.string().nullable(),
  instalments: z.number(),
  /** Of the first instalment. */
  instalment: money,
  first_due_on: z.string().nullable(),
  principal_outstanding: money,
  /** What fell due and was not paid; what of it are penal charges. */
  overdue: money,
  overdue_penal: money,
  /** The bank account that it is paid out to; null where it goes to the wallet. */
  ifsc: z.string().nullable(),
  account_number: z.string().nullable(),
  vpa: z.string().nullable(),
  is_paid_by_bank: z.boolean(),
});
/** What notices say of a loan besides what the event says. */
export type LoanFacts = z.output<typeof loanRow>;

/** Those that are there, by id: one statement, whatever their number. */
export async function loanFactsOf(
  tx: Transaction,
  loans: readonly string[],
): Promise<Map<string, LoanFacts>> {
  if (loans.length === 0) return new Map();
  const rows = await tx.any(sql.prepared('notice_loans', loanRow)`
    SELECT l.id, l.wallet_id AS borrower, l.currency, coalesce(a.reference, l.id::text) AS number, l.closed_on, i.*,
           p.ifsc, p.account_number, p.vpa, p.id IS NOT NULL AS is_paid_by_bank
    FROM unnest(${sql.array([...new Set(loans)], 'uuid')}) AS given (id)
    CROSS JOIN LATERAL (
      SELECT * FROM loan WHERE tenant_id = current_tenant() AND id = given.id LIMIT 1) AS l
    LEFT JOIN LATERAL (
      SELECT reference FROM application
      WHERE tenant_id = current_tenant() AND id = l.application_id LIMIT 1) AS a ON true
    CROSS JOIN LATERAL (
      SELECT count(*)::int4 AS instalments, min(due_on)::text AS first_due_on,
             coalesce((array_agg(principal + interest + fees ORDER BY number))[1], 0) AS instalment,
             coalesce(sum(principal - paid_principal), 0) AS principal_outstanding,
             coalesce(sum(principal - paid_principal + interest - paid_interest + fees - paid_fees + penal - paid_penal)
                      FILTER (WHERE fell_due_on IS NOT NULL), 0) AS overdue,
             coalesce(sum(penal - paid_penal) FILTER (WHERE fell_due_on IS NOT NULL), 0) AS overdue_penal
      FROM instalment WHERE tenant_id = current_tenant() AND loan_id = given.id) AS i
    LEFT JOIN LATERAL (
      SELECT payout.id, ifsc, account_number, vpa
      FROM payout JOIN bank_account b ON b.tenant_id = payout.tenant_id AND b.id = payout.bank_account_id
      WHERE payout.tenant_id = current_tenant() AND payout.loan_id = given.id AND payout.attempt = 1
      ORDER BY payout.id DESC LIMIT 1) AS p ON true`);
  return new Map(rows.map((row) => [row.id, row]));
}

const applicationRow = z.object({
  id: z.string(),
  borrower: z.string(),
  reference: z.string(),
  currency: z.string(),
  product: z.string(),
  product_version: z.number(),
  annual_rate: z.string().nullable(),
  instalment: z.string().nullable(),
});

/** What notices say of an application besides what the event says. */
export interface ApplicationFacts extends z.output<typeof applicationRow> {
  /** Until when an offer made that day stands. */
  valid_until: (day: IsoDate) => IsoDate;
}

/** Those that are there, by id. */
export async function applicationFactsOf(
  tx: Transaction,
  applications: readonly string[],
  { calendar }: Pick<BusinessDay, 'calendar'>,
): Promise<Map<string, ApplicationFacts>> {
  if (applications.length === 0) return new Map();
  const rows = await tx.any(sql.prepared('notice_applications', applicationRow)`
    SELECT a.id, a.borrower_id AS borrower, a.reference, a.currency, a.product_code AS product, a.product_version,
           a.decision #>> '{inputs,annual_rate}' AS annual_rate, a.decision #>> '{inputs,instalment}' AS instalment
    FROM unnest(${sql.array([...new Set(applications)], 'uuid')}) AS given (id)
    CROSS JOIN LATERAL (
      SELECT * FROM application WHERE tenant_id = current_tenant() AND id = given.id LIMIT 1) AS a`);
  const days = new Map<string, number>();
  for (const { product, product_version } of rows) {
    const key = `${product} ${product_version}`;
    if (days.has(key)) continue;
    const { rules } = await productOf(tx, product, product_version);
    days.set(key, rules.disclosures.valid_business_days);
  }
  return new Map(
    rows.map((row) => {
      const valid_for = days.get(`${row.product} ${row.product_version}`)!;
      return [row.id, { ...row, valid_until: (day) => addBusinessDays(day, valid_for, calendar) }];
    }),
  );
}
