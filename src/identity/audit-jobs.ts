import { sql } from 'slonik';
import type { Transaction } from '../db/pools.ts';

const ROWS_PER_STATEMENT_MAX = 1_000;

/** A job that came to rest, as the runtime hands it to its audit (AuditedJob of src/runtime). */
interface RestedJob {
  id: string;
  kind: string;
  /** `service:NAME`, `operator:E-MAIL`, `job:ID`, `schedule:NAME`. */
  actor: string;
  duration_ms: number;
  outcome: 'SUCCESS' | 'FAILED';
  error_code: string | null;
}

/**
 * One audit row a job, in the transaction in which the jobs came to rest. What they were asked with is
 * in the job's own row, and with the address it came from in the row of the request that asked.
 */
export async function recordJobsIn(tx: Transaction, jobs: readonly RestedJob[]): Promise<void> {
  for (let start = 0; start < jobs.length; start += ROWS_PER_STATEMENT_MAX) {
    const rows = jobs.slice(start, start + ROWS_PER_STATEMENT_MAX).map((job) => {
      const { actor_kind, actor } = actorOf(job.actor);
      return [actor_kind, actor, job.kind, job.id, job.duration_ms.toFixed(3), job.outcome, job.error_code];
    });
    await tx.query(sql.unsafe`
      INSERT INTO audit (tenant_id, actor_kind, actor, action, subject, duration_ms, outcome, error_code)
      SELECT current_tenant(), given.*
      FROM ${sql.unnest(rows, ['text', 'text', 'text', 'text', 'numeric', 'text', 'text'])} AS given`);
  }
}

/** What accepted a job, as the audit trail names it; jobs and schedules are Kist itself. */
function actorOf(label: string): { actor_kind: string; actor: string } {
  const colon = label.indexOf(':');
  const kind = label.slice(0, colon);
  if (kind === 'service' || kind === 'operator') return { actor_kind: kind, actor: label.slice(colon + 1) };
  return { actor_kind: 'system', actor: label };
}
