import type { Pool, Transaction } from '../db/pools.ts';

/** One action and how it ended. Arguments are redacted here, whatever the caller did. */
export interface AuditRow {
  tenant: string;
  actor_kind: 'service' | 'operator' | 'system';
  actor: string;
  /** As clientIp gave it; absent for what Kist does by itself. */
  client_ip?: string | null;
  /** `noun.verb`: a job kind, a route's name, a board click, a command. */
  action: string;
  /** What it was done to: the id of a job, loan, operator … */
  subject?: string | null;
  arguments?: unknown;
  duration_ms: number;
  outcome: 'SUCCESS' | 'FAILED';
  error_code?: string | null;
  request_id?: string | null;
}

/** Rows of the transaction's own tenant, in one statement per 1,000. */
export async function recordAuditIn(
  _tx: Transaction,
  _rows: readonly Omit<AuditRow, 'tenant'>[],
): Promise<void> {
  throw new Error('Not built yet.');
}

/** Rows of any tenants, one transaction a tenant. */
export async function recordAudit(_pool: Pool, _rows: readonly AuditRow[]): Promise<void> {
  throw new Error('Not built yet.');
}
