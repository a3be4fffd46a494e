import { sql } from 'slonik';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import type { Transaction } from '../db/pools.ts';
import { toDecimal } from './money.ts';
import type { JournalDraft } from './post.ts';

const entryRow = z.object({
  stream: z.string(),
  kind: z.string(),
  account: z.string(),
  direction: z.enum(['debit', 'credit']),
  amount: z.string(),
  currency: z.string(),
});

/**
 * The draft that undoes a journal: the same entries the other way round, in the same stream. Its key comes
 * from the journal, so posting a second reversal answers `duplicate`.
 * @throws RangeError where the tenant has no such journal.
 */
export async function reversalOf(
  tx: Transaction,
  journal: string,
  when: { business_date: string; posted_at: Date },
): Promise<JournalDraft> {
  const rows = await tx.any(sql.type(entryRow)`
    SELECT j.stream_id AS stream, j.kind, e.account_id AS account, e.direction, e.amount, e.currency
    FROM journal j JOIN entry e ON e.tenant_id = j.tenant_id AND e.journal_id = j.id
    WHERE j.tenant_id = current_tenant() AND j.id = ${journal}
    ORDER BY e.line`);
  const [first] = rows;
  if (!first) throw new RangeError(`There is no journal ${journal}.`);
  return {
    id: uuidv7(),
    stream: first.stream,
    kind: `${first.kind}.reversal`,
    key: `reversal/${journal}`,
    ...when,
    reverses: journal,
    entries: rows.map(({ account, direction, amount, currency }) => ({
      account,
      direction: direction === 'debit' ? 'credit' : 'debit',
      amount: toDecimal(amount),
      currency,
    })),
  };
}
