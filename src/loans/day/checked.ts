import { sql } from 'slonik';
import { v5 as uuidv5 } from 'uuid';
import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import { emit } from '../../events/emit.ts';
import type { Checked } from '../../ledger/invariants.ts';

/** Makes a day of a tenant a subject of events. */
const DAYS_NAMESPACE = '0197a3c0-5a1e-7b57-9d3c-6b6973740006';

/**
 * Writes down what was checked before a day is shut.
 * @returns whether something else is broken than when it was last checked
 */
export async function noteChecked(
  tx: Transaction,
  business_date: string,
  checked: readonly Checked[],
): Promise<boolean> {
  const text = JSON.stringify(checked);
  return tx.oneFirst(sql.type(z.object({ is_news: z.boolean() }))`
    UPDATE business_day new SET checked = ${text}::jsonb
    FROM business_day old
    WHERE new.tenant_id = current_tenant() AND new.business_date = ${business_date}
      AND old.tenant_id = new.tenant_id AND old.business_date = new.business_date
    RETURNING old.checked IS DISTINCT FROM ${text}::jsonb AS is_news`);
}

/** An event `invariant.broken` for each that does not hold. */
export async function tellBroken(
  tx: Transaction,
  { tenant, business_date, at }: { tenant: string; business_date: string; at: Date },
  checked: readonly Checked[],
): Promise<void> {
  const subject = uuidv5(`${tenant}/${business_date}`, DAYS_NAMESPACE);
  const broken = checked.filter(({ holds }) => !holds);
  await emit(
    tx,
    broken.map(({ name, detail }) => ({
      ...{ subject, type: 'invariant.broken', at, business_date },
      data: { invariant: name, detail, business_date },
    })),
  );
}

/** That a day was closed, for those who subscribe to `day.closed`. */
export async function tellClosed(
  tx: Transaction,
  { tenant, business_date, at }: { tenant: string; business_date: string; at: Date },
  data: Record<string, unknown>,
): Promise<void> {
  const subject = uuidv5(`${tenant}/${business_date}`, DAYS_NAMESPACE);
  await emit(tx, [{ subject, type: 'day.closed', at, business_date, data: { business_date, ...data } }]);
}
