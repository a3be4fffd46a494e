import { sql } from 'slonik';
import { z } from 'zod';
import type { IsoDate } from '../calendar/business-date.ts';
import type { Transaction } from '../db/pools.ts';
import { formatAmount, toDecimal } from '../ledger/money.ts';
import { LOAN_STATES } from './states.ts';

const money = z.string().transform((text) => formatAmount(toDecimal(text)));

export const loanView = z.object({
  id: z.string(),
  application_id: z.string().nullable(),
  wallet_id: z.string(),
  product: z.string(),
  product_version: z.number(),
  currency: z.string(),
  principal: money,
  annual_rate: z.string(),
  tenure_months: z.number(),
  state: z.enum(LOAN_STATES),
  opened_at: z.date(),
  disbursed_on: z.string().nullable(),
  /** The business date of its end, whichever end that was. */
  closed_on: z.string().nullable(),
  cancelled_by: z.string().nullable(),
  cancelled_at: z.date().nullable(),
  cancellation_reason: z.string().nullable(),
  /** Due date of the oldest instalment not paid in full; null when there is none. */
  next_due_on: z.string().nullable(),
  /** What is owed of the principal, and of interest that fell due. */
  principal_outstanding: money,
  interest_due: money,
  instalments_paid: z.number(),
});
export type LoanView = z.output<typeof loanView>;

export const instalmentView = z.object({
  number: z.number(),
  due_on: z.string(),
  principal: money,
  interest: money,
  fees: money,
  /** Charged so far, with tax, less what was waived. */
  penal: money,
  total: money,
  paid_principal: money,
  paid_interest: money,
  paid_fees: money,
  paid_penal: money,
  state: z.enum(['scheduled', 'due', 'paid']),
  paid_on: z.string().nullable(),
});
export type InstalmentView = z.output<typeof instalmentView>;

/** A loan and how it stands; null where there is none. */
export function loanOf(tx: Transaction, id: string): Promise<LoanView | null> {
  return tx.maybeOne(sql.type(loanView)`
    SELECT l.id, l.application_id, l.wallet_id, l.product_code AS product, l.product_version, l.currency,
           l.principal, l.annual_rate, l.tenure_months, l.state, l.opened_at, l.disbursed_on, l.closed_on,
           l.cancelled_by, l.cancelled_at, l.cancellation_reason,
           paid.next_due_on, paid.instalments_paid, p.balance AS principal_outstanding,
           i.balance AS interest_due
    FROM loan l
    JOIN account p ON p.tenant_id = l.tenant_id AND p.id = l.principal_account
    JOIN account i ON i.tenant_id = l.tenant_id AND i.id = l.interest_account
    CROSS JOIN LATERAL (
      SELECT min(due_on) FILTER (WHERE paid_on IS NULL) AS next_due_on,
             count(*) FILTER (WHERE paid_on IS NOT NULL)::int4 AS instalments_paid
      FROM instalment r
      WHERE r.tenant_id = l.tenant_id AND r.loan_id = l.id
    ) AS paid
    WHERE l.tenant_id = current_tenant() AND l.id = ${id}`);
}

/**
 * The loan's instalments in order; empty before its disbursal.
 * @param today one whose date has come is due, although the close of the day has yet to book it
 */
export function scheduleOf(
  tx: Transaction,
  loan: string,
  today: IsoDate | null = null,
): Promise<readonly InstalmentView[]> {
  return tx.any(sql.type(instalmentView)`
    SELECT number, due_on, principal, interest, fees, penal, principal + interest + fees + penal AS total,
           paid_principal, paid_interest, paid_fees, paid_penal, paid_on,
           CASE WHEN state = 'scheduled' AND due_on <= ${today} THEN 'due' ELSE state END AS state
    FROM instalment
    WHERE tenant_id = current_tenant() AND loan_id = ${loan}
    ORDER BY number`);
}
