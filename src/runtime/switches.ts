import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../db/pools.ts';
import { RELEASE_BATCH_MAX, type Released, releasedOf, releasedRow } from './release.ts';
import { ROUTE_COLUMNS } from './route.ts';
import { SWITCHED_OFF } from './settle.ts';
import type { KillSwitch } from './types.ts';

export async function setSwitch(tx: Transaction, kind: string, reason: string, actor: string): Promise<void> {
  await tx.query(sql.unsafe`
    INSERT INTO kill_switch (tenant_id, kind, reason, set_by) VALUES (current_tenant(), ${kind}, ${reason}, ${actor})
    ON CONFLICT (tenant_id, kind) DO UPDATE SET reason = excluded.reason, set_by = excluded.set_by, set_at = now()`);
}

export async function clearSwitch(tx: Transaction, kind: string): Promise<void> {
  await tx.query(sql.unsafe`DELETE FROM kill_switch WHERE tenant_id = current_tenant() AND kind = ${kind}`);
}

/** The switches that are on for this tenant, those for every tenant included. */
export function listSwitches(tx: Transaction): Promise<readonly KillSwitch[]> {
  const row = z.object({
    tenant: z.string(),
    kind: z.string(),
    reason: z.string(),
    set_by: z.string(),
    set_at: z.date(),
  });
  return tx.any(sql.type(row)`
    SELECT tenant_id AS tenant, kind, reason, set_by, set_at FROM kill_switch
    WHERE tenant_id IN (current_tenant(), '*') ORDER BY tenant_id, kind`);
}

/**
 * Lets jobs go on that were held by a switch that is off now, a batch at most. The sweeper calls this
 * too: a job may come to be held in the instant in which its switch is cleared.
 */
export async function releaseSwitchedOn(tx: Transaction, sweep_after_ms: number): Promise<Released> {
  const rows = await tx.any(sql.type(releasedRow)`
    WITH free AS (
      SELECT id FROM job
      WHERE tenant_id = current_tenant() AND state = 'held' AND code = ${SWITCHED_OFF.code}
        AND NOT EXISTS (SELECT FROM kill_switch off
                        WHERE off.tenant_id IN (current_tenant(), '*') AND off.kind IN (job.kind, '*'))
      ORDER BY id LIMIT ${RELEASE_BATCH_MAX} FOR NO KEY UPDATE SKIP LOCKED
    ), released AS (
      UPDATE job SET state = 'pending', code = NULL, message = NULL, rested_at = NULL,
                     dispatch_number = dispatch_number + 1,
                     sweep_at = clock_timestamp() + ${sweep_after_ms} * interval '1 millisecond'
      FROM free WHERE job.tenant_id = current_tenant() AND job.id = free.id
      RETURNING job.*
    )
    SELECT ${ROUTE_COLUMNS}, job.ordering_key FROM released AS job`);
  return releasedOf(rows);
}
