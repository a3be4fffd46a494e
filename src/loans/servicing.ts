import { sql } from 'slonik';
import { z } from 'zod';
import type { IsoDate } from '../calendar/business-date.ts';
import type { Transaction } from '../db/pools.ts';
import { minorText, minorUnits } from './schedule.ts';
import { LOAN_STATES } from './states.ts';

const minor = z.string().transform(minorUnits);

const loanRow = z.object({
  id: z.string(),
  wallet_id: z.string(),
  currency: z.string(),
  state: z.enum(LOAN_STATES),
  principal_account: z.string(),
  interest_account: z.string(),
});
const instalmentRow = z.object({
  loan_id: z.string(),
  number: z.number(),
  due_on: z.string(),
  principal: minor,
  interest: minor,
  paid_principal: minor,
  paid_interest: minor,
  fell_due_on: z.string().nullable(),
});
/** An unpaid instalment, in minor units. */
export type UnpaidInstalment = z.output<typeof instalmentRow>;

/** A loan with its unpaid instalments in order, all locked until the transaction ends. */
export interface ServicedLoan extends z.output<typeof loanRow> {
  unpaid: UnpaidInstalment[];
}

/**
 * Locks loans, then their unpaid instalments, each in the order of their keys: whoever services loans
 * takes these locks first, then those of the books, so that nobody deadlocks. The second statement sees
 * what was committed before the first had its locks.
 */
export async function lockForServicing(
  tx: Transaction,
  ids: readonly string[],
): Promise<Map<string, ServicedLoan>> {
  const loans = await tx.any(sql.prepared('lock_loans_to_service', loanRow)`
    SELECT id, wallet_id, currency, state, principal_account, interest_account
    FROM loan
    WHERE tenant_id = current_tenant() AND id = ANY (${sql.array([...ids], 'uuid')})
    ORDER BY id
    FOR NO KEY UPDATE`);
  const instalments = await tx.any(sql.prepared('lock_instalments', instalmentRow)`
    SELECT loan_id, number, due_on, principal, interest, paid_principal, paid_interest, fell_due_on
    FROM instalment
    WHERE tenant_id = current_tenant() AND loan_id = ANY (${sql.array([...ids], 'uuid')}) AND paid_on IS NULL
    ORDER BY loan_id, number
    FOR UPDATE`);
  const serviced = new Map(loans.map((loan): [string, ServicedLoan] => [loan.id, { ...loan, unpaid: [] }]));
  for (const instalment of instalments) serviced.get(instalment.loan_id)?.unpaid.push(instalment);
  return serviced;
}

/** How an instalment stands after what was just posted, in minor units. */
export interface InstalmentChange {
  loan: string;
  number: number;
  paid_principal: bigint;
  paid_interest: bigint;
  fell_due_on: IsoDate | null;
  paid_on: IsoDate | null;
}

/** Writes how instalments and their loans stand now: next due date, and closed where nothing is left. */
export async function storeServicing(
  tx: Transaction,
  changes: readonly InstalmentChange[],
  business_date: IsoDate,
): Promise<void> {
  if (changes.length === 0) return;
  const rows = changes.map((change) => [
    ...[change.loan, change.number, minorText(change.paid_principal), minorText(change.paid_interest)],
    ...[change.fell_due_on, change.paid_on],
  ]);
  const loans = sql.array([...new Set(changes.map(({ loan }) => loan))], 'uuid');
  await tx.query(sql.unsafe`
    UPDATE instalment i
    SET paid_principal = change.paid_principal, paid_interest = change.paid_interest,
        fell_due_on = change.fell_due_on, paid_on = change.paid_on
    FROM ${sql.unnest(rows, ['uuid', 'int2', 'numeric', 'numeric', 'date', 'date'])}
           AS change(loan, number, paid_principal, paid_interest, fell_due_on, paid_on)
    WHERE i.tenant_id = current_tenant() AND i.loan_id = change.loan AND i.number = change.number
      AND i.loan_id = ANY (${loans})`);
  await tx.query(sql.unsafe`
    UPDATE loan l
    SET next_due_on = stand.next_due_on,
        state = CASE WHEN stand.unpaid = 0 THEN 'closed' ELSE l.state END,
        closed_on = CASE WHEN stand.unpaid = 0 THEN ${business_date}::date END
    FROM (
      SELECT i.loan_id, min(i.due_on) FILTER (WHERE i.fell_due_on IS NULL) AS next_due_on,
             count(*) FILTER (WHERE i.paid_on IS NULL) AS unpaid
      FROM instalment i
      WHERE i.tenant_id = current_tenant() AND i.loan_id = ANY (${loans})
      GROUP BY i.loan_id
    ) AS stand
    WHERE l.tenant_id = current_tenant() AND l.id = ANY (${loans}) AND l.id = stand.loan_id`);
}
