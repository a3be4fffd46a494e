import { sql } from 'slonik';
import { z } from 'zod';
import { listOf } from '../db/lists.ts';
import type { Transaction } from '../db/pools.ts';

/** All that the carrier may know of a job: where it belongs, never what is in it. */
export interface Route {
  tenant: string;
  id: string;
  kind: string;
  queue: string;
  key: string;
  dispatch_number: number;
  priority: number;
  /** By the database's clock, so that the clocks of machines need not agree. */
  delay_ms: number;
  /** Was lost before: runs by itself, so that a job that kills its worker takes no neighbour along. */
  alone: boolean;
  trace: string | null;
}

/** The carrier's id of a dispatch. A second dispatch of the same number is ignored there. */
export function carrierId(route: Pick<Route, 'id' | 'dispatch_number'>): string {
  return `${route.id}-${route.dispatch_number}`;
}

/** Lost this often without coming to rest, a job runs alone. */
export const LOST_BEFORE_ALONE = 2;

export const routeRow = z.object({
  tenant: z.string(),
  id: z.string(),
  kind: z.string(),
  queue: z.string(),
  key: z.string(),
  dispatch_number: z.number(),
  priority: z.number(),
  delay_ms: z.number(),
  alone: z.boolean(),
  trace: z.string().nullable(),
});

/** The columns of a route, for statements over `job`. */
export const ROUTE_COLUMNS = sql.fragment`
  job.tenant_id AS tenant, job.id, job.kind, job.queue, job.key, job.dispatch_number, job.priority,
  greatest(0, extract(epoch FROM job.run_at - clock_timestamp()) * 1000)::float8 AS delay_ms,
  job.lost_dispatches >= ${LOST_BEFORE_ALONE} AS alone, job.trace`;

/**
 * True of a job whose turn it is: no earlier job of its ordering key is open or bars the way, and none
 * is between prepare and settle. For statements over `job`.
 */
export const ITS_TURN = sql.fragment`
  (job.ordering_key IS NULL OR NOT EXISTS (
    SELECT FROM job other
    WHERE other.tenant_id = job.tenant_id AND other.ordering_key = job.ordering_key
      AND other.state IN ('pending', 'held', 'dead') AND other.id <> job.id
      AND ((other.id < job.id AND (other.state = 'pending' OR other.ordering_blocks))
           OR other.lease_until > clock_timestamp())))`;

/** The jobs whose turn it is now, one at most for each ordering key given. */
export function headsOf(tx: Transaction, orderingKeys: readonly string[]): Promise<readonly Route[]> {
  const keys = listOf([...new Set(orderingKeys)], 'text');
  return tx.any(sql.prepared(`heads_of_${keys.size}`, routeRow)`
    SELECT ${ROUTE_COLUMNS} FROM job
    WHERE job.tenant_id = current_tenant() AND job.state = 'pending' AND job.ordering_key = ANY(${keys.values})
      AND ${ITS_TURN}`);
}
