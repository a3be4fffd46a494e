import { sql } from 'slonik';
import { z } from 'zod';
import type { IsoDate } from '../calendar/business-date.ts';
import type { Transaction } from '../db/pools.ts';

/**
 * What must hold of the books at any moment. Each check is one statement, hence one snapshot: postings go
 * on beside it. Each looks at what the days in question moved, not at all of history, so that its cost
 * follows the work of those days; src/ledger/verify recomputes everything.
 */
export interface Checked {
  name: string;
  holds: boolean;
  /** The first thing that is wrong; null where it holds. */
  detail: string | null;
}

/** Books of the days after `after`, up to and with `through`; from the first one where `after` is null. */
export interface Days {
  after: IsoDate | null;
  through: IsoDate;
}

export type Invariant = (tx: Transaction, days: Days) => Promise<Checked | readonly Checked[]>;

/** All days there were and will be. */
export const ALL_DAYS: Days = { after: null, through: '9999-12-31' };

export function verdict(name: string, detail: string | null | undefined): Checked {
  return { name, holds: !detail, detail: detail ?? null };
}

/** True of a row whose business_date is among the days. */
export function within({ after, through }: Days, column = sql.fragment`j.business_date`) {
  return sql.fragment`${column} > coalesce(${after}::text::date, '-infinity') AND ${column} <= ${through}`;
}

const found = z.object({ detail: z.string() });

const trialBalance: Invariant = async (tx, days) => {
  const detail = await tx.maybeOneFirst(sql.type(found)`
    SELECT format('%s: debits exceed credits by %s', e.currency, trim_scale(sum(signed.debit))) AS detail
    FROM journal j
    JOIN entry e ON e.tenant_id = j.tenant_id AND e.journal_id = j.id
    CROSS JOIN LATERAL (SELECT CASE e.direction WHEN 'debit' THEN e.amount ELSE -e.amount END AS debit) AS signed
    WHERE j.tenant_id = current_tenant() AND ${within(days)}
    GROUP BY e.currency HAVING sum(signed.debit) <> 0
    ORDER BY e.currency LIMIT 1`);
  return verdict('trial-balance', detail);
};

const noNegativeBalance: Invariant = async (tx) => {
  const detail = await tx.maybeOneFirst(sql.type(found)`
    SELECT format('account %s (%s) stands at %s, below %s', id, code, trim_scale(balance), balance_min) AS detail
    FROM account
    WHERE tenant_id = current_tenant() AND balance < balance_min
    ORDER BY id LIMIT 1`);
  return verdict('no-negative-balance', detail);
};

const oneJournalPerKey: Invariant = async (tx, days) => {
  const detail = await tx.maybeOneFirst(sql.type(found)`
    SELECT format('journals %s and %s were both posted under the key %s', j.id, other.id, j.key) AS detail
    FROM journal j
    CROSS JOIN LATERAL (
      SELECT id FROM journal
      WHERE tenant_id = j.tenant_id AND key = j.key AND id <> j.id LIMIT 1) AS other
    WHERE j.tenant_id = current_tenant() AND ${within(days)}
    LIMIT 1`);
  return verdict('one-journal-per-key', detail);
};

/** Recomputed as post_journals does; `kist ledger verify` does it by code of its own. */
const chains: Invariant = async (tx, days) => {
  const detail = await tx.maybeOneFirst(sql.type(found)`
    SELECT format('journal %s (%s of stream %s) %s', j.id, j.seq, j.stream_id,
                  CASE WHEN j.hash <> content.hash THEN 'is not what was hashed when it was posted'
                       ELSE 'does not continue the journal before it' END) AS detail
    FROM journal j
    LEFT JOIN LATERAL (
      SELECT hash FROM journal
      WHERE tenant_id = j.tenant_id AND stream_id = j.stream_id AND seq = j.seq - 1 LIMIT 1) AS before ON true
    CROSS JOIN LATERAL (
      SELECT string_agg(concat_ws('|', line, account_id, direction, trim_scale(amount), currency),
                        '|' ORDER BY line) AS body
      FROM entry WHERE tenant_id = j.tenant_id AND journal_id = j.id) AS entries
    CROSS JOIN LATERAL (
      SELECT sha256(j.prev_hash || convert_to(
        concat_ws('|', 'kist-journal-1', j.tenant_id, j.stream_id, j.seq, j.id, to_char(j.business_date, 'YYYY-MM-DD'),
                  (extract(epoch FROM j.posted_at) * 1000000)::bigint, coalesce(j.reverses::text, '-'),
                  octet_length(j.kind), j.kind, octet_length(j.key), j.key, entries.body), 'UTF8')) AS hash
    ) AS content
    WHERE j.tenant_id = current_tenant() AND ${within(days)}
      AND (j.hash <> content.hash OR j.prev_hash <> coalesce(before.hash, decode(repeat('00', 32), 'hex'))
           OR (j.seq > 1 AND before.hash IS NULL))
    LIMIT 1`);
  return verdict('chains', detail);
};

const seals: Invariant = async (tx, days) => {
  const detail = await tx.maybeOneFirst(sql.type(found)`
    SELECT format('seal %s %s', s.number,
                  CASE WHEN s.hash <> content.hash THEN 'is not what was hashed when it was cut'
                       ELSE 'does not continue the seal before it' END) AS detail
    FROM seal s
    LEFT JOIN seal before ON before.tenant_id = s.tenant_id AND before.number = s.number - 1
    CROSS JOIN LATERAL (
      SELECT sha256(s.prev_hash || convert_to(
        concat_ws('|', 'kist-seal-1', s.tenant_id, s.number, (extract(epoch FROM s.cut_at) * 1000000)::bigint,
                  to_char(s.business_date, 'YYYY-MM-DD'), s.leaves, encode(s.root, 'hex')), 'UTF8')) AS hash
    ) AS content
    WHERE s.tenant_id = current_tenant() AND ${within(days, sql.fragment`s.business_date`)}
      AND (s.hash <> content.hash OR s.prev_hash <> coalesce(before.hash, decode(repeat('00', 32), 'hex'))
           OR (s.number > 1 AND before.hash IS NULL))
    ORDER BY s.number LIMIT 1`);
  return verdict('seals', detail);
};

export const LEDGER_INVARIANTS: readonly Invariant[] = [
  ...[trialBalance, noNegativeBalance, oneJournalPerKey, chains, seals],
];
