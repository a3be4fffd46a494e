import { sql } from 'slonik';
import { z } from 'zod';
import type { Clock } from '../calendar/clock.ts';
import type { Transaction } from '../db/pools.ts';
import { businessDateAt } from '../ledger/business-day.ts';
import { emit } from './emit.ts';
import type { DISABLED_REASONS } from './endpoints.ts';

/** An endpoint that took nothing for so long is disabled. */
export const FAILING_DAYS_MAX = 5;

interface Moment {
  tenant: string;
  clock: Clock;
}

/** The endpoint took something again. */
export async function clearFailing(tx: Transaction, id: string): Promise<void> {
  await tx.query(sql.unsafe`
    UPDATE webhook_endpoint SET failing_since = NULL WHERE tenant_id = current_tenant() AND id = ${id}`);
}

/** A delivery failed; one failure after FAILING_DAYS_MAX days of nothing else disables the endpoint. */
export async function noteFailure(tx: Transaction, moment: Moment, id: string): Promise<void> {
  const too_long = await tx.maybeOneFirst(sql.type(z.object({ too_long: z.boolean() }))`
    UPDATE webhook_endpoint SET failing_since = coalesce(failing_since, now())
    WHERE tenant_id = current_tenant() AND id = ${id}
    RETURNING failing_since < now() - ${FAILING_DAYS_MAX} * interval '1 day' AS too_long`);
  if (too_long) await disable(tx, moment, id, 'failing');
}

/** Disables an endpoint that is enabled, and tells the tenant's other endpoints of it. */
export async function disable(
  tx: Transaction,
  { tenant, clock }: Moment,
  id: string,
  reason: (typeof DISABLED_REASONS)[number],
): Promise<void> {
  const { rowCount } = await tx.query(sql.unsafe`
    UPDATE webhook_endpoint SET state = 'disabled', disabled_at = now(), disabled_reason = ${reason}
    WHERE tenant_id = current_tenant() AND id = ${id} AND state = 'enabled'`);
  if (rowCount === 0) return;
  const at = clock.now();
  const business_date = await businessDateAt(tx, tenant, at);
  const data = { endpoint: id, reason };
  await emit(tx, [{ subject: id, type: 'webhook-endpoint.disabled', at, business_date, data }]);
}
