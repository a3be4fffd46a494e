import { sql } from 'slonik';
import { z } from 'zod';
import { businessDate, type IsoDate, localTime, nextBusinessDate } from '../../calendar/business-date.ts';
import type { Transaction } from '../../db/pools.ts';
import { businessDayAt } from '../../ledger/business-day.ts';
import { DAY_STATES } from './begin.ts';

/** Local time from which a business day may be closed, and is by itself. */
export const CLOSES_AT = '23:00';

const WAITING_NAMED_MAX = 20;
/** Longer missed than this, days are named a part at a time. */
const MISSED_NAMED_MAX = 400;

const dayRow = z.object({
  business_date: z.string(),
  state: z.enum(DAY_STATES),
  begun_at: z.date(),
  closed_at: z.date().nullable(),
  chunks: z.number(),
  chunks_done: z.number(),
  loans: z.number(),
  refused: z.number(),
});
/** How far the close of a day is. */
export type DayView = z.output<typeof dayRow>;

const columns = sql.fragment`
  d.business_date, d.state, d.begun_at, d.closed_at, d.chunks, d.chunks_done, c.loans, c.refused
  FROM business_day d CROSS JOIN LATERAL (
    SELECT coalesce(sum(loans), 0)::int4 AS loans, coalesce(sum(refused), 0)::int4 AS refused
    FROM day_chunk WHERE tenant_id = d.tenant_id AND business_date = d.business_date) AS c`;

/** Days that were begun or closed, newest first, from before `after` on. */
export function listDays(
  tx: Transaction,
  { after, limit }: { after?: IsoDate | undefined; limit: number },
): Promise<readonly DayView[]> {
  return tx.any(sql.type(dayRow)`
    SELECT ${columns}
    WHERE d.tenant_id = current_tenant() AND d.business_date < coalesce(${after ?? null}::text::date, 'infinity')
    ORDER BY d.business_date DESC LIMIT ${limit}`);
}

const closedRow = dayRow.extend({
  /** To the letter, since the signature is over it. */
  report: z.string().nullable(),
  key_id: z.string().nullable(),
  signature: z.instanceof(Buffer).nullable(),
});
export type DayWithReport = z.output<typeof closedRow>;

/** A day with its report; null where it was not begun. */
export function dayWithReport(tx: Transaction, business_date: IsoDate): Promise<DayWithReport | null> {
  return tx.maybeOne(sql.type(closedRow)`
    SELECT d.report::text AS report, d.key_id, d.signature, ${columns}
    WHERE d.tenant_id = current_tenant() AND d.business_date = ${business_date}`);
}

const asideRow = z.object({
  loan: z.string(),
  business_date: z.string(),
  code: z.string(),
  message: z.string(),
  since: z.date(),
});
export type LoanSetAside = z.output<typeof asideRow>;

/** Loans that the close of a day could not carry, by id. */
export function loansSetAsideAfter(
  tx: Transaction,
  { after, limit }: { after?: string | undefined; limit: number },
): Promise<readonly LoanSetAside[]> {
  return tx.any(sql.type(asideRow)`
    SELECT loan_id AS loan, business_date, code, message, since FROM loan_set_aside
    WHERE tenant_id = current_tenant() AND loan_id > coalesce(${after ?? null}::text::uuid, '00000000-0000-0000-0000-000000000000')
    ORDER BY loan_id LIMIT ${limit}`);
}

const waitingRow = z.object({
  id: z.string(),
  kind: z.string(),
  key: z.string(),
  state: z.string(),
  code: z.string().nullable(),
  message: z.string().nullable(),
});
/** A job that the close of a day waits for. */
export type Waiting = z.output<typeof waitingRow>;

/** The jobs of a day's close that are not done, those first that a person must look at. */
export function waitingFor(tx: Transaction, business_date: IsoDate): Promise<readonly Waiting[]> {
  return tx.any(sql.type(waitingRow)`
    SELECT id, kind, key, state, code, message FROM job
    WHERE tenant_id = current_tenant() AND state IN ('pending', 'held', 'dead')
      AND kind IN ('day.close', 'day.carry', 'day.finish', 'day.report')
      AND payload->>'business_date' = ${business_date}
    ORDER BY state = 'pending', id LIMIT ${WAITING_NAMED_MAX}`);
}

export interface DaysStanding {
  time_zone: string;
  today: IsoDate;
  /** What is posted now is dated so. */
  books_of: IsoDate;
  /** The last day whose books are shut; null where none was. */
  shut_through: IsoDate | null;
  /** The day that is being closed, and what its close waits for. */
  closing: (DayView & { waits_for: readonly Waiting[] }) | null;
  /** Business days that are over and not begun, in the order in which they will be closed. */
  missed: IsoDate[];
  /** The first day that can be closed next, and whether its time has come. */
  next: IsoDate;
  is_due: boolean;
  set_aside: readonly LoanSetAside[];
}

/** Where the closing of a tenant's days stands at an instant. */
export async function daysStanding(tx: Transaction, tenant: string, now: Date): Promise<DaysStanding> {
  const { today, business_date, shut_through, calendar } = await businessDayAt(tx, tenant, now);
  const [last] = await listDays(tx, { limit: 1 });
  const current = businessDate(now, calendar);
  const time = localTime(now, calendar.time_zone);
  const next = last ? nextBusinessDate(last.business_date, calendar) : current;
  const missed: IsoDate[] = [];
  const isOver = (date: IsoDate) => date < today || (date === today && time >= CLOSES_AT);
  for (let date = next; isOver(date) && missed.length < MISSED_NAMED_MAX; ) {
    missed.push(date);
    date = nextBusinessDate(date, calendar);
  }
  const closing = last && last.state !== 'closed' ? last : null;
  return {
    ...{ time_zone: calendar.time_zone, today, books_of: business_date, shut_through },
    closing: closing && { ...closing, waits_for: await waitingFor(tx, closing.business_date) },
    ...{ missed, next, is_due: isOver(next) },
    set_aside: await loansSetAsideAfter(tx, { limit: WAITING_NAMED_MAX }),
  };
}

export type CloseRefusal = { code: 'day-not-over' | 'not-next-day'; message: string };

/** Why a day cannot be asked to be closed; null where it can, or was before. */
export async function closeRefusal(
  tx: Transaction,
  tenant: string,
  business_date: IsoDate,
  now: Date,
): Promise<CloseRefusal | null> {
  const { today, next } = await daysStanding(tx, tenant, now);
  if (business_date > today) {
    return { code: 'day-not-over', message: `${business_date} is still to come; today is ${today}.` };
  }
  const begun = await dayWithReport(tx, business_date);
  if (begun || business_date === next) return null;
  return { code: 'not-next-day', message: `${next} is the next day to close, not ${business_date}.` };
}
