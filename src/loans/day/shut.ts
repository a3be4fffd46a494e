import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';

/** Kinds whose work belongs to the day on which they were accepted … */
const MONEY = ['loan.%', 'wallet.%', 'payments.%'];
/** … but for those that the day itself brought: they may take longer than it. */
const OF_THE_CLOSE = ['loan.carry', 'loan.remind'];
const NAMED_MAX = 5;

/**
 * Work of the day that is still open: jobs on money that were accepted before `before` (a job id; ids are
 * in order of time) and wait to be run. Held and dead ones wait for a person, and are in the report instead.
 */
export async function openWork(tx: Transaction, before: string): Promise<{ jobs: number; named: string[] }> {
  const rows = await tx.any(sql.type(z.object({ id: z.string(), kind: z.string(), jobs: z.number() }))`
    SELECT id, kind, count(*) OVER ()::int4 AS jobs FROM job
    WHERE tenant_id = current_tenant() AND state = 'pending' AND id < ${before} AND run_at <= now()
      AND kind LIKE ANY (${sql.array(MONEY, 'text')}) AND kind <> ALL (${sql.array(OF_THE_CLOSE, 'text')})
    ORDER BY id LIMIT ${NAMED_MAX}`);
  return { jobs: rows[0]?.jobs ?? 0, named: rows.map(({ id, kind }) => `${kind} ${id}`) };
}

/**
 * Shuts the books of a day: from here on the database refuses journals of it. Waits for those who are
 * posting at the moment; whoever comes after finds the next day.
 */
export async function shutDay(tx: Transaction, business_date: string): Promise<void> {
  await tx.query(sql.unsafe`
    SELECT pg_advisory_xact_lock(hashtextextended('business day of ' || current_tenant(), 0))`);
  await tx.query(sql.unsafe`
    UPDATE business_day SET state = 'shut'
    WHERE tenant_id = current_tenant() AND business_date = ${business_date} AND state = 'checking'`);
}

/** Where the close of a day stands; null where it was not begun. */
export function dayState(tx: Transaction, business_date: string): Promise<string | null> {
  return tx.maybeOneFirst(sql.type(z.object({ state: z.string() }))`
    SELECT state FROM business_day
    WHERE tenant_id = current_tenant() AND business_date = ${business_date}
    FOR UPDATE`);
}
