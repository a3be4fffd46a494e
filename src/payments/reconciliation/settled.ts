import { sql } from 'slonik';
import type { Transaction } from '../../db/pools.ts';
import type { Matching } from './matching.ts';

/** Writes down that a settlement held what agrees: collections move on, and nobody looks for them any more. */
export async function markSettled(tx: Transaction, { now, business_date, loads }: Matching): Promise<void> {
  const detail = JSON.stringify({ loads });
  await tx.query(sql.unsafe`
    WITH settled AS (
      UPDATE collection c SET state = 'settled'
      FROM pg_temp.finding f
      WHERE f.subject_kind = 'collection' AND f.result IN ('matched', 'late') AND c.tenant_id = current_tenant()
        AND c.id::text = f.subject AND c.state IN ('captured', 'won')
      RETURNING c.id, old.state AS was
    )
    INSERT INTO payment_move (tenant_id, subject, seq, kind, from_state, to_state, evidence, detail, at, business_date)
    SELECT current_tenant(), s.id, 1 + coalesce((
             SELECT max(m.seq) FROM payment_move m WHERE m.tenant_id = current_tenant() AND m.subject = s.id), 0),
           'collection', s.was, 'settled', 'statement', ${detail}::jsonb, ${now.toISOString()}::timestamptz,
           ${business_date}::date
    FROM settled s`);
  await tx.query(sql.unsafe`
    UPDATE refund r SET settled_on = ${business_date}::date
    FROM pg_temp.finding f
    WHERE f.subject_kind = 'refund' AND f.result IN ('matched', 'late') AND r.tenant_id = current_tenant()
      AND r.id::text = f.subject AND r.settled_on IS NULL`);
}
