import { sql } from 'slonik';
import { z } from 'zod';
import type { Pool } from '../db/pools.ts';
import { ITS_TURN } from '../runtime/route.ts';

/** Jobs of a queue that have not come to rest for good, and the age of the oldest that could run now. */
export interface Standing {
  queue: string;
  state: 'pending' | 'dead' | 'held';
  jobs: number;
  oldest_due_seconds: number;
}

const standingRow = z.object({
  queue: z.string(),
  state: z.enum(['pending', 'dead', 'held']),
  jobs: z.int(),
  oldest_due_seconds: z.number(),
});

/**
 * How every queue stands, over all tenants.
 * @param pool acts as kist_carrier
 */
export async function queueStandings(pool: Pool): Promise<readonly Standing[]> {
  // Two arms, so that each reads its partial index and never the finished rows.
  return pool.any(sql.type(standingRow)`
    SELECT queue, state, count(*)::integer AS jobs,
           coalesce(extract(epoch FROM now() - min(run_at) FILTER (WHERE run_at <= now())), 0)::float8
             AS oldest_due_seconds
    FROM job WHERE state = 'pending'
    GROUP BY queue, state
    UNION ALL
    SELECT queue, state, count(*)::integer, 0
    FROM job WHERE state IN ('dead', 'held')
    GROUP BY queue, state`);
}

/** How many of the jobs that wait longest a liveness probe looks at. */
const OVERDUE_LOOKED_AT_MAX = 1_000;

/**
 * Whether a job of one of the queues has been due for `seconds` and nobody has it, although its turn has come.
 * @param pool acts as kist_carrier
 */
export async function hasOverdueJob(pool: Pool, queues: string[], seconds: number): Promise<boolean> {
  return pool.oneFirst(sql.type(z.object({ overdue: z.boolean() }))`
    SELECT EXISTS (
      SELECT FROM (
        SELECT tenant_id, id, ordering_key FROM job
        WHERE state = 'pending'
          AND queue = ANY(${sql.array(queues, 'text')})
          AND run_at < now() - make_interval(secs => ${seconds})
          AND coalesce(lease_until, '-infinity') < now()
        ORDER BY sweep_at
        LIMIT ${OVERDUE_LOOKED_AT_MAX}
      ) AS job
      WHERE ${ITS_TURN}
    ) AS overdue`);
}
