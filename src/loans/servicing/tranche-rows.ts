import { sql } from 'slonik';
import { z } from 'zod';
import type { IsoDate } from '../../calendar/business-date.ts';
import type { Transaction } from '../../db/pools.ts';

/** Tranches that one close of day has paid out; more are paid out with the next. */
const DUE_AT_ONCE_MAX = 1_000;

/** A part of a loan, as it was agreed. */
export interface TrancheWish {
  /** When it shall be paid out; when it is asked for where it is left out. */
  on?: IsoDate | undefined;
  amount: string;
}

const trancheRow = z.object({
  number: z.number(),
  planned_on: z.string().nullable(),
  amount: z.string(),
  agreed_by: z.string(),
  agreed_at: z.date(),
  paid_on: z.string().nullable(),
  journal_id: z.string().nullable(),
});
export type Tranche = z.output<typeof trancheRow>;

/** Keeps the parts in which a loan shall be paid out, numbered from 1. */
export async function agreeTranches(
  tx: Transaction,
  loan: string,
  tranches: readonly TrancheWish[],
  { agreed_by, agreed_at }: { agreed_by: string; agreed_at: Date },
): Promise<void> {
  const rows = tranches.map(({ on, amount }, index) => [loan, index + 1, on ?? null, amount, agreed_by]);
  await tx.query(sql.unsafe`
    INSERT INTO loan_tranche (tenant_id, loan_id, number, planned_on, amount, agreed_by, agreed_at)
    SELECT current_tenant(), row.*, ${agreed_at.toISOString()}::timestamptz
    FROM ${sql.unnest(rows, ['uuid', 'int2', 'date', 'numeric', 'text'])} AS row`);
}

/** The parts of a loan in order; none where it is paid out at once. */
export function tranchesOf(tx: Transaction, loan: string): Promise<readonly Tranche[]> {
  return tx.any(sql.type(trancheRow)`
    SELECT number, planned_on, amount::numeric(30, 2)::text AS amount, agreed_by, agreed_at, paid_on, journal_id
    FROM loan_tranche WHERE tenant_id = current_tenant() AND loan_id = ${loan} ORDER BY number`);
}

/** Tranches planned for `business_date` or before it that are to be paid out: the first needs no plan. */
export function plannedThrough(
  tx: Transaction,
  business_date: string,
): Promise<readonly { loan: string; tranche: number }[]> {
  return tx.any(sql.type(z.object({ loan: z.string(), tranche: z.number() }))`
    SELECT t.loan_id AS loan, t.number AS tranche
    FROM loan_tranche t JOIN loan l ON l.tenant_id = t.tenant_id AND l.id = t.loan_id
    WHERE t.tenant_id = current_tenant() AND t.paid_on IS NULL AND t.number > 1
      AND t.planned_on <= ${business_date} AND l.state = 'active'
    ORDER BY t.loan_id, t.number LIMIT ${DUE_AT_ONCE_MAX}`);
}

/** The disbursal has paid the first one. */
export async function noteFirstTranche(
  tx: Transaction,
  loan: string,
  { paid_on, journal }: { paid_on: IsoDate; journal: string },
): Promise<void> {
  await tx.query(sql.unsafe`
    UPDATE loan_tranche SET paid_on = ${paid_on}, journal_id = ${journal}
    WHERE tenant_id = current_tenant() AND loan_id = ${loan} AND number = 1`);
}

/** Another one was paid out. */
export async function noteTranche(
  tx: Transaction,
  loan: string,
  number: number,
  { paid_on, journal }: { paid_on: IsoDate; journal: string },
): Promise<void> {
  await tx.query(sql.unsafe`
    WITH paid AS (
      UPDATE loan_tranche SET paid_on = ${paid_on}, journal_id = ${journal}
      WHERE tenant_id = current_tenant() AND loan_id = ${loan} AND number = ${number}
      RETURNING amount
    )
    UPDATE loan SET disbursed = disbursed + paid.amount FROM paid
    WHERE tenant_id = current_tenant() AND id = ${loan}`);
}
