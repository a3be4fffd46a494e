import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../db/pools.ts';

/** A due job is looked for every few seconds; one that was not for so long has been forgotten. */
const FORGOTTEN_MINUTES = 60;

/**
 * Every accepted job is at rest, or will be looked for: none is open that no sweep comes to.
 * @returns the first that is not; null where all are
 */
export async function forgottenJob(tx: Transaction): Promise<string | null> {
  return tx.maybeOneFirst(sql.type(z.object({ detail: z.string() }))`
    SELECT format('job %s (%s) is open, and no sweep has come to it %s', id, kind,
                  coalesce('since ' || sweep_at::text, 'ever')) AS detail
    FROM job
    WHERE tenant_id = current_tenant() AND state = 'pending'
      AND (sweep_at IS NULL OR sweep_at < now() - make_interval(mins => ${FORGOTTEN_MINUTES}))
    ORDER BY id LIMIT 1`);
}
