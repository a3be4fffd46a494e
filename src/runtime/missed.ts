import { sql } from 'slonik';
import { z } from 'zod';
import { inTenant } from '../db/transaction.ts';
import { EARLY_MS_MAX } from './claim.ts';
import { dispatchHeads, type Execution } from './execution.ts';
import { ITS_TURN, ROUTE_COLUMNS, routeRow } from './route.ts';

const missedRow = routeRow.extend({
  ordering_key: z.string().nullable(),
  locked: z.boolean(),
});

/**
 * Looks after jobs that the carrier brought and a claim did not get. Most have come to rest and need
 * nothing. One that came too early (before its time, or its turn) has used up its number with the
 * carrier, and gets a new one. One whose row is locked may have met the sweeper rather than a twin.
 *
 * @returns the ids whose row somebody has locked: worth another try soon
 */
export async function lookAfterMissed(
  execution: Pick<Execution, 'pool' | 'dispatcher' | 'events'>,
  tenant: string,
  ids: readonly string[],
): Promise<Set<string>> {
  const missed = await inTenant(execution.pool, tenant, (tx) =>
    tx.any(sql.type(missedRow)`
      WITH missed AS (
        SELECT job.*, ${ITS_TURN} AND run_at <= clock_timestamp() + ${EARLY_MS_MAX} * interval '1 millisecond' AS ready FROM job
        WHERE tenant_id = current_tenant() AND id = ANY(${sql.array([...ids], 'uuid')}) AND state = 'pending'
          AND (lease_until IS NULL OR lease_until <= clock_timestamp())
      ), early AS (
        SELECT job.id AS early_id FROM job JOIN missed USING (tenant_id, id) WHERE NOT missed.ready
        FOR NO KEY UPDATE OF job SKIP LOCKED
      ), renumbered AS (
        UPDATE job SET dispatch_number = dispatch_number + 1 FROM early
        WHERE tenant_id = current_tenant() AND id = early_id RETURNING job.*
      )
      SELECT ${ROUTE_COLUMNS}, job.ordering_key, false AS locked FROM renumbered AS job
      UNION ALL
      SELECT ${ROUTE_COLUMNS}, job.ordering_key, true FROM missed AS job WHERE ready`),
  );
  const early = missed.filter((job) => !job.locked);
  execution.dispatcher.dispatch(early.filter((job) => job.ordering_key === null));
  dispatchHeads(
    execution,
    tenant,
    early.flatMap((job) => job.ordering_key ?? []),
  );
  return new Set(missed.filter((job) => job.locked).map((job) => job.id));
}
