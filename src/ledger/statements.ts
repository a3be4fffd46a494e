import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../db/pools.ts';
import { formatAmount, toDecimal } from './money.ts';

const money = z.string().transform((text) => formatAmount(toDecimal(text)));
const direction = z.enum(['debit', 'credit']);

const statementRow = z.object({
  journal: z.string(),
  line: z.number(),
  kind: z.string(),
  business_date: z.string(),
  posted_at: z.date(),
  direction,
  amount: money,
  currency: z.string(),
  stream: z.string(),
  seq: z.bigint(),
});
/** One movement on an account. */
export type StatementLine = z.output<typeof statementRow>;

/** Where a page of a statement ended: journals' ids grow with time. */
export interface StatementPlace {
  journal: string;
  line: number;
}

/** What moved on an account, latest first. */
export function statementOf(
  tx: Transaction,
  account: string,
  page: { after?: StatementPlace | undefined; limit: number },
): Promise<readonly StatementLine[]> {
  const { after, limit } = page;
  const before = after
    ? sql.fragment`AND (e.journal_id, e.line) < (${after.journal}::uuid, ${after.line}::smallint)`
    : sql.fragment``;
  return tx.any(sql.type(statementRow)`
    SELECT e.journal_id AS journal, e.line, j.kind, j.business_date, j.posted_at, e.direction, e.amount,
           e.currency, j.stream_id AS stream, j.seq
    FROM entry e JOIN journal j ON j.tenant_id = e.tenant_id AND j.id = e.journal_id
    WHERE e.tenant_id = current_tenant() AND e.account_id = ${account} ${before}
    ORDER BY e.journal_id DESC, e.line DESC LIMIT ${limit}`);
}

const journalRow = z.object({
  id: z.string(),
  seq: z.bigint(),
  kind: z.string(),
  key: z.string(),
  business_date: z.string(),
  posted_at: z.date(),
  reverses: z.string().nullable(),
  prev_hash: z.string(),
  hash: z.string(),
  entries: z.array(
    z.object({ account: z.string(), code: z.string(), direction, amount: money, currency: z.string() }),
  ),
});
/** A journal with its lines and its place in the chain; hashes in hex. */
export type ChainedJournal = z.output<typeof journalRow>;

/** The chain of a stream (a loan, a wallet), oldest first. */
export function chainOf(
  tx: Transaction,
  stream: string,
  page: { after_seq: bigint; limit: number },
): Promise<readonly ChainedJournal[]> {
  return tx.any(sql.type(journalRow)`
    ${journals} AND j.stream_id = ${stream} AND j.seq > ${page.after_seq}
    ORDER BY j.seq LIMIT ${page.limit}`);
}

/** @returns null where the tenant has no such journal. */
export function journalOf(tx: Transaction, id: string): Promise<ChainedJournal | null> {
  return tx.maybeOne(sql.type(journalRow)`${journals} AND j.id = ${id}`);
}

const headRow = z.object({ head_seq: z.bigint(), head_hash: z.string(), sealed_seq: z.bigint() });

/** Where a stream's chain ends, its hash in hex, and how much of it is under a seal. Zeros where nothing was posted. */
export async function chainHeadOf(tx: Transaction, stream: string): Promise<z.output<typeof headRow>> {
  const head = await tx.maybeOne(sql.type(headRow)`
    SELECT head_seq, encode(head_hash, 'hex') AS head_hash, sealed_seq FROM stream
    WHERE tenant_id = current_tenant() AND id = ${stream}`);
  return head ?? { head_seq: 0n, head_hash: '00'.repeat(32), sealed_seq: 0n };
}

const sealRow = z.object({
  number: z.string(),
  hash: z.string(),
  business_date: z.string(),
  key_id: z.string(),
});

/** The tenant's last seal, its hash in hex; null where none was cut. */
export function lastSealOf(tx: Transaction): Promise<z.output<typeof sealRow> | null> {
  return tx.maybeOne(sql.type(sealRow)`
    SELECT number::text, encode(hash, 'hex') AS hash, business_date, key_id FROM seal
    WHERE tenant_id = current_tenant() ORDER BY seal.number DESC LIMIT 1`);
}

const journals = sql.fragment`
  SELECT j.id, j.seq, j.kind, j.key, j.business_date, j.posted_at, j.reverses,
         encode(j.prev_hash, 'hex') AS prev_hash, encode(j.hash, 'hex') AS hash, lines.entries
  FROM journal j
  CROSS JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_object(
             'account', e.account_id, 'code', a.code, 'direction', e.direction, 'amount', e.amount::text,
             'currency', e.currency) ORDER BY e.line) AS entries
    FROM entry e JOIN account a ON a.tenant_id = e.tenant_id AND a.id = e.account_id
    WHERE e.tenant_id = j.tenant_id AND e.journal_id = j.id) lines
  WHERE j.tenant_id = current_tenant()`;
