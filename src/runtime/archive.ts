import { sql } from 'slonik';
import { z } from 'zod';
import type { Pool, Transaction } from '../db/pools.ts';
import { inTenant } from '../db/transaction.ts';

const ARCHIVE_BATCH_MAX = 2_000;
/** Batches a visit, so that sweeps and ticks of the same process do not wait long. */
const ARCHIVE_BATCHES_MAX = 20;
/**
 * Between copying a job and deleting it. A statement that accepts jobs and began before the copy was
 * committed must be over before the row goes, or it would find the key nowhere and accept it anew;
 * transactions are ended after 60 s.
 */
const COPY_BEFORE_DELETE_MS = 5 * 60_000;
const VISIT_INTERVAL_MS = 10 * 60_000;

/**
 * Moves jobs that rested longer than the retention to the archive, in two steps over two visits: copy row
 * and key, and, at least COPY_BEFORE_DELETE_MS later, delete. Between them both places hold the job.
 * @returns how many were copied and how many deleted
 */
export async function archiveRested(
  pool: Pool,
  tenant: string,
  retention_days: number,
): Promise<{ copied: number; deleted: number }> {
  let deleted = 0;
  let copied = 0;
  for (let batch = 0; batch < ARCHIVE_BATCHES_MAX; batch += 1) {
    const count = await inTenant(pool, tenant, deleteCopied);
    deleted += count;
    if (count < ARCHIVE_BATCH_MAX) break;
  }
  for (let batch = 0; batch < ARCHIVE_BATCHES_MAX; batch += 1) {
    const count = await inTenant(pool, tenant, (tx) => copyRested(tx, retention_days));
    copied += count;
    if (count < ARCHIVE_BATCH_MAX) break;
  }
  return { copied, deleted };
}

/** Visits every tenant once an interval, for as long as it is asked to. */
export class Archivist {
  readonly #app: Pool;
  readonly #carrierPool: Pool;
  readonly #retention_days: number;
  #visited_at_ms = Number.NEGATIVE_INFINITY;

  constructor(options: { app: Pool; carrierPool: Pool; retention_days: number }) {
    this.#app = options.app;
    this.#carrierPool = options.carrierPool;
    this.#retention_days = options.retention_days;
  }

  async visitWhenDue(): Promise<void> {
    const now_ms = performance.now();
    if (now_ms - this.#visited_at_ms < VISIT_INTERVAL_MS) return;
    this.#visited_at_ms = now_ms;
    const tenants = await this.#carrierPool.anyFirst(sql.type(z.object({ tenant_id: z.string() }))`
      SELECT tenant_id FROM tenant ORDER BY tenant_id`);
    for (const tenant of tenants) await archiveRested(this.#app, tenant, this.#retention_days);
  }
}

const JOB_COLUMNS = sql.fragment`
  tenant_id, id, kind, queue, key, fingerprint, version, payload, priority, state, attempt, attempt_limit,
  dispatch_number, lost_dispatches, run_at, sweep_at, ordering_key, ordering_blocks, lease_token, lease_until, intent,
  code, message, result, accepted_by, accepted_at, rested_at, trace`;

/** Archivists of several clocks leave a tenant to the one who came first. */
function hasTurn(tx: Transaction): Promise<boolean> {
  return tx.oneFirst(sql.type(z.object({ turn: z.boolean() }))`
    SELECT pg_try_advisory_xact_lock(hashtextextended('kist archive ' || current_tenant(), 0)) AS turn`);
}

async function copyRested(tx: Transaction, retention_days: number): Promise<number> {
  if (!(await hasTurn(tx))) return 0;
  const months = await tx.anyFirst(sql.type(z.object({ month: z.string() }))`
    SELECT DISTINCT date_trunc('month', rested_at AT TIME ZONE 'UTC')::date AS month FROM (${oldest(retention_days)}) AS old`);
  for (const month of months) await tx.query(sql.unsafe`SELECT make_archive_month(${month}::date)`);
  const result = await tx.query(sql.unsafe`
    WITH old AS (${oldest(retention_days)}), keyed AS (
      INSERT INTO job_key_archive (tenant_id, kind, key, job_id, fingerprint, rested_at)
      SELECT tenant_id, kind, key, id, fingerprint, rested_at FROM old ON CONFLICT DO NOTHING
    )
    INSERT INTO job_archive (${JOB_COLUMNS}) SELECT ${JOB_COLUMNS} FROM old`);
  return result.rowCount;
}

function oldest(retention_days: number) {
  return sql.fragment`
    SELECT * FROM job
    WHERE tenant_id = current_tenant() AND state IN ('done', 'cancelled')
      AND rested_at < now() - ${retention_days} * interval '1 day'
      AND NOT EXISTS (SELECT FROM job_key_archive copied
                      WHERE copied.tenant_id = job.tenant_id AND copied.kind = job.kind AND copied.key = job.key)
    ORDER BY rested_at LIMIT ${ARCHIVE_BATCH_MAX}`;
}

async function deleteCopied(tx: Transaction): Promise<number> {
  if (!(await hasTurn(tx))) return 0;
  const result = await tx.query(sql.unsafe`
    WITH copied AS (
      SELECT job.id FROM job JOIN job_key_archive copied
        ON copied.tenant_id = job.tenant_id AND copied.kind = job.kind AND copied.key = job.key AND copied.job_id = job.id
      WHERE job.tenant_id = current_tenant() AND job.state IN ('done', 'cancelled')
        AND copied.archived_at < now() - ${COPY_BEFORE_DELETE_MS} * interval '1 millisecond'
      ORDER BY job.rested_at LIMIT ${ARCHIVE_BATCH_MAX}
    )
    DELETE FROM job USING copied WHERE job.tenant_id = current_tenant() AND job.id = copied.id`);
  return result.rowCount;
}
