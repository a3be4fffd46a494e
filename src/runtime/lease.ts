import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../db/pools.ts';

/**
 * Stores a staged job's intent and takes the lease under which its call runs. Until the lease is over no
 * twin may claim the job; then the sweeper brings it to a worker that resumes with the same intent.
 */
export async function takeLease(
  tx: Transaction,
  id: string,
  lease: { token: string; intent: unknown; lease_ms: number },
): Promise<void> {
  await tx.query(sql.prepared('take_lease', z.object({}))`
    UPDATE job SET intent = ${JSON.stringify(lease.intent ?? null)}::jsonb, lease_token = ${lease.token},
                   lease_until = clock_timestamp() + ${lease.lease_ms} * interval '1 millisecond',
                   sweep_at = clock_timestamp() + ${lease.lease_ms} * interval '1 millisecond'
    WHERE tenant_id = current_tenant() AND id = ${id}`);
}

/** Locks a leased job for settling. @returns false when the lease was lost to another worker */
export async function holdsLease(tx: Transaction, id: string, token: string): Promise<boolean> {
  const held = await tx.maybeOne(sql.prepared('holds_lease', z.object({ held: z.boolean() }))`
    SELECT true AS held FROM job
    WHERE tenant_id = current_tenant() AND id = ${id} AND state = 'pending' AND lease_token = ${token}
    FOR NO KEY UPDATE`);
  return held !== null;
}
