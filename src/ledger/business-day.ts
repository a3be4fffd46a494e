import { sql } from 'slonik';
import { z } from 'zod';
import { businessDate, type Calendar } from '../calendar/business-date.ts';
import type { Transaction } from '../db/pools.ts';

const calendarRow = z.object({ time_zone: z.string(), holidays: z.array(z.string()) });

/** Time zone and holidays of the transaction's tenant. */
export async function calendarOf(tx: Transaction, tenant: string): Promise<Calendar> {
  const { time_zone, holidays } = await tx.one(sql.type(calendarRow)`
    SELECT time_zone,
           ARRAY(SELECT to_char(on_date, 'YYYY-MM-DD') FROM holiday h WHERE h.tenant_id = t.tenant_id) AS holidays
    FROM tenant t
    WHERE tenant_id = ${tenant}`);
  return { time_zone, holidays: new Set(holidays) };
}

/** The tenant's business date at `instant`, `YYYY-MM-DD`: what journals posted then are dated. */
export async function businessDateAt(tx: Transaction, tenant: string, instant: Date): Promise<string> {
  return businessDate(instant, await calendarOf(tx, tenant));
}
