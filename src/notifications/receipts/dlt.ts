import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import type { EventDraft } from '../../events/emit.ts';
import { businessDateAt } from '../../ledger/business-day.ts';
import type { ReceiptMessage } from './messages.ts';

/** What was written without a template is told of under this name. */
const NO_TEMPLATE = '';

/**
 * The networks dropped a text since it is not the one that is registered: somebody must mend template or registration,
 * or every other text of the template is dropped as well. Told once a template and day.
 * @returns what is to be told; null where it was
 */
export async function dltRejected(
  tx: Transaction,
  tenant: string,
  { id, notification_id, template, template_version }: ReceiptMessage,
  at: Date,
): Promise<EventDraft | null> {
  const business_date = await businessDateAt(tx, tenant, at);
  const fresh = await tx.maybeOneFirst(sql.type(z.object({ message_id: z.string() }))`
    INSERT INTO notification_dlt_rejection (tenant_id, template, business_date, message_id)
    VALUES (current_tenant(), ${template ?? NO_TEMPLATE}, ${business_date}, ${id})
    ON CONFLICT (tenant_id, template, business_date) DO NOTHING
    RETURNING message_id`);
  if (!fresh) return null;
  const data = { notification: notification_id, message: id, template, template_version };
  return { subject: id, type: 'notification.dlt-rejected', at, business_date, data };
}
