import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import type { TransactionContext } from '../../runtime/definition.ts';
import type { Desk } from '../servicing/book.ts';
import { followUp } from '../servicing/consequences.ts';
import { lockForDay } from '../servicing/load.ts';
import { carryThrough } from './chunk.ts';

/** Carries one loan that was set aside through the last day that was begun, and takes it back among the others. */
export async function carrySetAside(
  tx: Transaction,
  desk: Desk,
  { accept }: Pick<TransactionContext, 'accept'>,
  loan: string,
): Promise<{ through: string | null }> {
  const through = await tx.oneFirst(sql.type(z.object({ through: z.string().nullable() }))`
    SELECT max(business_date)::text AS through FROM business_day WHERE tenant_id = current_tenant()`);
  if (through === null) return { through };
  const entries = await carryThrough(
    tx,
    desk,
    [...(await lockForDay(tx, [loan], through)).values()],
    through,
  );
  await followUp(tx, accept, desk, entries);
  await tx.query(sql.unsafe`
    DELETE FROM loan_set_aside WHERE tenant_id = current_tenant() AND loan_id = ${loan}`);
  return { through };
}
