import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';

/** Rows in memory at a time. */
const BATCH = 2_000;
const NIL = '00000000-0000-0000-0000-000000000000';

const journalRow = z.object({
  id: z.string(),
  stream: z.string(),
  seq: z.bigint(),
  kind: z.string(),
  key: z.string(),
  business_date: z.string(),
  posted_at_us: z.bigint(),
  reverses: z.string().nullable(),
  prev_hash: z.string(),
  hash: z.string(),
  lines: z.array(z.number()),
  accounts: z.array(z.string()),
  directions: z.array(z.string()),
  amounts: z.array(z.string()),
  currencies: z.array(z.string()),
});
/** A journal with its entries as columns, in line order. */
export type JournalWithEntries = z.output<typeof journalRow>;

/** Journals of the transaction's tenant in the order of (stream, seq), in batches. */
export async function* journals(tx: Transaction): AsyncGenerator<readonly JournalWithEntries[]> {
  let [stream, seq] = [NIL, 0n];
  for (;;) {
    const rows = await tx.any(sql.type(journalRow)`
      WITH batch AS (
        SELECT * FROM journal
        WHERE tenant_id = current_tenant() AND (stream_id, seq) > (${stream}::uuid, ${seq})
        ORDER BY stream_id, seq
        LIMIT ${BATCH}
      )
      SELECT j.id, j.stream_id AS stream, j.seq, j.kind, j.key,
             to_char(j.business_date, 'YYYY-MM-DD') AS business_date,
             (extract(epoch FROM j.posted_at) * 1000000)::bigint AS posted_at_us,
             j.reverses, encode(j.prev_hash, 'hex') AS prev_hash, encode(j.hash, 'hex') AS hash,
             coalesce(e.lines, '{}') AS lines, coalesce(e.accounts, '{}') AS accounts,
             coalesce(e.directions, '{}') AS directions, coalesce(e.amounts, '{}') AS amounts,
             coalesce(e.currencies, '{}') AS currencies
      FROM batch j
      LEFT JOIN LATERAL (
        SELECT array_agg(line::int4) AS lines, array_agg(account_id::text) AS accounts,
               array_agg(direction) AS directions, array_agg(amount::text) AS amounts,
               array_agg(currency) AS currencies
        FROM (SELECT * FROM entry WHERE tenant_id = j.tenant_id AND journal_id = j.id ORDER BY line) AS ordered
      ) AS e ON true
      ORDER BY j.stream_id, j.seq`);
    if (rows.length === 0) return;
    yield rows;
    ({ stream, seq } = rows.at(-1)!);
  }
}

const streamRow = z.object({
  id: z.string(),
  head_seq: z.bigint(),
  head_hash: z.string(),
  sealed_seq: z.bigint(),
});
export type StreamRow = z.output<typeof streamRow>;

/** Streams by id, one after the other. */
export async function* streams(tx: Transaction): AsyncGenerator<StreamRow> {
  let after = NIL;
  for (;;) {
    const rows = await tx.any(sql.type(streamRow)`
      SELECT id, head_seq, encode(head_hash, 'hex') AS head_hash, sealed_seq
      FROM stream WHERE tenant_id = current_tenant() AND id > ${after}::uuid ORDER BY id LIMIT ${BATCH}`);
    yield* rows;
    if (rows.length < BATCH) return;
    after = rows.at(-1)!.id;
  }
}

const rangeRow = z.object({ seal: z.bigint(), stream: z.string(), from_seq: z.bigint(), to_seq: z.bigint() });
export type RangeRow = z.output<typeof rangeRow>;

/** What seals cover, in the order of (stream, from_seq), one after the other. */
export async function* ranges(tx: Transaction): AsyncGenerator<RangeRow> {
  let [stream, from_seq] = [NIL, 0n];
  for (;;) {
    const rows = await tx.any(sql.type(rangeRow)`
      SELECT seal_number AS seal, stream_id AS stream, from_seq, to_seq
      FROM seal_range
      WHERE tenant_id = current_tenant() AND (stream_id, from_seq) > (${stream}::uuid, ${from_seq})
      ORDER BY stream_id, from_seq
      LIMIT ${BATCH}`);
    yield* rows;
    if (rows.length < BATCH) return;
    ({ stream, from_seq } = rows.at(-1)!);
  }
}

const sealRow = z.object({
  number: z.bigint(),
  cut_at_us: z.bigint(),
  business_date: z.string(),
  leaves: z.bigint(),
  root: z.string(),
  prev_hash: z.string(),
  hash: z.string(),
  key_id: z.string(),
  signature: z.string(),
});

/** Seals in the order in which they were cut, one after the other. */
export async function* seals(tx: Transaction): AsyncGenerator<z.output<typeof sealRow>> {
  let after = 0n;
  for (;;) {
    const rows = await tx.any(sql.type(sealRow)`
      SELECT number, (extract(epoch FROM cut_at) * 1000000)::bigint AS cut_at_us,
             to_char(business_date, 'YYYY-MM-DD') AS business_date, leaves, encode(root, 'hex') AS root,
             encode(prev_hash, 'hex') AS prev_hash, encode(hash, 'hex') AS hash, key_id,
             encode(signature, 'hex') AS signature
      FROM seal WHERE tenant_id = current_tenant() AND number > ${after} ORDER BY number LIMIT ${BATCH}`);
    yield* rows;
    if (rows.length < BATCH) return;
    after = rows.at(-1)!.number;
  }
}

const accountRow = z.object({
  id: z.string(),
  debit_normal: z.boolean(),
  currency: z.string(),
  keeps_balance: z.boolean(),
  balance: z.string(),
});
export type AccountRow = z.output<typeof accountRow>;

/** Accounts by id, one after the other. */
export async function* accounts(tx: Transaction): AsyncGenerator<AccountRow> {
  let after = NIL;
  for (;;) {
    const rows = await tx.any(sql.type(accountRow)`
      SELECT id, type IN ('asset', 'expense') AS debit_normal, currency, keeps_balance, balance
      FROM account WHERE tenant_id = current_tenant() AND id > ${after}::uuid ORDER BY id LIMIT ${BATCH}`);
    yield* rows;
    if (rows.length < BATCH) return;
    after = rows.at(-1)!.id;
  }
}

const entryRow = z.object({
  account: z.string(),
  journal: z.string(),
  line: z.number(),
  direction: z.string(),
  amount: z.string(),
  currency: z.string(),
});
export type AccountEntryRow = z.output<typeof entryRow>;

const ENTRIES_PER_BATCH = 10_000;

/** Entries in the order of (account, journal, line), in batches. */
export async function* entriesByAccount(tx: Transaction): AsyncGenerator<readonly AccountEntryRow[]> {
  let [account, journal, line] = [NIL, NIL, 0];
  for (;;) {
    const rows = await tx.any(sql.type(entryRow)`
      SELECT e.account_id AS account, e.journal_id AS journal, e.line, e.direction, e.amount, e.currency
      FROM entry e
      WHERE e.tenant_id = current_tenant()
        AND (e.account_id, e.journal_id) >= (${account}::uuid, ${journal}::uuid)
        AND (e.account_id, e.journal_id, e.line) > (${account}::uuid, ${journal}::uuid, ${line}::smallint)
      ORDER BY e.account_id, e.journal_id, e.line
      LIMIT ${ENTRIES_PER_BATCH}`);
    if (rows.length === 0) return;
    yield rows;
    ({ account, journal, line } = rows.at(-1)!);
  }
}

const snapshotRow = z.object({ account: z.string(), seal: z.bigint(), balance: z.string() });

/** Snapshots of control accounts, in the order of (account, seal), one after the other. */
export async function* snapshots(tx: Transaction): AsyncGenerator<z.output<typeof snapshotRow>> {
  let [account, seal] = [NIL, 0n];
  for (;;) {
    const rows = await tx.any(sql.type(snapshotRow)`
      SELECT account_id AS account, seal_number AS seal, balance
      FROM account_snapshot
      WHERE tenant_id = current_tenant() AND (account_id, seal_number) > (${account}::uuid, ${seal})
      ORDER BY account_id, seal_number
      LIMIT ${BATCH}`);
    yield* rows;
    if (rows.length < BATCH) return;
    ({ account, seal } = rows.at(-1)!);
  }
}

/** How many journals and entries there are to look at. */
export async function countRows(tx: Transaction): Promise<{ journals: number; entries: number }> {
  const { journals, entries } = await tx.one(sql.type(
    z.object({ journals: z.bigint(), entries: z.bigint() }),
  )`
    SELECT (SELECT count(*) FROM journal WHERE tenant_id = current_tenant()) AS journals,
           (SELECT count(*) FROM entry WHERE tenant_id = current_tenant()) AS entries`);
  return { journals: Number(journals), entries: Number(entries) };
}

/** The first entry whose journal is not there; null where all have theirs. */
export async function orphanEntry(tx: Transaction): Promise<{ journal: string; line: number } | null> {
  return tx.maybeOne(sql.type(z.object({ journal: z.string(), line: z.number() }))`
    SELECT e.journal_id AS journal, e.line
    FROM entry e
    WHERE e.tenant_id = current_tenant()
      AND NOT EXISTS (SELECT FROM journal j WHERE j.tenant_id = e.tenant_id AND j.id = e.journal_id)
    ORDER BY e.journal_id, e.line
    LIMIT 1`);
}
