import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import type { Payload } from '../payload.ts';

const truth = z.object({ is_true: z.boolean() });

/** Whether a loan still runs and, where the message is about an instalment, whether that is still owed. */
export function stillTrue(
  tx: Transaction,
  { loan, instalment }: NonNullable<Payload['about']>,
): Promise<boolean> {
  return tx.oneFirst(sql.prepared('notification_still_true', truth)`
    SELECT EXISTS (
      SELECT FROM loan WHERE tenant_id = current_tenant() AND id = ${loan}
        AND state NOT IN ('closed', 'foreclosed', 'written-off', 'cancelled'))
    AND (${instalment ?? null}::int IS NULL OR EXISTS (
      SELECT FROM instalment WHERE tenant_id = current_tenant() AND loan_id = ${loan} AND number = ${instalment ?? null}
        AND paid_on IS NULL)) AS is_true`);
}
