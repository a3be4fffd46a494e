import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../db/pools.ts';

/** What the transaction's tenant has chosen under this name, or the schema's defaults. */
export async function settingOf<Schema extends z.ZodType>(
  tx: Transaction,
  name: string,
  schema: Schema,
): Promise<z.output<Schema>> {
  const row = await tx.maybeOne(sql.type(z.object({ value: z.unknown() }))`
    SELECT value FROM tenant_setting WHERE tenant_id = current_tenant() AND name = ${name}`);
  return schema.parse(row?.value ?? {});
}

/** Keeps a choice of the transaction's tenant. */
export async function keepSetting(
  tx: Transaction,
  name: string,
  value: object,
  changed_by: string,
): Promise<void> {
  await tx.query(sql.unsafe`
    INSERT INTO tenant_setting (tenant_id, name, value, changed_by)
    VALUES (current_tenant(), ${name}, ${JSON.stringify(value)}::jsonb, ${changed_by})
    ON CONFLICT (tenant_id, name) DO UPDATE
    SET value = excluded.value, changed_by = excluded.changed_by, changed_at = now()`);
}
