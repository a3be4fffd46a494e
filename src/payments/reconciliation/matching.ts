import { sql } from 'slonik';
import { z } from 'zod';
import type { Calendar, IsoDate } from '../../calendar/business-date.ts';
import type { Transaction } from '../../db/pools.ts';
import { businessDayAt } from '../../ledger/business-day.ts';
import { coverage, type Span } from './coverage.ts';
import type { Result, SubjectKind } from './results.ts';

/** What a comparison goes by. */
export interface Matching {
  tenant: string;
  now: Date;
  today: IsoDate;
  business_date: IsoDate;
  calendar: Calendar;
  time_zone: string;
  /** New statements: what they tell of is looked at, with all that is not settled yet. */
  loads: readonly string[];
  /** Those that are still being read. */
  hidden: readonly string[];
  spans: readonly Span[];
}

/** Makes room for what a comparison finds: one row a subject, gone with the transaction. */
export async function beginMatching(
  tx: Transaction,
  { tenant, now, loads }: Pick<Matching, 'tenant' | 'now' | 'loads'>,
): Promise<Matching> {
  // One at a time: two that judge the same break would tell two stories of it.
  await tx.query(sql.unsafe`SELECT pg_advisory_xact_lock(hashtextextended(${`reconcile/${tenant}`}, 0))`);
  await tx.query(sql.unsafe`SELECT set_config('work_mem', '128MB', true)`);
  await tx.query(sql.unsafe`
    CREATE TEMP TABLE finding (
      subject_kind text NOT NULL, subject text NOT NULL, gateway text, leg text NOT NULL, result text NOT NULL,
      currency text NOT NULL, here numeric, there numeric, happened_on date NOT NULL) ON COMMIT DROP`);
  const { today, business_date, calendar } = await businessDayAt(tx, tenant, now);
  const hidden = await tx.anyFirst(sql.type(z.object({ id: z.string() }))`
    SELECT id FROM statement_load WHERE tenant_id = current_tenant() AND loaded_at IS NULL`);
  const spans = await coverage(tx);
  const { time_zone } = calendar;
  return { tenant, now, today, business_date, calendar, time_zone, loads, hidden, spans };
}

const tallyRow = z.object({
  subject: z.custom<SubjectKind>(),
  result: z.custom<Result>(),
  currency: z.string(),
  number: z.number(),
  here: z.string(),
  there: z.string(),
});
/** How many came to the same result, and what money that is: by our books, and by theirs. */
export type Tally = z.output<typeof tallyRow>;

export function tallies(tx: Transaction): Promise<readonly Tally[]> {
  return tx.any(sql.type(tallyRow)`
    SELECT subject_kind AS subject, result, currency, count(*)::int4 AS number,
           coalesce(sum(here), 0)::numeric(30, 2)::text AS here, coalesce(sum(there), 0)::numeric(30, 2)::text AS there
    FROM pg_temp.finding GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`);
}
