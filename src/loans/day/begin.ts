import { sql } from 'slonik';
import { z } from 'zod';
import { nextBusinessDate } from '../../calendar/business-date.ts';
import type { Transaction } from '../../db/pools.ts';
import type { Desk } from '../servicing/book.ts';

/** Loans that one job carries. */
export const CHUNK_LOANS = 1_000;

export const DAY_STATES = ['carrying', 'checking', 'shut', 'closed'] as const;

export type Begun =
  | { outcome: 'begun'; business_date: string; loans: number; chunks: number }
  | { outcome: 'begun-before'; business_date: string; loans: number; chunks: number }
  | { outcome: 'earlier-day-open'; earlier: string; begun_at: Date }
  | { outcome: 'not-next'; next: string }
  | { outcome: 'not-yet'; today: string };

const lastRow = z.object({
  business_date: z.string(),
  state: z.enum(DAY_STATES),
  begun_at: z.date(),
  chunks: z.number(),
});

/**
 * Begins to close a business day: the loans that have work by then are cut into chunks, by id. Days are
 * closed in order, each once.
 */
export async function beginDay(
  tx: Transaction,
  { day: { today, calendar }, posted_at }: Desk,
  business_date: string,
  loans_max: number,
): Promise<Begun> {
  if (business_date > today) return { outcome: 'not-yet', today };
  await tx.query(sql.unsafe`
    SELECT pg_advisory_xact_lock(hashtextextended('close of day of ' || current_tenant(), 0))`);
  const last = await tx.maybeOne(sql.type(lastRow)`
    SELECT business_date, state, begun_at, chunks FROM business_day
    WHERE tenant_id = current_tenant() ORDER BY business_date DESC LIMIT 1`);
  if (last && last.business_date >= business_date) {
    return { outcome: 'begun-before', business_date, loans: 0, chunks: last.chunks };
  }
  if (last && last.state !== 'closed') {
    return { outcome: 'earlier-day-open', earlier: last.business_date, begun_at: last.begun_at };
  }
  if (last) {
    const next = nextBusinessDate(last.business_date, calendar);
    if (next < business_date) return { outcome: 'not-next', next };
  }
  const cut = await tx.one(sql.type(z.object({ chunks: z.number(), loans: z.number() }))`
    WITH chunk AS (
      SELECT (array_agg(id ORDER BY id))[1] AS from_loan, (array_agg(id ORDER BY id DESC))[1] AS to_loan,
             count(*)::int4 AS loans, place
      FROM (
        SELECT id, ((row_number() OVER (ORDER BY id) - 1) / ${loans_max})::int4 + 1 AS place
        FROM loan l
        WHERE tenant_id = current_tenant() AND state = 'active' AND next_work_on <= ${business_date}
          AND NOT EXISTS (SELECT FROM loan_set_aside a WHERE a.tenant_id = l.tenant_id AND a.loan_id = l.id)
      ) AS placed
      GROUP BY place
    ), written AS (
      INSERT INTO day_chunk (tenant_id, business_date, number, from_loan, to_loan, loans)
      SELECT current_tenant(), ${business_date}, place, from_loan, to_loan, loans FROM chunk
    )
    SELECT count(*)::int4 AS chunks, coalesce(sum(loans), 0)::int4 AS loans FROM chunk`);
  await tx.query(sql.unsafe`
    INSERT INTO business_day (tenant_id, business_date, state, begun_at, chunks)
    VALUES (current_tenant(), ${business_date}, ${cut.chunks === 0 ? 'checking' : 'carrying'},
            ${posted_at.toISOString()}, ${cut.chunks})`);
  return { outcome: 'begun', business_date, ...cut };
}

/** Loans set aside, to be tried again with the day. */
export async function loansSetAside(tx: Transaction, limit: number): Promise<readonly string[]> {
  return tx.anyFirst(sql.type(z.object({ loan_id: z.string() }))`
    SELECT loan_id FROM loan_set_aside WHERE tenant_id = current_tenant() ORDER BY loan_id LIMIT ${limit}`);
}
