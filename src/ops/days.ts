import { sql } from 'slonik';
import { z } from 'zod';
import type { Pool } from '../db/pools.ts';

/** How the closing of days stands over all tenants; every function takes a pool that acts as kist_carrier. */

const DAYS_SHOWN_EACH = 5;
const SET_ASIDE_SHOWN_MAX = 200;

const dayRow = z.object({
  tenant: z.string(),
  business_date: z.string(),
  state: z.enum(['carrying', 'checking', 'shut', 'closed']),
  closed_at: z.date().nullable(),
  chunks: z.number(),
  chunks_done: z.number(),
  loans: z.number(),
  done: z.number(),
  refused: z.number(),
  journals: z.number(),
  interest: z.string(),
  penal: z.string(),
  tax: z.string(),
  /** The first invariant that does not hold. */
  broken: z.string().nullable(),
});
export type DayShown = z.output<typeof dayRow>;

/** The latest days of every tenant, newest first. */
export function latestDays(pool: Pool): Promise<readonly DayShown[]> {
  return pool.any(sql.type(dayRow)`
    SELECT t.tenant_id AS tenant, d.business_date, d.state, d.closed_at, d.chunks, d.chunks_done, c.*,
           (SELECT format('%s: %s', o.name, o.detail)
            FROM jsonb_to_recordset(d.checked) AS o(name text, holds boolean, detail text)
            WHERE NOT o.holds LIMIT 1) AS broken
    FROM tenant t
    CROSS JOIN LATERAL (
      SELECT tenant_id, business_date, state, closed_at, chunks, chunks_done, checked FROM business_day
      WHERE tenant_id = t.tenant_id ORDER BY business_date DESC LIMIT ${DAYS_SHOWN_EACH}) AS d
    CROSS JOIN LATERAL (
      SELECT coalesce(sum(loans), 0)::int4 AS loans, coalesce(sum(done), 0)::int4 AS done,
             coalesce(sum(refused), 0)::int4 AS refused, coalesce(sum(journals), 0)::int4 AS journals,
             coalesce(sum(interest), 0)::numeric(30, 2) AS interest, coalesce(sum(penal), 0)::numeric(30, 2) AS penal,
             coalesce(sum(tax), 0)::numeric(30, 2) AS tax
      FROM day_chunk WHERE tenant_id = d.tenant_id AND business_date = d.business_date) AS c
    ORDER BY t.tenant_id, d.business_date DESC`);
}

const asideRow = z.object({
  tenant: z.string(),
  loan: z.string(),
  business_date: z.string(),
  code: z.string(),
  message: z.string(),
});
export type LoanShown = z.output<typeof asideRow>;

/** Loans that could not be carried, the oldest first. */
export function setAsideLoans(pool: Pool): Promise<readonly LoanShown[]> {
  return pool.any(sql.type(asideRow)`
    SELECT tenant_id AS tenant, loan_id AS loan, business_date, code, message FROM loan_set_aside
    ORDER BY since, loan_id LIMIT ${SET_ASIDE_SHOWN_MAX}`);
}

const standingRow = z.object({
  tenant: z.string(),
  /** Midnight (UTC) of the last day closed, in seconds since 1970; null where none was. */
  closed_through: z.number().nullable(),
  set_aside: z.number(),
  broken: z.number(),
});

/** What metrics tell of every tenant that ever began to close a day. */
export function daysMeasured(pool: Pool): Promise<readonly z.output<typeof standingRow>[]> {
  return pool.any(sql.type(standingRow)`
    SELECT t.tenant_id AS tenant,
           (SELECT extract(epoch FROM max(business_date))::float8 FROM business_day
            WHERE tenant_id = t.tenant_id AND state = 'closed') AS closed_through,
           (SELECT count(*)::int4 FROM loan_set_aside WHERE tenant_id = t.tenant_id) AS set_aside,
           (SELECT count(*)::int4
            FROM business_day d CROSS JOIN LATERAL jsonb_to_recordset(d.checked) AS o(holds boolean)
            WHERE d.tenant_id = t.tenant_id AND d.state = 'checking' AND NOT o.holds) AS broken
    FROM tenant t
    WHERE EXISTS (SELECT FROM business_day d WHERE d.tenant_id = t.tenant_id)`);
}
