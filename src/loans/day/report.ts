import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import { formatAmount, toDecimal } from '../../ledger/money.ts';
import type { Sealer } from '../../ledger/sealer.ts';
import { lastSealOf } from '../../ledger/statements.ts';

const SET_ASIDE_NAMED_MAX = 100;

const money = z.string().transform((text) => formatAmount(toDecimal(text)));
const tallyRow = z.object({
  begun_at: z.date(),
  chunks: z.number(),
  loans: z.number(),
  done: z.number(),
  refused: z.number(),
  journals: z.number(),
  interest: money,
  penal: money,
  tax: money,
  reminders: z.number(),
});
const kindRow = z.object({ kind: z.string(), currency: z.string(), journals: z.number(), amount: money });
const classRow = z.object({ asset_class: z.string(), loans: z.number(), principal: money });
const asideRow = z.object({
  loan: z.string(),
  code: z.string(),
  message: z.string(),
  since_date: z.string(),
});
const lapsedRow = z.object({ approvals: z.number(), quotes: z.number(), holds: z.number() });
const troubledRow = z.object({ kind: z.string(), state: z.string(), jobs: z.number() });

/** The report on a business day: what went in, what was done, what was refused. Amounts as text. */
export interface DayReport {
  tenant: string;
  business_date: string;
  begun_at: string;
  closed_at: string;
  carried: Omit<z.output<typeof tallyRow>, 'begun_at'>;
  journals: readonly z.output<typeof kindRow>[];
  asset_classes: readonly z.output<typeof classRow>[];
  set_aside: readonly z.output<typeof asideRow>[];
  /** What expired since the day before was closed. */
  lapsed: z.output<typeof lapsedRow>;
  /** The invariants that were found to hold, by name. */
  invariants: readonly string[];
  /** Jobs that wait for a person. */
  troubled: readonly z.output<typeof troubledRow>[];
  seal: { number: string; hash: string } | null;
}

/** Puts the report of a shut day together. */
export async function reportOf(
  tx: Transaction,
  { tenant, business_date, closed_at }: { tenant: string; business_date: string; closed_at: Date },
): Promise<DayReport> {
  const { begun_at, ...carried } = await tx.one(sql.type(tallyRow)`
    SELECT d.begun_at, d.chunks, c.*
    FROM business_day d CROSS JOIN LATERAL (
      SELECT coalesce(sum(loans), 0)::int4 AS loans, coalesce(sum(done), 0)::int4 AS done,
             coalesce(sum(refused), 0)::int4 AS refused, coalesce(sum(journals), 0)::int4 AS journals,
             coalesce(sum(interest), 0) AS interest, coalesce(sum(penal), 0) AS penal,
             coalesce(sum(tax), 0) AS tax, coalesce(sum(reminders), 0)::int4 AS reminders
      FROM day_chunk WHERE tenant_id = d.tenant_id AND business_date = d.business_date) AS c
    WHERE d.tenant_id = current_tenant() AND d.business_date = ${business_date}`);
  const journals = await tx.any(sql.type(kindRow)`
    SELECT j.kind, e.currency, count(DISTINCT j.id)::int4 AS journals,
           sum(e.amount) FILTER (WHERE e.direction = 'debit') AS amount
    FROM journal j JOIN entry e ON e.tenant_id = j.tenant_id AND e.journal_id = j.id
    WHERE j.tenant_id = current_tenant() AND j.business_date = ${business_date}
    GROUP BY j.kind, e.currency ORDER BY j.kind, e.currency`);
  const asset_classes = await tx.any(sql.type(classRow)`
    SELECT l.asset_class, count(*)::int4 AS loans, sum(a.balance) AS principal
    FROM loan l JOIN account a ON a.tenant_id = l.tenant_id AND a.id = l.principal_account
    WHERE l.tenant_id = current_tenant() AND l.state = 'active'
    GROUP BY l.asset_class ORDER BY l.asset_class`);
  const set_aside = await tx.any(sql.type(asideRow)`
    SELECT loan_id AS loan, code, message, business_date AS since_date FROM loan_set_aside
    WHERE tenant_id = current_tenant() ORDER BY loan_id LIMIT ${SET_ASIDE_NAMED_MAX}`);
  const invariants = await tx.anyFirst(sql.type(z.object({ name: z.string() }))`
    SELECT c.name FROM business_day d CROSS JOIN LATERAL jsonb_to_recordset(d.checked) AS c(name text)
    WHERE d.tenant_id = current_tenant() AND d.business_date = ${business_date}`);
  const lapsed = await lapsedBy(tx, business_date, closed_at);
  const troubled = await tx.any(sql.type(troubledRow)`
    SELECT kind, state, count(*)::int4 AS jobs FROM job
    WHERE tenant_id = current_tenant() AND state IN ('dead', 'held')
    GROUP BY kind, state ORDER BY kind, state`);
  const last = await lastSealOf(tx);
  const seal = last && { number: last.number, hash: last.hash };
  return {
    ...{ tenant, business_date, begun_at: begun_at.toISOString(), closed_at: closed_at.toISOString() },
    ...{ carried, journals, asset_classes, set_aside, lapsed, invariants, troubled, seal },
  };
}

/** What came to its end by itself between the close of the day before and this one. */
function lapsedBy(tx: Transaction, business_date: string, closed_at: Date) {
  return tx.one(sql.type(lapsedRow)`
    WITH before AS (
      SELECT coalesce(max(closed_at), '-infinity') AS closed_at,
             coalesce(max(business_date), '-infinity') AS business_date
      FROM business_day
      WHERE tenant_id = current_tenant() AND business_date < ${business_date}
    )
    SELECT (SELECT count(*)::int4 FROM approval
            WHERE tenant_id = current_tenant() AND state = 'expired' AND ended_at > before.closed_at
              AND ended_at <= ${closed_at.toISOString()}) AS approvals,
           (SELECT count(*)::int4 FROM foreclosure_quote
            WHERE tenant_id = current_tenant() AND state = 'expired' AND valid_until > before.business_date
              AND valid_until <= ${business_date}) AS quotes,
           (SELECT count(*)::int4 FROM journal
            WHERE tenant_id = current_tenant() AND business_date = ${business_date}
              AND kind = 'wallet.hold-expire') AS holds
    FROM before`);
}

/** Signs the report and closes the day with it. */
export async function closeDay(tx: Transaction, sealer: Sealer, report: DayReport): Promise<void> {
  const signature = sealer.sign(Buffer.from(JSON.stringify(report)));
  await tx.query(sql.unsafe`
    UPDATE business_day
    SET state = 'closed', closed_at = ${report.closed_at}, report = ${JSON.stringify(report)}::json,
        key_id = ${sealer.key_id}, signature = ${sql.binary(signature)}
    WHERE tenant_id = current_tenant() AND business_date = ${report.business_date} AND state = 'shut'`);
}
