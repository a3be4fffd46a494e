import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../db/pools.ts';
import { ROUTE_COLUMNS, type Route, routeRow } from './route.ts';

export const RELEASE_BATCH_MAX = 1_000;

export interface Released {
  count: number;
  /** To be dispatched: jobs of no ordering key. */
  routes: Route[];
  /** Their heads are to be dispatched. */
  orderingKeys: string[];
}

export const releasedRow = routeRow.extend({ ordering_key: z.string().nullable() });

export function releasedOf(rows: readonly z.output<typeof releasedRow>[]): Released {
  const orderingKeys = new Set(rows.flatMap(({ ordering_key }) => ordering_key ?? []));
  const routes = rows.filter(({ ordering_key }) => ordering_key === null);
  return { count: rows.length, routes, orderingKeys: [...orderingKeys] };
}

/** Which held jobs go on, and how fast. */
export interface ReleaseWish {
  kind: string;
  code: string;
  /** Between one and the next; 0 lets all go at once. */
  every_ms: number;
  sweep_after_ms: number;
}

/**
 * Lets jobs of a kind that are held under a code go on, oldest first, a batch at most. The code stays with them
 * until they end, so that the next batch knows when the last one of this is due.
 */
export async function releaseHeld(tx: Transaction, wish: ReleaseWish): Promise<Released> {
  const { kind, code, every_ms, sweep_after_ms } = wish;
  const rows = await tx.any(sql.type(releasedRow)`
    WITH held AS MATERIALIZED (
      SELECT id FROM job
      WHERE tenant_id = current_tenant() AND state = 'held' AND kind = ${kind} AND code = ${code}
      ORDER BY id LIMIT ${RELEASE_BATCH_MAX} FOR NO KEY UPDATE SKIP LOCKED
    ), free AS (
      SELECT id, start + (row_number() OVER (ORDER BY id) - 1) * ${every_ms} * interval '1 millisecond' AS due_at
      FROM held, (
        SELECT greatest(clock_timestamp(), max(run_at) + ${every_ms} * interval '1 millisecond') AS start FROM job
        WHERE tenant_id = current_tenant() AND state = 'pending' AND kind = ${kind} AND code = ${code}) AS last
    ), released AS (
      UPDATE job SET state = 'pending', rested_at = NULL, dispatch_number = dispatch_number + 1, run_at = due_at,
                     sweep_at = due_at + ${sweep_after_ms} * interval '1 millisecond'
      FROM free WHERE job.tenant_id = current_tenant() AND job.id = free.id
      RETURNING job.*
    )
    SELECT ${ROUTE_COLUMNS}, job.ordering_key FROM released AS job`);
  return releasedOf(rows);
}
