import { sql } from 'slonik';
import { z } from 'zod';
import {
  bookDate,
  type Calendar,
  type IsoDate,
  localDate,
  nextBusinessDate,
} from '../calendar/business-date.ts';
import type { Transaction } from '../db/pools.ts';

const dayRow = z.object({
  time_zone: z.string(),
  holidays: z.array(z.string()),
  shut_through: z.string().nullable(),
});

/** Where a tenant stands in business time. */
export interface BusinessDay {
  /** The day on the tenant's wall. */
  today: IsoDate;
  /** What journals posted now are dated. */
  business_date: IsoDate;
  /** Last day whose books are shut; null where none was. */
  shut_through: IsoDate | null;
  calendar: Calendar;
}

/** Time zone and holidays of the transaction's tenant. */
export async function calendarOf(tx: Transaction, tenant: string): Promise<Calendar> {
  return (await businessDayAt(tx, tenant, new Date(0))).calendar;
}

/** Where the tenant stands at `instant`. */
export async function businessDayAt(tx: Transaction, tenant: string, instant: Date): Promise<BusinessDay> {
  const { time_zone, holidays, shut_through } = await tx.one(sql.prepared('business_day', dayRow)`
    SELECT time_zone,
           ARRAY(SELECT to_char(on_date, 'YYYY-MM-DD') FROM holiday h WHERE h.tenant_id = t.tenant_id) AS holidays,
           (SELECT to_char(d.business_date, 'YYYY-MM-DD') FROM business_day d
            WHERE d.tenant_id = t.tenant_id AND d.state IN ('shut', 'closed')
            ORDER BY d.business_date DESC LIMIT 1) AS shut_through
    FROM tenant t
    WHERE tenant_id = ${tenant}`);
  const calendar = { time_zone, holidays: new Set(holidays) };
  const today = localDate(instant, time_zone);
  return { today, shut_through, calendar, business_date: openBookDate(today, { calendar, shut_through }) };
}

/** The tenant's business date at `instant`, `YYYY-MM-DD`: what journals posted then are dated. */
export async function businessDateAt(tx: Transaction, tenant: string, instant: Date): Promise<string> {
  return (await businessDayAt(tx, tenant, instant)).business_date;
}

/**
 * The day in whose books something of `date` stands: the first business date on or after it whose books
 * are not shut. What happens on a weekend or a holiday belongs to the business date that follows.
 */
export function openBookDate(
  date: IsoDate,
  { calendar, shut_through }: Pick<BusinessDay, 'calendar' | 'shut_through'>,
): IsoDate {
  const regular = bookDate(date, calendar);
  return shut_through === null || regular > shut_through ? regular : nextBusinessDate(shut_through, calendar);
}
