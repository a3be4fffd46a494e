import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../db/pools.ts';
import { type AttemptView, JOB_STATES, type JobFilter, type JobView } from './types.ts';

export const PAGE_MAX = 200;

export const viewRow = z.object({
  id: z.string(),
  tenant: z.string(),
  kind: z.string(),
  queue: z.string(),
  key: z.string(),
  state: z.enum(JOB_STATES),
  priority: z.number(),
  attempt: z.number(),
  attempt_limit: z.number(),
  code: z.string().nullable(),
  message: z.string().nullable(),
  result: z.unknown(),
  accepted_by: z.string(),
  accepted_at: z.date(),
  run_at: z.date(),
  rested_at: z.date().nullable(),
});

/** The columns of a JobView, for statements over `job` and `job_archive`. */
export const VIEW_COLUMNS = sql.fragment`
  id, tenant_id AS tenant, kind, queue, key, state, priority, attempt, attempt_limit, code, message, result,
  accepted_by, accepted_at, run_at, rested_at`;

/** A job by its id, archived ones included. */
export async function findJob(tx: Transaction, id: string): Promise<JobView | null> {
  return tx.maybeOne(sql.prepared('find_job', viewRow)`
    SELECT ${VIEW_COLUMNS} FROM job WHERE tenant_id = current_tenant() AND id = ${id}
    UNION ALL
    SELECT ${VIEW_COLUMNS} FROM job_archive WHERE tenant_id = current_tenant() AND id = ${id}
    LIMIT 1`) as Promise<JobView | null>;
}

/** What a job not yet archived was accepted with, as it is stored; null where there is no such job. */
export function payloadOf(tx: Transaction, id: string): Promise<unknown> {
  return tx.maybeOneFirst(sql.type(z.object({ payload: z.unknown() }))`
    SELECT payload FROM job WHERE tenant_id = current_tenant() AND id = ${id}`);
}

/** A page of the jobs not yet archived, newest first. */
export function listJobs(tx: Transaction, filter: JobFilter): Promise<readonly JobView[]> {
  const conditions = [sql.fragment`tenant_id = current_tenant()`];
  if (filter.kind) conditions.push(sql.fragment`kind = ${filter.kind}`);
  if (filter.state) conditions.push(sql.fragment`state = ${filter.state}`);
  if (filter.key) conditions.push(sql.fragment`key = ${filter.key}`);
  if (filter.after) conditions.push(sql.fragment`id < ${filter.after}::uuid`);
  return tx.any(sql.type(viewRow)`
    SELECT ${VIEW_COLUMNS} FROM job
    WHERE ${sql.join(conditions, sql.fragment` AND `)}
    ORDER BY id DESC LIMIT ${Math.min(filter.limit, PAGE_MAX)}`) as Promise<readonly JobView[]>;
}

export function listAttempts(tx: Transaction, jobId: string): Promise<readonly AttemptView[]> {
  const row = z.object({
    attempt: z.number(),
    worker: z.string(),
    started_at: z.date(),
    ended_at: z.date(),
    word: z.string(),
    code: z.string(),
    message: z.string(),
  });
  return tx.any(sql.prepared('attempts_of_job', row)`
    SELECT attempt, worker, started_at, ended_at, word, code, message FROM job_attempt
    WHERE tenant_id = current_tenant() AND job_id = ${jobId} ORDER BY attempt, ended_at`);
}

/** The jobs that hold the given keys, by `kind key`, with their payload's fingerprint. */
export async function jobsByKey(
  tx: Transaction,
  keys: readonly { kind: string; key: string }[],
): Promise<Map<string, { view: JobView; fingerprint: string }>> {
  const row = viewRow.extend({ fingerprint_hex: z.string() });
  const kinds = sql.array(
    keys.map(({ kind }) => kind),
    'text',
  );
  const names = sql.array(
    keys.map(({ key }) => key),
    'text',
  );
  const rows = await tx.any(sql.type(row)`
    WITH wanted AS (SELECT DISTINCT * FROM unnest(${kinds}, ${names}) AS wanted (kind, key)),
    archived AS (
      SELECT job_id, rested_at FROM job_key_archive JOIN wanted USING (kind, key) WHERE tenant_id = current_tenant())
    SELECT ${VIEW_COLUMNS}, encode(fingerprint, 'hex') AS fingerprint_hex
    FROM job JOIN wanted USING (kind, key) WHERE tenant_id = current_tenant()
    UNION ALL
    SELECT ${VIEW_COLUMNS}, encode(fingerprint, 'hex') AS fingerprint_hex
    FROM job_archive WHERE tenant_id = current_tenant() AND (id, rested_at) IN (SELECT job_id, rested_at FROM archived)`);
  return new Map(
    rows.map(({ fingerprint_hex, ...view }) => [
      `${view.kind} ${view.key}`,
      { view: view as JobView, fingerprint: fingerprint_hex },
    ]),
  );
}

/** Which of the given jobs have come to rest. */
export function restedAmong(tx: Transaction, ids: readonly string[]): Promise<readonly string[]> {
  return tx.anyFirst(sql.type(z.object({ id: z.string() }))`
    SELECT id FROM job
    WHERE tenant_id = current_tenant() AND id = ANY(${sql.array([...ids], 'uuid')}) AND state <> 'pending'`);
}
