import { type FragmentSqlToken, sql } from 'slonik';
import { z } from 'zod';
import { addDays, type Calendar, type IsoDate, isBusinessDate } from '../../calendar/business-date.ts';
import type { Transaction } from '../../db/pools.ts';

const spanRow = z.object({
  kind: z.enum(['bank', 'settlement', 'account']),
  gateway: z.string().nullable(),
  from_on: z.string(),
  to_on: z.string(),
});

/** From when to when statements of a kind were read. */
export type Span = z.output<typeof spanRow>;

export function coverage(tx: Transaction): Promise<readonly Span[]> {
  return tx.any(sql.type(spanRow)`
    SELECT kind, gateway, min(from_on) AS from_on, max(to_on) AS to_on FROM statement_load
    WHERE tenant_id = current_tenant() AND loaded_at IS NOT NULL AND from_on IS NOT NULL
    GROUP BY kind, gateway`);
}

/** The business date `days` of them before `date`. @throws RangeError where the calendar is wrong */
export function businessDaysBefore(date: IsoDate, days: number, calendar: Calendar): IsoDate {
  let back = date;
  const limit = addDays(date, -BACK_DAYS_MAX);
  for (let left = days; left > 0; ) {
    back = addDays(back, -1);
    if (back < limit) throw new RangeError(`No ${days} business dates before ${date}: check the holidays.`);
    if (isBusinessDate(back, calendar)) left -= 1;
  }
  return back;
}

const BACK_DAYS_MAX = 90;

/**
 * The spans as rows of a query: what happened from `from_on` to `due_on` must be on a statement by now.
 * @param days business days that may pass before it is
 */
export function dueRows(spans: readonly Span[], kind: Span['kind'], days: number, calendar: Calendar) {
  const rows = spans
    .filter((span) => span.kind === kind)
    .map(({ gateway, from_on, to_on }) => [gateway, from_on, businessDaysBefore(to_on, days, calendar)]);
  return sql.fragment`(SELECT * FROM ${sql.unnest(rows, ['text', 'date', 'date'])} AS span (gateway, from_on, due_on))`;
}

/**
 * Whether more than `days` business days lie between two columns. Days of the calendar are counted first: nearly
 * always they decide, and cost a hundredth.
 */
export function isLater(
  from_on: FragmentSqlToken,
  to_on: FragmentSqlToken,
  days: number,
  { holidays }: Calendar,
): FragmentSqlToken {
  return sql.fragment`(${to_on} - ${from_on} > ${days}
    AND business_days(${from_on}, ${to_on}, ${sql.array([...holidays], 'date')}) > ${days})`;
}
