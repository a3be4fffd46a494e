import { sql } from 'slonik';
import type { Transaction } from '../../db/pools.ts';
import { businessDaysBefore } from './coverage.ts';
import type { Matching } from './matching.ts';
import { REVERSAL_DAYS } from './results.ts';

/** Closes payouts that agree, or were decided about by people, once they cannot come back any more: nor does anybody look at them again. */
export async function closePayouts(
  tx: Transaction,
  { now, today, calendar, time_zone }: Matching,
): Promise<void> {
  const through = businessDaysBefore(today, REVERSAL_DAYS, calendar);
  await tx.query(sql.unsafe`
    UPDATE payout p SET closed_at = ${now.toISOString()}, next_look_at = NULL
    FROM pg_temp.finding f
    LEFT JOIN reconciliation_break b ON b.tenant_id = current_tenant() AND b.subject_kind = 'payout'
     AND b.subject = f.subject AND b.gateway = f.gateway
    WHERE p.tenant_id = current_tenant() AND f.subject_kind = 'payout' AND f.subject = p.id::text
      AND p.settled_at IS NOT NULL AND p.closed_at IS NULL
      AND (p.settled_at AT TIME ZONE ${time_zone})::date < ${through}::date
      AND (f.result = 'matched' OR f.result = 'late' OR b.state IN ('explained', 'resolved') AND b.resolution <> 'gone')`);
}
