import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../db/pools.ts';
import { type Days, type Invariant, verdict } from './invariants.ts';

/**
 * Sub-ledger against general ledger. Accounts that keep a balance fall into classes by their code
 * (`wallet`, `loan/principal` …), per currency. What they hold together must be what they held together when
 * the last day was shut, and what was posted to them since. So nobody has to add up all entries there ever
 * were; and where a class is off, its accounts are compared one by one to name the first bad one.
 */

/** An account's class: its code without the id in the middle. */
const CLASS = sql.fragment`
  CASE WHEN a.code LIKE '%/%/%' THEN split_part(a.code, '/', 1) || '/' || split_part(a.code, '/', 3)
       ELSE split_part(a.code, '/', 1) END`;

const SIGNED = sql.fragment`
  CASE WHEN (e.direction = 'debit') = a.debit_normal THEN e.amount ELSE -e.amount END`;

/** What was posted to accounts that keep a balance, in journals dated as `dated` says, per class. */
function posted(dated: ReturnType<typeof sql.fragment>) {
  return sql.fragment`
    SELECT ${CLASS} AS class, a.currency, sum(${SIGNED}) AS amount
    FROM journal j
    JOIN entry e ON e.tenant_id = j.tenant_id AND e.journal_id = j.id
    JOIN account a ON a.tenant_id = e.tenant_id AND a.id = e.account_id AND a.keeps_balance
    WHERE j.tenant_id = current_tenant() AND ${dated}
    GROUP BY 1, 2`;
}

/** The totals of the last day that was shut, and that day; nothing before the first. */
const LAST = sql.fragment`
  SELECT business_date, control_totals FROM business_day
  WHERE tenant_id = current_tenant() AND state IN ('shut', 'closed') AND control_totals IS NOT NULL
  ORDER BY business_date DESC LIMIT 1`;

const BASE = sql.fragment`
  SELECT total.class, total.currency, total.amount
  FROM last CROSS JOIN LATERAL jsonb_to_recordset(last.control_totals)
    AS total(class text, currency text, amount numeric)`;

const offRow = z.object({ class: z.string(), currency: z.string(), held: z.string(), posted: z.string() });

/** @param days all of history is added up where `after` is null */
export const subLedgers: Invariant = async (tx, days) => {
  const off = await tx.maybeOne(sql.type(offRow)`
    WITH last AS (SELECT * FROM (${LAST}) AS shut WHERE ${days.after !== null}), held AS (
      SELECT ${CLASS} AS class, a.currency, sum(a.balance) AS amount
      FROM account a WHERE a.tenant_id = current_tenant() AND a.keeps_balance
      GROUP BY 1, 2
    ), told AS (
      SELECT class, currency, sum(amount) AS amount
      FROM (${BASE} UNION ALL
            ${posted(sql.fragment`j.business_date > coalesce((SELECT business_date FROM last), '-infinity')`)}) AS parts
      GROUP BY 1, 2
    )
    SELECT class, currency, trim_scale(coalesce(held.amount, 0))::text AS held,
           trim_scale(coalesce(told.amount, 0))::text AS posted
    FROM held FULL JOIN told USING (class, currency)
    WHERE coalesce(held.amount, 0) <> coalesce(told.amount, 0)
    ORDER BY class, currency LIMIT 1`);
  return verdict('sub-ledgers', off && `${describe(off)}; ${await firstBadAccount(tx, off.class)}`);
};

function describe({ class: name, currency, held, posted: sum }: z.output<typeof offRow>): string {
  return `accounts ${name} hold ${held} ${currency} together, and ${sum} was posted to them`;
}

async function firstBadAccount(tx: Transaction, name: string): Promise<string> {
  const account = await tx.maybeOneFirst(sql.type(z.object({ account: z.string() }))`
    SELECT format('first account %s: balance %s, entries %s', a.id, trim_scale(a.balance),
                  trim_scale(entries.amount)) AS account
    FROM account a
    CROSS JOIN LATERAL (
      SELECT coalesce(sum(${SIGNED}), 0) AS amount FROM entry e
      WHERE e.tenant_id = a.tenant_id AND e.account_id = a.id) AS entries
    WHERE a.tenant_id = current_tenant() AND a.keeps_balance AND ${CLASS} = ${name} AND a.balance <> entries.amount
    ORDER BY a.id LIMIT 1`);
  return account ?? 'each single account adds up: what was written down when the last day was shut is off';
}

/** Writes down, with a day that is being shut, what the classes held together at its end. */
export async function noteControlTotals(tx: Transaction, { through }: Pick<Days, 'through'>): Promise<void> {
  await tx.query(sql.unsafe`
    WITH last AS (${LAST}), totals AS (
      SELECT class, currency, sum(amount) AS amount
      FROM (${BASE} UNION ALL
            ${posted(sql.fragment`j.business_date > coalesce((SELECT business_date FROM last), '-infinity')
                                  AND j.business_date <= ${through}`)}) AS parts
      GROUP BY 1, 2
    )
    UPDATE business_day
    SET control_totals = coalesce(
      (SELECT jsonb_agg(jsonb_build_object('class', class, 'currency', currency, 'amount', amount)
                        ORDER BY class, currency) FROM totals), '[]')
    WHERE tenant_id = current_tenant() AND business_date = ${through}`);
}
