import { sql } from 'slonik';
import { z } from 'zod';
import type { IsoDate } from '../calendar/business-date.ts';
import type { Transaction } from '../db/pools.ts';
import { minorUnits } from '../loans/schedule.ts';
import { OWED } from './statement-schema.ts';

/** More lines than this are not put on one paper: a shorter period is asked for. */
export const LINES_MAX = 20_000;

/** `cash`: the bank, a gateway that has it for us, or the borrower's wallet. `other`: accounts of the lender. */
const ROLES = [...OWED, 'cash', 'other'] as const;

const lineRow = z.object({
  journal: z.string(),
  seq: z.bigint(),
  kind: z.string(),
  business_date: z.string(),
  posted_at: z.date(),
  reverses: z.string().nullable(),
  role: z.enum(ROLES),
  direction: z.enum(['debit', 'credit']),
  amount: z.string().transform(minorUnits),
});
export type BookedLine = z.output<typeof lineRow>;

/**
 * The lines of every journal that moved what is owed on a loan, dated within the period, in the order of the
 * books; one more than LINES_MAX where there are more.
 */
export function linesOf(
  tx: Transaction,
  loan: string,
  { from, to }: { from: IsoDate; to: IsoDate },
): Promise<readonly BookedLine[]> {
  return tx.any(sql.type(lineRow)`
    SELECT j.id AS journal, j.seq, j.kind, j.business_date, j.posted_at, j.reverses, e.direction, e.amount,
           CASE WHEN e.account_id = l.principal_account THEN 'principal'
                WHEN e.account_id = l.interest_account THEN 'interest'
                WHEN e.account_id = l.penal_account THEN 'penal'
                WHEN e.account_id = l.fees_account THEN 'fees'
                WHEN e.account_id = l.advance_account THEN 'advance'
                WHEN e.account_id = l.wallet_id OR a.code IN ('bank', 'collection-clearing') THEN 'cash'
                ELSE 'other' END AS role
    FROM loan l
    CROSS JOIN LATERAL (
      SELECT own.journal_id FROM entry own
      WHERE own.tenant_id = l.tenant_id AND own.account_id = ANY (${accounts})
      -- What comes back after a write-off moves none of its accounts.
      UNION SELECT back.id FROM journal back
      WHERE back.tenant_id = l.tenant_id AND back.stream_id = l.id AND back.kind = 'loan.recover') AS moved
    JOIN journal j ON j.tenant_id = l.tenant_id AND j.id = moved.journal_id
    JOIN entry e ON e.tenant_id = l.tenant_id AND e.journal_id = j.id
    JOIN account a ON a.tenant_id = l.tenant_id AND a.id = e.account_id
    WHERE l.tenant_id = current_tenant() AND l.id = ${loan} AND j.business_date BETWEEN ${from} AND ${to}
    ORDER BY j.business_date, j.seq, j.id, e.line
    LIMIT ${LINES_MAX + 1}`);
}

const balanceRow = z.object({ role: z.enum(OWED), minor: z.bigint() });

/** What was owed of each kind before a day of the books, in minor units; a kind without entries is left out. */
export async function owedBefore(
  tx: Transaction,
  loan: string,
  day: IsoDate,
): Promise<ReadonlyMap<string, bigint>> {
  const rows = await tx.any(sql.type(balanceRow)`
    SELECT own.role, (100 * sum(CASE e.direction WHEN 'debit' THEN e.amount ELSE -e.amount END))::int8 AS minor
    FROM loan l
    CROSS JOIN LATERAL (VALUES
      ('principal', l.principal_account), ('interest', l.interest_account), ('penal', l.penal_account),
      ('fees', l.fees_account), ('advance', l.advance_account)) AS own(role, account)
    JOIN entry e ON e.tenant_id = l.tenant_id AND e.account_id = own.account
    JOIN journal j ON j.tenant_id = l.tenant_id AND j.id = e.journal_id
    WHERE l.tenant_id = current_tenant() AND l.id = ${loan} AND j.business_date < ${day}
    GROUP BY own.role`);
  return new Map(rows.map(({ role, minor }) => [role, minor]));
}

const causeRow = z.object({
  journal: z.string(),
  kind: z.string(),
  effective_on: z.string(),
  reference: z.string().nullable(),
  reason: z.string().nullable(),
  /** Of a fee. */
  name: z.string().nullable(),
});
/** What was done to the loan that a journal books. */
export type Cause = z.output<typeof causeRow>;

export async function causesOf(tx: Transaction, loan: string): Promise<ReadonlyMap<string, Cause>> {
  const rows = await tx.any(sql.type(causeRow)`
    SELECT journal_id AS journal, kind, effective_on, detail ->> 'reference' AS reference,
           detail ->> 'reason' AS reason, detail ->> 'name' AS name
    FROM loan_event
    WHERE tenant_id = current_tenant() AND loan_id = ${loan} AND journal_id IS NOT NULL
    ORDER BY seq DESC`);
  return new Map(rows.map((row) => [row.journal, row]));
}

const accrualRow = z.object({
  journal: z.string(),
  component: z.enum(['interest', 'penal']),
  corrects: z.boolean(),
  from: z.string(),
  to: z.string(),
  days: z.number(),
  instalments: z.array(z.number()),
  amount: z.string(),
});
/** What chargeable days a journal books, of one component. The amount is a decimal with its tax, signed. */
export type AccrualSpan = z.output<typeof accrualRow>;

/** By journal and component, `JOURNAL/penal`. */
export async function accrualsBooked(
  tx: Transaction,
  loan: string,
  { from, to }: { from: IsoDate; to: IsoDate },
): Promise<ReadonlyMap<string, AccrualSpan>> {
  const rows = await tx.any(sql.type(accrualRow)`
    SELECT journal_id AS journal, component, bool_or(corrects) AS corrects, min(chargeable_day) AS "from",
           max(chargeable_day) AS "to", count(DISTINCT chargeable_day)::int4 AS days,
           array_agg(DISTINCT instalment::int4 ORDER BY instalment::int4) AS instalments, sum(amount + tax) AS amount
    FROM (
      SELECT journal_id, component, false AS corrects, chargeable_day, instalment, amount, tax FROM accrual
      WHERE tenant_id = current_tenant() AND loan_id = ${loan} AND business_date BETWEEN ${from} AND ${to}
      UNION ALL
      SELECT journal_id, component, true, chargeable_day, instalment, amount, tax FROM accrual_correction
      WHERE tenant_id = current_tenant() AND loan_id = ${loan} AND business_date BETWEEN ${from} AND ${to}
    ) AS booked
    GROUP BY journal_id, component`);
  return new Map(rows.map((row) => [`${row.journal}/${row.component}`, row]));
}

const accounts = sql.fragment`
  ARRAY[l.principal_account, l.interest_account, l.penal_account, l.fees_account, l.advance_account]`;

const partiesRow = z.object({
  lender: z.string(),
  name: z.string().nullable(),
  reference: z.string(),
  product_name: z.string(),
  /** At sanction. */
  score: z.number().nullable(),
  /** Whether the schedule that the disbursal wrote was made anew. */
  renewed: z.boolean(),
});

/** Who lends, who borrows, and the name of what. A loan without an application knows its wallet's owner only. */
export function partiesOf(tx: Transaction, loan: string): Promise<z.output<typeof partiesRow>> {
  return tx.one(sql.type(partiesRow)`
    SELECT t.name AS lender, b.name, coalesce(b.reference, w.owner) AS reference, p.name AS product_name, l.score,
           EXISTS (SELECT FROM schedule_version v
                   WHERE v.tenant_id = l.tenant_id AND v.loan_id = l.id) AS renewed
    FROM loan l
    JOIN tenant t ON t.tenant_id = l.tenant_id
    JOIN wallet w ON w.tenant_id = l.tenant_id AND w.id = l.wallet_id
    JOIN product p ON p.tenant_id = l.tenant_id AND p.code = l.product_code AND p.version = l.product_version
    LEFT JOIN borrower b ON b.tenant_id = l.tenant_id AND b.id = l.wallet_id
    WHERE l.tenant_id = current_tenant() AND l.id = ${loan}`);
}

export function lenderName(tx: Transaction): Promise<string> {
  return tx.oneFirst(sql.type(z.object({ name: z.string() }))`
    SELECT name FROM tenant WHERE tenant_id = current_tenant()`);
}
