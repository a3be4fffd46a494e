import { sql } from 'slonik';
import { z } from 'zod';
import { arrayText } from '../db/array-text.ts';
import type { Transaction } from '../db/pools.ts';
import { type Decimal, ZERO } from './money.ts';

/** What one call of the SQL function takes; longer lists are posted in several calls. */
const DRAFTS_PER_CALL_MAX = 1_000;
export const ENTRIES_PER_JOURNAL_MAX = 100;

export interface EntryDraft {
  account: string;
  direction: 'debit' | 'credit';
  /** Above zero. */
  amount: Decimal;
  currency: string;
}

/** One business event, not posted yet. */
export interface JournalDraft {
  /** UUID, version 7. */
  id: string;
  /** The chain it joins: a loan's id or a wallet's. */
  stream: string;
  kind: string;
  /** Unique per tenant for ever: the second guard against moving money twice. */
  key: string;
  business_date: string;
  posted_at: Date;
  /** The journal that this one undoes. */
  reverses?: string;
  entries: readonly EntryDraft[];
}

/** What became of a draft. Only `posted` changed anything. */
export type Posting =
  | { status: 'posted'; journal: string; seq: bigint; hash: string }
  | { status: 'insufficient-funds'; account: string }
  /** Money would have left an account that is frozen (src/ledger/freeze.ts). */
  | { status: 'account-frozen'; account: string }
  | { status: 'duplicate'; journal: string };

const postingRow = z.discriminatedUnion('status', [
  z.object({ status: z.literal('posted'), journal: z.string(), seq: z.bigint(), hash: z.string() }),
  z.object({ status: z.literal('insufficient-funds'), account: z.string() }),
  z.object({ status: z.literal('account-frozen'), account: z.string() }),
  z.object({ status: z.literal('duplicate'), journal: z.string() }),
]);

/**
 * Posts journals in the transaction's tenant, set-based (the SQL function post_journals). A draft that would
 * take a balance below its minimum or money out of a frozen account, or whose key was posted before, is
 * answered and posts nothing; the others of the call are posted.
 * @returns one posting per draft, in order.
 * @throws Error for a draft that no book can hold (unbalanced, unknown account, other currency); then the
 *   transaction is lost.
 */
export async function post(tx: Transaction, drafts: readonly JournalDraft[]): Promise<Posting[]> {
  for (const draft of drafts) check(draft);
  const postings: Posting[] = [];
  for (let start = 0; start < drafts.length; start += DRAFTS_PER_CALL_MAX) {
    postings.push(...(await postOnce(tx, drafts.slice(start, start + DRAFTS_PER_CALL_MAX))));
  }
  return postings;
}

async function postOnce(tx: Transaction, drafts: readonly JournalDraft[]): Promise<Posting[]> {
  const lines = drafts.flatMap((draft, index) =>
    draft.entries.map((entry, place) => ({ ...entry, draft: index + 1, line: place + 1 })),
  );
  const rows = await tx.any(sql.prepared('post_journals', postingRow)`
    SELECT status, journal, seq, encode(hash, 'hex') AS hash, account
    FROM post_journals(
      ${arrayText(drafts, (draft) => draft.id)}::text::uuid[],
      ${arrayText(drafts, (draft) => draft.stream)}::text::uuid[],
      ${arrayText(drafts, (draft) => draft.kind)}::text::text[],
      ${arrayText(drafts, (draft) => draft.key)}::text::text[],
      ${arrayText(drafts, (draft) => draft.business_date)}::text::date[],
      ${arrayText(drafts, (draft) => draft.posted_at.toISOString())}::text::timestamptz[],
      ${arrayText(drafts, (draft) => draft.reverses ?? null)}::text::uuid[],
      ${arrayText(lines, (line) => line.draft)}::text::int4[],
      ${arrayText(lines, (line) => line.line)}::text::int2[],
      ${arrayText(lines, (line) => line.account)}::text::uuid[],
      ${arrayText(lines, (line) => line.direction)}::text::text[],
      ${arrayText(lines, (line) => line.amount.toFixed())}::text::numeric[],
      ${arrayText(lines, (line) => line.currency)}::text::text[])`);
  if (rows.length !== drafts.length)
    throw new Error(`Posted ${drafts.length} drafts, heard of ${rows.length}.`);
  return [...rows];
}

/** The database checks the same again; here the message can name the draft. */
function check(draft: JournalDraft): void {
  const { entries, key } = draft;
  if (entries.length < 2 || entries.length > ENTRIES_PER_JOURNAL_MAX) {
    throw new RangeError(`Journal ${key}: ${entries.length} entries.`);
  }
  const debits = new Map<string, Decimal>();
  for (const { amount, currency, direction } of entries) {
    if (!amount.isFinite() || amount.lte(0))
      throw new RangeError(`Journal ${key}: ${amount.toString()} is not an amount.`);
    const before = debits.get(currency) ?? ZERO;
    debits.set(currency, direction === 'debit' ? before.plus(amount) : before.minus(amount));
  }
  for (const [currency, rest] of debits) {
    if (!rest.isZero())
      throw new RangeError(`Journal ${key} does not balance: ${rest.toFixed()} ${currency}.`);
  }
}
