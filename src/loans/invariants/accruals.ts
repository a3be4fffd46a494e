import { sql } from 'slonik';
import { z } from 'zod';
import { dayNumber } from '../../calendar/day-number.ts';
import type { Transaction } from '../../db/pools.ts';
import { type Days, type Invariant, verdict, within } from '../../ledger/invariants.ts';
import { chargeOf } from '../penalty.ts';
import { minorText, minorUnits } from '../schedule.ts';
import { termsOf } from '../servicing/terms.ts';
import { movedLoans } from './standing.ts';

/** An overdue instalment's charges are added up when it is paid, and once in so many days before. */
const ADDED_UP_EVERY_DAYS = 30;
const PAGE = 5_000;

const found = z.object({ detail: z.string() });

/**
 * Penal charges stay charges. What the days of a loan book is, kind by kind, what their accruals say: nothing
 * of a penal charge reaches a principal or an interest account, and no day makes principal grow.
 */
export const penalApart: Invariant = async (tx, days) => {
  const detail = await tx.maybeOneFirst(sql.type(found)`
    WITH booked AS (
      SELECT j.id, j.stream_id,
             coalesce(sum(e.amount) FILTER (WHERE role = 'principal' AND e.direction = 'debit'), 0) AS principal,
             coalesce(sum(CASE e.direction WHEN 'debit' THEN e.amount ELSE -e.amount END)
                      FILTER (WHERE role = 'accrued'), 0)
               + coalesce(sum(e.amount) FILTER (WHERE role = 'interest' AND e.direction = 'debit'), 0) AS interest,
             coalesce(sum(e.amount) FILTER (WHERE role = 'penal' AND e.direction = 'debit'), 0) AS penal
      FROM journal j
      JOIN entry e ON e.tenant_id = j.tenant_id AND e.journal_id = j.id
      JOIN account a ON a.tenant_id = e.tenant_id AND a.id = e.account_id
      CROSS JOIN LATERAL (
        SELECT CASE WHEN a.code LIKE 'loan/%' THEN split_part(a.code, '/', 3) END AS role) AS named
      WHERE j.tenant_id = current_tenant() AND j.kind = 'loan.day' AND ${within(days)}
      GROUP BY j.id, j.stream_id
    ), accrued AS (
      SELECT journal_id AS id,
             coalesce(sum(amount) FILTER (WHERE component = 'interest'), 0) AS interest,
             coalesce(sum(amount + tax) FILTER (WHERE component = 'penal'), 0) AS penal
      FROM (
        SELECT journal_id, component, amount, tax FROM accrual
        WHERE tenant_id = current_tenant() AND ${within(days, sql.fragment`business_date`)}
        UNION ALL
        SELECT journal_id, component, amount, tax FROM accrual_correction
        WHERE tenant_id = current_tenant() AND ${within(days, sql.fragment`business_date`)}
      ) AS accrued
      GROUP BY journal_id
    )
    SELECT CASE WHEN b.principal <> 0
                THEN format('loan %s: its day added %s to the principal (journal %s)', b.stream_id, trim_scale(b.principal), b.id)
                ELSE format('loan %s: its day booked %s of interest and %s of penal charges, and accrued %s and %s (journal %s)',
                            b.stream_id, trim_scale(b.interest), trim_scale(b.penal),
                            trim_scale(coalesce(a.interest, 0)), trim_scale(coalesce(a.penal, 0)), b.id)
           END AS detail
    FROM booked b LEFT JOIN accrued a USING (id)
    WHERE b.principal <> 0 OR b.interest <> coalesce(a.interest, 0) OR b.penal <> coalesce(a.penal, 0)
    ORDER BY b.id LIMIT 1`);
  return verdict('penal-apart', detail ?? (await grownBase(tx, days)));
};

/** Interest was counted of anything but the interest that the schedule promised. */
function grownBase(tx: Transaction, days: Days): Promise<string | null> {
  return tx.maybeOneFirst(sql.type(found)`
    SELECT format('loan %s: the interest of instalment %s was counted of %s, its schedule promised %s',
                  i.loan_id, i.number, trim_scale(a.base), trim_scale(i.interest)) AS detail
    FROM accrual a
    CROSS JOIN LATERAL (
      SELECT * FROM instalment
      WHERE tenant_id = a.tenant_id AND loan_id = a.loan_id AND number = a.instalment LIMIT 1) AS i
    WHERE a.tenant_id = current_tenant() AND ${within(days, sql.fragment`a.business_date`)}
      AND a.component = 'interest' AND a.base <> i.interest
      AND NOT EXISTS (SELECT FROM schedule_version v WHERE v.tenant_id = i.tenant_id AND v.loan_id = i.loan_id)
    ORDER BY a.loan_id, a.instalment LIMIT 1`);
}

/** What the days of an instalment added to it, corrections included. */
function sumOfDays(component: 'interest' | 'penal') {
  return sql.fragment`
    SELECT coalesce(sum(amount), 0) AS amount, coalesce(sum(tax), 0) AS tax FROM (
      SELECT amount, tax FROM accrual
      WHERE tenant_id = l.tenant_id AND loan_id = l.id AND component = ${component} AND instalment = i.number
      UNION ALL
      SELECT amount, tax FROM accrual_correction
      WHERE tenant_id = l.tenant_id AND loan_id = l.id AND component = ${component} AND instalment = i.number
    ) AS days`;
}

const ONE_SCHEDULE = sql.fragment`
  NOT EXISTS (SELECT FROM schedule_version v WHERE v.tenant_id = l.tenant_id AND v.loan_id = l.id)`;

/** The interest of an instalment that fell due is the sum of its days, to the last digit. */
const interestOfDays: Invariant = async (tx, days) => {
  const detail = await tx.maybeOneFirst(sql.type(found)`
    SELECT format('loan %s: the days of instalment %s come to %s of interest, its schedule to %s',
                  l.id, i.number, trim_scale(sum.amount), trim_scale(i.interest)) AS detail
    FROM (${movedLoans(days)}) AS l
    CROSS JOIN LATERAL (
      SELECT * FROM instalment
      WHERE tenant_id = l.tenant_id AND loan_id = l.id AND ${within(days, sql.fragment`fell_due_on`)}
      OFFSET 0) AS i
    CROSS JOIN LATERAL (${sumOfDays('interest')}) AS sum
    WHERE sum.amount <> i.interest AND ${ONE_SCHEDULE}
    ORDER BY l.id, i.number LIMIT 1`);
  return verdict('interest-of-days', detail);
};

const chargedRow = z.object({
  tenant: z.string(),
  loan: z.string(),
  number: z.number(),
  code: z.string(),
  version: z.number(),
  score: z.number().nullable(),
  base_days: z.string().transform((text) => BigInt(text)),
  charged: z.string().transform(minorUnits),
  tax: z.string().transform(minorUnits),
  penal_charged: z.string().transform(minorUnits),
});
type Charged = z.output<typeof chargedRow>;

/** The charges of an instalment are base-days × rate, rounded once, however many days they were cut into. */
const chargesOfDays: Invariant = async (tx, days) => {
  let [loan, number] = ['00000000-0000-0000-0000-000000000000', 0];
  for (;;) {
    const page = await chargedAfter(tx, days, loan, number);
    for (const row of page) {
      const wrong = await offCharge(tx, row);
      if (wrong) return verdict('charges-of-days', wrong);
    }
    const last = page.at(-1);
    if (!last || page.length < PAGE) return verdict('charges-of-days', null);
    ({ loan, number } = last);
  }
};

function chargedAfter(
  tx: Transaction,
  days: Days,
  loan: string,
  number: number,
): Promise<readonly Charged[]> {
  const through = dayNumber(days.through) % ADDED_UP_EVERY_DAYS;
  return tx.any(sql.type(chargedRow)`
    SELECT l.tenant_id AS tenant, l.id AS loan, i.number, l.product_code AS code, l.product_version AS version,
           l.score, i.penal_base_days AS base_days, sum.amount AS charged, sum.tax, l.penal_charged
    FROM (${movedLoans(days)}) AS l
    CROSS JOIN LATERAL (
      SELECT * FROM instalment
      WHERE tenant_id = l.tenant_id AND loan_id = l.id AND penal_base_days > 0 OFFSET 0) AS i
    CROSS JOIN LATERAL (${sumOfDays('penal')}) AS sum
    WHERE (l.id, i.number) > (${loan}::uuid, ${number}::smallint) AND ${ONE_SCHEDULE}
      AND (${within(days, sql.fragment`i.paid_on`)}
           OR ${days.after === null}
           OR (i.paid_on IS NULL AND (i.due_on - date '1970-01-01') % ${ADDED_UP_EVERY_DAYS} = ${through}))
    ORDER BY l.id, i.number LIMIT ${PAGE}`);
}

async function offCharge(tx: Transaction, row: Charged): Promise<string | null> {
  const { penal } = await termsOf(tx, row);
  const { charge, tax } = chargeOf(penal, row.base_days);
  // The cap over the loan's life may have cut the last one short.
  const capped = penal.cap_loan !== null && row.penal_charged >= penal.cap_loan;
  const right = capped ? row.charged <= charge : row.charged === charge && row.tax === tax;
  if (right) return null;
  const [came, should] = [row.charged + row.tax, charge + tax].map(minorText);
  return `loan ${row.loan}: the days of instalment ${row.number} come to ${came} of penal charges, the rule to ${should}`;
}

export const accruals: readonly Invariant[] = [penalApart, interestOfDays, chargesOfDays];
