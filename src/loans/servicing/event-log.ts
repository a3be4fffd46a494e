import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import { minorText, minorUnits } from '../schedule.ts';

const eventRow = z.object({
  loan_id: z.string(),
  seq: z.number(),
  kind: z.string(),
  effective_on: z.string(),
  business_date: z.string(),
  amount: z
    .string()
    .nullable()
    .transform((text) => (text === null ? 0n : minorUnits(text))),
  detail: z.record(z.string(), z.unknown()),
  reverses: z.number().nullable(),
  journal_id: z.string().nullable(),
});
/** Something that was done to a loan. The amount is in minor units. */
export type LoanEvent = z.output<typeof eventRow>;

export type NewLoanEvent = Omit<LoanEvent, 'seq'>;

/** Adds to what was done to loans, in the order given; the caller holds the loans' locks. @returns their seqs. */
export async function recordEvents(
  tx: Transaction,
  events: readonly NewLoanEvent[],
  posted_at: Date,
): Promise<number[]> {
  if (events.length === 0) return [];
  const rows = events.map((event, index) => [
    ...[event.loan_id, index + 1, event.kind, event.effective_on, event.business_date],
    ...[minorText(event.amount), JSON.stringify(event.detail), event.reverses, event.journal_id],
  ]);
  const seqs = await tx.any(sql.type(z.object({ place: z.number(), seq: z.number() }))`
    WITH given AS (
      SELECT * FROM ${sql.unnest(rows, [
        ...['uuid', 'int4', 'text', 'date', 'date', 'numeric', 'jsonb', 'int4', 'uuid'],
      ])} AS row(loan_id, place, kind, effective_on, business_date, amount, detail, reverses, journal_id)
    ), numbered AS (
      SELECT given.*, (last.seq + row_number() OVER (PARTITION BY given.loan_id ORDER BY place))::int4 AS seq
      FROM given CROSS JOIN LATERAL (
        SELECT coalesce(max(e.seq), 0) AS seq FROM loan_event e
        WHERE e.tenant_id = current_tenant() AND e.loan_id = given.loan_id) AS last
    ), written AS (
      INSERT INTO loan_event (tenant_id, loan_id, seq, kind, effective_on, business_date, posted_at, amount,
                              detail, reverses, journal_id)
      SELECT current_tenant(), loan_id, seq, kind, effective_on, business_date, ${posted_at.toISOString()},
             amount, detail, reverses, journal_id
      FROM numbered
    )
    SELECT place, seq FROM numbered ORDER BY place`);
  return seqs.map(({ seq }) => seq);
}

/** What was done to a loan, in the order of the books. */
export function eventsOf(tx: Transaction, loan: string): Promise<readonly LoanEvent[]> {
  return tx.any(sql.type(eventRow)`
    SELECT loan_id, seq, kind, effective_on, business_date, amount, detail, reverses, journal_id
    FROM loan_event WHERE tenant_id = current_tenant() AND loan_id = ${loan} ORDER BY seq`);
}
