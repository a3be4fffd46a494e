import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../db/pools.ts';
import type { EventDraft } from '../events/emit.ts';
import { isWanted } from '../events/emit.ts';
import { formatAmount, toDecimal } from '../ledger/money.ts';
import { ENTRIES_PER_JOURNAL_MAX } from '../ledger/post.ts';
import type { FollowedJournal, Follower } from './follow.ts';

const TYPE = 'journal.posted';

/** Tells those who subscribe to it of every journal, in the order of its stream. */
export const journalEvents: Follower = {
  name: 'journal-events',
  async follow(tx, _tenant, journals) {
    if (!(await isWanted(tx, TYPE))) return [];
    const lines = await linesOf(tx, journals);
    return journals.map((journal) => eventOf(journal, lines.get(journal.id) ?? []));
  },
};

const lineRow = z.object({
  journal: z.string(),
  account: z.string(),
  direction: z.enum(['debit', 'credit']),
  amount: z.string().transform((text) => formatAmount(toDecimal(text))),
  currency: z.string(),
});
type Line = Omit<z.output<typeof lineRow>, 'journal'>;

async function linesOf(tx: Transaction, journals: readonly FollowedJournal[]): Promise<Map<string, Line[]>> {
  const rows = await tx.any(sql.prepared('lines_of_journals', lineRow)`
    SELECT followed.id AS journal, a.code AS account, e.direction, e.amount, e.currency
    FROM unnest(${sql.array(
      journals.map(({ id }) => id),
      'uuid',
    )}) AS followed(id)
    CROSS JOIN LATERAL (
      SELECT * FROM entry WHERE tenant_id = current_tenant() AND journal_id = followed.id
      ORDER BY line LIMIT ${ENTRIES_PER_JOURNAL_MAX}) AS e
    CROSS JOIN LATERAL (
      SELECT code FROM account WHERE tenant_id = current_tenant() AND id = e.account_id LIMIT 1) AS a
    ORDER BY followed.id, e.line`);
  const lines = new Map<string, Line[]>();
  for (const { journal, ...line } of rows) {
    const known = lines.get(journal);
    if (known) known.push(line);
    else lines.set(journal, [line]);
  }
  return lines;
}

function eventOf(journal: FollowedJournal, lines: readonly Line[]): EventDraft {
  const { id, stream, seq, kind, key, business_date, posted_at, reverses, hash } = journal;
  return {
    ...{ subject: stream, type: TYPE, at: posted_at, business_date, journal: id },
    data: { journal: id, stream, seq: String(seq), kind, key, business_date, reverses, hash, lines },
  };
}
