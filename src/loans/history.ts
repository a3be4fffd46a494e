import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../db/pools.ts';
import { formatAmount, toDecimal } from '../ledger/money.ts';

const money = z.string().transform((text) => formatAmount(toDecimal(text)));

export const accrualView = z.object({
  component: z.enum(['interest', 'penal']),
  instalment: z.number(),
  chargeable_day: z.string(),
  business_date: z.string(),
  posted_at: z.date(),
  amount: money,
  tax: money,
  base: money.nullable(),
  rate: z.string().nullable(),
  rule: z.string().nullable(),
  journal_id: z.string(),
  corrects: z.boolean(),
});
export type AccrualView = z.output<typeof accrualView>;

/** Where a page of accruals begins, and what was known when. */
export interface AccrualPage {
  /** Only what had been written by then; null: everything known now. */
  known_at: Date | null;
  /** The last row of the page before. */
  after: AccrualPlace;
  limit: number;
}

/** Where a row stands among those of its loan. */
export type AccrualPlace = Pick<AccrualView, 'chargeable_day' | 'component' | 'instalment' | 'journal_id'>;

export const BEFORE_ALL: AccrualPlace = {
  ...{ chargeable_day: '0001-01-01', component: 'interest', instalment: 0 },
  journal_id: '00000000-0000-0000-0000-000000000000',
};

/**
 * What each chargeable day added to a loan, with later corrections as rows of their own. What was written
 * by an earlier instant is what was known then; all of it together is what is known now.
 */
export function accrualsOf(
  tx: Transaction,
  loan: string,
  { known_at, after, limit }: AccrualPage,
): Promise<readonly AccrualView[]> {
  const until = known_at?.toISOString() ?? 'infinity';
  const beyond = sql.fragment`(chargeable_day, component, instalment, journal_id)
    > (${after.chargeable_day}::date, ${after.component}::text, ${after.instalment}::int2, ${after.journal_id}::uuid)`;
  return tx.any(sql.type(accrualView)`
    SELECT component, instalment, chargeable_day, business_date, posted_at, amount, tax, base, rate, rule,
           journal_id, false AS corrects
    FROM accrual
    WHERE tenant_id = current_tenant() AND loan_id = ${loan} AND ${beyond}
      AND posted_at <= ${until}
    UNION ALL
    SELECT component, instalment, chargeable_day, business_date, posted_at, amount, tax, NULL, NULL, NULL,
           journal_id, true
    FROM accrual_correction
    WHERE tenant_id = current_tenant() AND loan_id = ${loan} AND ${beyond}
      AND posted_at <= ${until}
    ORDER BY chargeable_day, component, instalment, journal_id
    LIMIT ${limit}`);
}

export const happeningView = z.object({
  seq: z.number(),
  kind: z.string(),
  effective_on: z.string(),
  business_date: z.string(),
  posted_at: z.date(),
  amount: money.nullable(),
  detail: z.record(z.string(), z.unknown()),
  reverses: z.number().nullable(),
  journal_id: z.string().nullable(),
});
export type HappeningView = z.output<typeof happeningView>;

/** What was done to a loan, in the order of the books. */
export function historyOf(
  tx: Transaction,
  loan: string,
  { after, limit }: { after: number; limit: number },
): Promise<readonly HappeningView[]> {
  return tx.any(sql.type(happeningView)`
    SELECT seq, kind, effective_on, business_date, posted_at, amount, detail, reverses, journal_id
    FROM loan_event
    WHERE tenant_id = current_tenant() AND loan_id = ${loan} AND seq > ${after}
    ORDER BY seq LIMIT ${limit}`);
}
