import { sql } from 'slonik';
import { z } from 'zod';
import type { Pool, Transaction } from '../../db/pools.ts';
import type { JobRequest } from '../../runtime/definition.ts';
import { lookAfterLost } from '../lost-looks.ts';

export const LOOK_KIND = 'payments.look-collection';
export const LOOKED_AT = ['order', 'refund', 'collection'] as const;
export type LookedAt = (typeof LOOKED_AT)[number];

/** What one pass takes at most, of each kind. */
const LOOKS_PER_PASS_MAX = 200;

/** The job that asks the gateway how something stands. @param why tells one look from another */
export function lookAt(of: LookedAt, id: string, why: string): JobRequest {
  return { kind: LOOK_KIND, payload: { of, id, why } };
}

/** Tenants with orders or refunds that are to be looked at. @param carrierPool acts as kist_carrier */
export function tenantsToLookAt(carrierPool: Pool, now: Date): Promise<readonly string[]> {
  const at = now.toISOString();
  return carrierPool.anyFirst(sql.prepared(
    'tenants_with_collection_looks',
    z.object({ tenant_id: z.string() }),
  )`
    SELECT tenant_id FROM tenant
    WHERE EXISTS (
        SELECT FROM collection_order o
        WHERE o.tenant_id = tenant.tenant_id AND o.next_look_at <= ${at}::text::timestamptz)
      OR EXISTS (
        SELECT FROM refund r WHERE r.tenant_id = tenant.tenant_id AND r.next_look_at <= ${at}::text::timestamptz)
    ORDER BY random()`);
}

const dueRow = z.object({ of: z.enum(LOOKED_AT), id: z.string(), at: z.date() });

/** Takes what is to be looked at by now, and says which jobs look at it; each once a time. */
export async function takeLooks(tx: Transaction, now: Date): Promise<JobRequest[]> {
  const at = now.toISOString();
  const again = lookAfterLost(now).toISOString();
  const due = await tx.any(sql.prepared('take_collection_looks', dueRow)`
    WITH orders AS (
      SELECT id, next_look_at FROM collection_order
      WHERE tenant_id = current_tenant() AND next_look_at <= ${at}::text::timestamptz
      ORDER BY next_look_at LIMIT ${LOOKS_PER_PASS_MAX} FOR NO KEY UPDATE SKIP LOCKED
    ), refunds AS (
      SELECT id, next_look_at FROM refund
      WHERE tenant_id = current_tenant() AND next_look_at <= ${at}::text::timestamptz
      ORDER BY next_look_at LIMIT ${LOOKS_PER_PASS_MAX} FOR NO KEY UPDATE SKIP LOCKED
    ), taken_orders AS (
      UPDATE collection_order o SET next_look_at = ${again}::text::timestamptz FROM orders
      WHERE o.tenant_id = current_tenant() AND o.id = orders.id
    ), taken_refunds AS (
      UPDATE refund r SET next_look_at = ${again}::text::timestamptz FROM refunds
      WHERE r.tenant_id = current_tenant() AND r.id = refunds.id
    )
    SELECT 'order' AS of, id, next_look_at AS at FROM orders
    UNION ALL SELECT 'refund', id, next_look_at FROM refunds`);
  return due.map(({ of, id, at }) => lookAt(of, id, at.toISOString()));
}
