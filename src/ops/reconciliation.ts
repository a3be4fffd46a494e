import { sql } from 'slonik';
import { z } from 'zod';
import type { Pool, Transaction } from '../db/pools.ts';
import { breakRow } from '../payments/reconciliation/breaks.ts';
import { RESULTS, SUBJECT_KINDS } from '../payments/reconciliation/results.ts';

/** What the books came to against gateways and banks, over all tenants; every function takes a pool that acts as kist_carrier. */

const COMPARISONS_SHOWN_EACH = 3;
const SHOWN_MAX = 200;

const comparisonRow = z.object({
  tenant: z.string(),
  business_date: z.string(),
  run_by: z.string(),
  run_at: z.date(),
  results: z.array(z.object({ subject: z.enum(SUBJECT_KINDS), result: z.enum(RESULTS), number: z.number() })),
  breaks_opened: z.number(),
  breaks_closed: z.number(),
  breaks_open: z.number(),
  settlements_posted: z.number(),
});
export type Comparison = z.output<typeof comparisonRow>;

/** The latest comparisons of every tenant, newest first. */
export function latestComparisons(pool: Pool): Promise<readonly Comparison[]> {
  return pool.any(sql.type(comparisonRow)`
    SELECT t.tenant_id AS tenant, r.* FROM tenant t CROSS JOIN LATERAL (
      SELECT business_date, run_by, run_at, results, breaks_opened, breaks_closed, breaks_open, settlements_posted
      FROM reconciliation
      WHERE tenant_id = t.tenant_id ORDER BY id DESC LIMIT ${COMPARISONS_SHOWN_EACH}) AS r
    ORDER BY t.tenant_id, r.run_at DESC`);
}

/** How old a break is: from the midnight of its first day by its tenant's wall. */
const seconds = (now: Date) => sql.fragment`
  greatest(0, extract(epoch FROM ${now.toISOString()}::timestamptz - (b.first_seen_on::timestamp AT TIME ZONE t.time_zone)))::float8`;

const openBreakRow = breakRow
  .pick({
    ...{ id: true, subject_kind: true, subject: true, gateway: true, leg: true, result: true },
    ...{ currency: true, here: true, there: true, owner: true },
  })
  .extend({ tenant: z.string(), seconds: z.number() });
export type OpenBreak = z.output<typeof openBreakRow>;

/** What does not agree, and was not decided about, the oldest first. */
export function openBreaks(pool: Pool, now: Date): Promise<readonly OpenBreak[]> {
  return pool.any(sql.type(openBreakRow)`
    SELECT b.tenant_id AS tenant, b.id, b.subject_kind, b.subject, b.gateway, b.leg, b.result, b.currency,
           b.here::numeric(30, 2)::text AS here, b.there::numeric(30, 2)::text AS there, b.owner, ${seconds(now)} AS seconds
    FROM reconciliation_break b JOIN tenant t ON t.tenant_id = b.tenant_id
    WHERE b.state = 'open'
    ORDER BY b.first_seen_on, b.id
    LIMIT ${SHOWN_MAX}`);
}

const breakStandingRow = z.object({
  kind: z.string(),
  result: z.string(),
  breaks: z.number(),
  oldest_seconds: z.number(),
});
export type BreakStanding = z.output<typeof breakStandingRow>;

/** Open breaks, by what they are about and what is wrong. */
export function breakStandings(pool: Pool | Transaction, now: Date): Promise<readonly BreakStanding[]> {
  return pool.any(sql.type(breakStandingRow)`
    SELECT b.subject_kind AS kind, b.result, count(*)::int4 AS breaks, max(${seconds(now)}) AS oldest_seconds
    FROM reconciliation_break b JOIN tenant t ON t.tenant_id = b.tenant_id
    WHERE b.state = 'open'
    GROUP BY b.subject_kind, b.result`);
}

const lastRow = z.object({ tenant: z.string(), at: z.number() });

/** When each tenant that ever was reconciled was so last, in seconds since 1970. */
export function lastReconciled(pool: Pool): Promise<readonly z.output<typeof lastRow>[]> {
  return pool.any(sql.type(lastRow)`
    SELECT t.tenant_id AS tenant, extract(epoch FROM r.run_at)::float8 AS at
    FROM tenant t CROSS JOIN LATERAL (
      SELECT run_at FROM reconciliation WHERE tenant_id = t.tenant_id ORDER BY id DESC LIMIT 1) AS r`);
}
