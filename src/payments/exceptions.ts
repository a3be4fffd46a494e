import { sql } from 'slonik';
import type { Transaction } from '../db/pools.ts';
import { businessDateAt } from '../ledger/business-day.ts';
import type { MovingKind } from './moves.ts';
import type { Occasion } from './occasion.ts';

/** What no machine may decide. */
export interface ExceptionDraft {
  kind: MovingKind | 'callback';
  subject: string;
  code: string;
  message: string;
}

/** Puts something before people; the same of the same subject once, for as long as it is open. */
export async function raiseException(
  tx: Transaction,
  { tenant, clock, evidence, detail }: Pick<Occasion, 'tenant' | 'clock' | 'evidence' | 'detail'>,
  { kind, subject, code, message }: ExceptionDraft,
): Promise<void> {
  const now = clock.now();
  const business_date = await businessDateAt(tx, tenant, now);
  await tx.query(sql.unsafe`
    INSERT INTO payment_exception (tenant_id, kind, subject, code, message, detail, raised_at, business_date)
    SELECT current_tenant(), ${kind}, ${subject}::uuid, ${code}, ${message},
           ${JSON.stringify({ evidence, ...detail })}::jsonb, ${now.toISOString()}, ${business_date}
    WHERE NOT EXISTS (
      SELECT FROM payment_exception
      WHERE tenant_id = current_tenant() AND subject = ${subject} AND code = ${code} AND resolved_at IS NULL)`);
}
