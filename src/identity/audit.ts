import { isIP } from 'node:net';
import { sql } from 'slonik';
import { z } from 'zod';
import type { Pool, Transaction } from '../db/pools.ts';
import { inTenant } from '../db/transaction.ts';
import { redact, storable } from './redact.ts';

const ROWS_PER_STATEMENT_MAX = 1_000;
const PAGE_ROWS_MAX = 500;
const TEXT_CHARACTERS_MAX = 500;
/** What numeric(12, 3) holds: 31 years. */
const DURATION_MS_MAX = 999_999_999;

/** One action and how it ended. Arguments are redacted here, whatever the caller did. */
export interface AuditRow {
  /** uuidv7; given where a write that may have failed is repeated: the same id is kept once. */
  id?: string;
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
  tx: Transaction,
  rows: readonly Omit<AuditRow, 'tenant'>[],
): Promise<void> {
  for (let start = 0; start < rows.length; start += ROWS_PER_STATEMENT_MAX) {
    const batch = rows.slice(start, start + ROWS_PER_STATEMENT_MAX);
    const repeatable = batch.some((row) => row.id !== undefined);
    const name = repeatable ? 'record_audit_once' : 'record_audit';
    await tx.query(sql.prepared(name, z.object({}))`
      INSERT INTO audit (tenant_id, id, actor_kind, actor, client_ip, action, subject, arguments,
                         duration_ms, outcome, error_code, request_id)
      SELECT current_tenant(), coalesce(given.id, uuidv7()), given.actor_kind, given.actor, given.client_ip,
             given.action, given.subject, given.arguments, given.duration_ms, given.outcome,
             given.error_code, given.request_id
      FROM json_to_recordset(${JSON.stringify(batch.map(recordOf))}::json)
        AS given (id uuid, actor_kind text, actor text, client_ip inet, action text, subject text, arguments jsonb,
                  duration_ms numeric, outcome text, error_code text, request_id text)
      ${repeatable ? sql.fragment`ON CONFLICT (tenant_id, id) DO NOTHING` : sql.fragment``}`);
  }
}

/**
 * Rows of any tenants, one transaction a tenant. Where it fails some tenants' rows may be written: rows
 * with an id may then be handed in again.
 */
export async function recordAudit(pool: Pool, rows: readonly AuditRow[]): Promise<void> {
  for (const [tenant, own] of Map.groupBy(rows, (row) => row.tenant)) {
    await inTenant(pool, tenant, (tx) => recordAuditIn(tx, own));
  }
}

/** As JSON: one text for the database to take apart cost half of what an array a column did. */
function recordOf(row: Omit<AuditRow, 'tenant'>) {
  return {
    id: row.id,
    actor_kind: row.actor_kind,
    actor: bounded(row.actor),
    client_ip: row.client_ip && isIP(row.client_ip) !== 0 ? row.client_ip : undefined,
    action: bounded(row.action),
    subject: boundedOrNull(row.subject),
    arguments: row.arguments === undefined ? undefined : redact(row.arguments),
    duration_ms: Math.min(Math.max(row.duration_ms, 0) || 0, DURATION_MS_MAX).toFixed(3),
    outcome: row.outcome,
    error_code: boundedOrNull(row.error_code),
    request_id: boundedOrNull(row.request_id),
  };
}

const bounded = (text: string) => storable(text.slice(0, TEXT_CHARACTERS_MAX));
const boundedOrNull = (text: string | null | undefined) => (text == null ? null : bounded(text));

const auditView = z.object({
  id: z.string(),
  at: z.date(),
  actor_kind: z.enum(['service', 'operator', 'system']),
  actor: z.string(),
  client_ip: z.string().nullable(),
  action: z.string(),
  subject: z.string().nullable(),
  arguments: z.unknown(),
  duration_ms: z.string(),
  outcome: z.enum(['SUCCESS', 'FAILED']),
  error_code: z.string().nullable(),
  request_id: z.string().nullable(),
});

/** A row of the audit trail as it is shown; duration_ms is a decimal string. */
export type AuditView = z.infer<typeof auditView>;

export interface AuditFilter {
  actor?: string | undefined;
  action?: string | undefined;
  subject?: string | undefined;
  outcome?: 'SUCCESS' | 'FAILED' | undefined;
  /** Id after which the page starts; rows come newest first. */
  after?: string | undefined;
  /** 1 … 500. */
  limit: number;
}

/** One page of a tenant's audit trail, newest first; the next begins after the id of the last row. */
export function listAudit(pool: Pool, tenant: string, filter: AuditFilter): Promise<readonly AuditView[]> {
  const limit = Math.min(Math.max(filter.limit, 1), PAGE_ROWS_MAX);
  const { actor = null, action = null, subject = null, outcome = null, after = null } = filter;
  return inTenant(pool, tenant, (tx) =>
    tx.any(sql.type(auditView)`
      SELECT id, at, actor_kind, actor, host(client_ip) AS client_ip, action, subject, arguments,
             duration_ms, outcome, error_code, request_id
      FROM audit
      WHERE tenant_id = ${tenant}
        AND (${after}::uuid IS NULL OR id < ${after}::uuid)
        AND (${actor}::text IS NULL OR actor = ${actor})
        AND (${action}::text IS NULL OR action = ${action})
        AND (${subject}::text IS NULL OR subject = ${subject})
        AND (${outcome}::text IS NULL OR outcome = ${outcome})
      ORDER BY id DESC
      LIMIT ${limit}`),
  );
}
