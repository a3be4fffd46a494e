import { sql } from 'slonik';
import { z } from 'zod';
import { listOf } from '../db/lists.ts';
import type { Transaction } from '../db/pools.ts';
import type { Job, JobDefinition } from './definition.ts';
import { asOutcome, type Outcome } from './outcomes.ts';
import { readPayload } from './payload.ts';
import { ITS_TURN } from './route.ts';

/** A carrier's timer may fire this much before the database's clock has come to run_at. */
export const EARLY_MS_MAX = 100;

/** A job row locked by this transaction. */
export interface Claimed extends Job<unknown> {
  readonly ordering_key: string | null;
  readonly attempt_limit: number;
  /** What a staged job's prepare stored in an earlier attempt. */
  readonly intent: unknown;
  readonly lease_token: string | null;
}

export interface Claims {
  jobs: Claimed[];
  /** Claimed, but not to be run: their row is to be settled with this word. */
  outcomes: { job: Claimed; outcome: Outcome }[];
  /** Claimed while their kill switch is on. */
  switchedOff: Claimed[];
  /** Claimed, and no longer wanted. */
  cancelled: Claimed[];
}

const claimRow = z.object({
  id: z.string(),
  key: z.string(),
  version: z.number(),
  payload: z.unknown(),
  attempt: z.number(),
  attempt_limit: z.number(),
  accepted_by: z.string(),
  accepted_at: z.date(),
  trace: z.string().nullable(),
  ordering_key: z.string().nullable(),
  intent: z.unknown(),
  lease_token: z.string().nullable(),
  switched_off: z.boolean(),
  cancelled: z.boolean(),
  has_lane: z.boolean(),
});

/**
 * Locks those of the given jobs that may run now. A twin (redelivered, stalled, dispatched twice) finds
 * the row locked or at rest, and gets nothing. For kinds with an ordering key a lock on the key comes
 * with the row: a redriven earlier job must not start beside a later one that is running.
 *
 * Locks id by id (LATERAL) and looks at the state afterwards: asked for pending jobs with these ids, the
 * planner trusts yesterday's idea of how few are pending and reads all of them (12 ms for 40 among
 * 40,000, against 0.4). LIMIT 1 keeps it from moving the state back inside.
 * An id may come twice (a carrier that lost its memory is told again of jobs that still wait in here), and
 * SKIP LOCKED does not skip one's own lock.
 */
export async function claimJobs(
  tx: Transaction,
  tenant: string,
  definition: JobDefinition,
  ids: readonly string[],
): Promise<Claims> {
  const ordered = definition.ordering_key !== undefined;
  const turn = ordered ? sql.fragment`AND ${ITS_TURN}` : sql.fragment``;
  const lane = ordered
    ? sql.fragment`(claimed.ordering_key IS NULL
           OR pg_try_advisory_xact_lock(hashtextextended(claimed.tenant_id || ' ' || claimed.ordering_key, 0)))`
    : sql.fragment`true`;
  const wanted = listOf([...new Set(ids)].sort(), 'uuid');
  const name = `claim_${wanted.size}${ordered ? '_in_turn' : ''}`;
  const rows = await tx.any(sql.prepared(name, claimRow)`
    WITH claimed AS (
      SELECT job.* FROM unnest(${wanted.values}) AS wanted (id), LATERAL (
        SELECT * FROM job WHERE job.tenant_id = current_tenant() AND job.id = wanted.id
        LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED) AS job
      WHERE job.state = 'pending' AND job.run_at <= now() + ${EARLY_MS_MAX} * interval '1 millisecond'
        AND (job.lease_until IS NULL OR job.lease_until <= clock_timestamp())
        ${turn}
    )
    SELECT id, key, version, payload, attempt, attempt_limit, accepted_by, accepted_at, trace, ordering_key, intent, lease_token,
           EXISTS (SELECT FROM kill_switch off
                   WHERE off.tenant_id IN (current_tenant(), '*') AND off.kind IN (claimed.kind, '*')) AS switched_off,
           EXISTS (SELECT FROM job_cancellation wish
                   WHERE wish.tenant_id = current_tenant() AND wish.job_id = claimed.id) AS cancelled,
           ${lane} AS has_lane
    FROM claimed`);
  return sortOut(tenant, definition, rows);
}

function sortOut(
  tenant: string,
  definition: JobDefinition,
  rows: ReadonlyArray<z.infer<typeof claimRow>>,
): Claims {
  const claims: Claims = { jobs: [], outcomes: [], switchedOff: [], cancelled: [] };
  for (const { version, payload, switched_off, cancelled, has_lane, ...row } of rows) {
    if (!has_lane) continue;
    const job = { ...row, tenant, kind: definition.kind, payload: undefined as unknown };
    if (cancelled) claims.cancelled.push(job);
    else if (switched_off) claims.switchedOff.push(job);
    else {
      try {
        claims.jobs.push({ ...job, payload: readPayload(definition, version, payload) });
      } catch (thrown) {
        claims.outcomes.push({ job, outcome: asOutcome(thrown) });
      }
    }
  }
  return claims;
}
