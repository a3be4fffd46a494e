import { sql } from 'slonik';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import { controlAccounts } from '../../ledger/accounts.ts';
import { entriesOfMoves } from '../../ledger/entries.ts';
import { toDecimal } from '../../ledger/money.ts';
import { type JournalDraft, post } from '../../ledger/post.ts';

interface Moment {
  tenant: string;
  now: Date;
  business_date: string;
}

/** What one comparison books of it; what is left is booked by the next. */
const BOOKED_AT_ONCE = 1_000;
/** A check costs a few rupees. What costs more is no check, whatever it is called: people look at it. */
export const COST_MAX = '100.00';

/**
 * Books what was paid into the account, as the gateway told it: Dr gateway-fees, Cr bank. What it takes for the check
 * only the account's statement tells.
 * @returns the journal; null for nothing
 */
export async function bookAmount(
  tx: Transaction,
  { tenant, now, business_date }: Moment,
  { id, currency }: { id: string; currency: string },
  amount: string,
): Promise<string | null> {
  const paid = toDecimal(amount);
  if (paid.isZero() || paid.gt(toDecimal(COST_MAX))) return null;
  const controls = await controlAccounts(tx, tenant);
  const moves = [
    [controls['gateway-fees'], paid],
    [controls.bank, paid.negated()],
  ] as const;
  const draft = {
    kind: 'account-check.paid',
    key: `account-check/${id}/amount`,
    business_date,
    posted_at: now,
  };
  const entries = entriesOfMoves(moves, currency);
  const [posting] = await post(tx, [{ ...draft, id: uuidv7(), stream: id, entries }]);
  if (posting!.status !== 'posted') throw new Error(`Journal ${draft.key} ended ${posting!.status}.`);
  return posting!.journal;
}

const shownRow = z.object({
  id: z.string(),
  currency: z.string(),
  /** What is not booked yet of what was paid in. */
  amount: z.string(),
  fee: z.string(),
  tax: z.string(),
});
type Shown = z.output<typeof shownRow>;

/**
 * Books what the account's statement shows of checks and the books have not: what the gateway took for them, and the
 * amount where nobody had told it. Only where one line agrees with all that is known of the check.
 * @param hidden statements that are still being read
 */
export async function bookShown(tx: Transaction, moment: Moment, hidden: readonly string[]): Promise<void> {
  const shown = await tx.any(sql.type(shownRow)`
    SELECT c.id, c.currency, CASE WHEN c.amount IS NULL THEN told.paid ELSE 0 END AS amount, told.fee, told.tax
    FROM bank_account_check c
    JOIN LATERAL (
      SELECT min(l.debit - l.fee) AS paid, min(l.fee) AS fee, min(l.tax) AS tax, min(l.debit) AS debit
      FROM gateway_line l
      WHERE l.tenant_id = c.tenant_id AND l.gateway = c.gateway AND l.about = c.provider_id AND l.source = 'account'
        AND l.current AND l.load_id <> ALL (${sql.array(hidden, 'uuid')})
      HAVING count(*) = 1 AND min(l.currency) = c.currency AND min(l.credit) = 0) AS told ON true
    WHERE c.tenant_id = current_tenant() AND c.fees IS NULL AND c.provider_id IS NOT NULL
      AND told.paid = coalesce(c.told_amount, told.paid) AND told.paid >= 0 AND told.tax BETWEEN 0 AND told.fee
      AND told.debit <= ${COST_MAX}::text::numeric
    ORDER BY c.id LIMIT ${BOOKED_AT_ONCE}`);
  if (shown.length === 0) return;
  const drafts = await draftsOf(tx, moment, shown);
  for (const { status } of await post(tx, drafts)) {
    if (status !== 'posted') throw new Error(`The cost of a check ended ${status}.`);
  }
  const rows = shown.map(({ id, amount, fee, tax }) => [id, amount, fee, tax]);
  await tx.query(sql.unsafe`
    UPDATE bank_account_check c SET amount = coalesce(c.amount, shown.amount), fees = shown.fee, tax = shown.tax
    FROM ${sql.unnest(rows, ['uuid', 'numeric', 'numeric', 'numeric'])} AS shown (id, amount, fee, tax)
    WHERE c.tenant_id = current_tenant() AND c.id = shown.id`);
}

/** Dr gateway-fees (amount and fee less tax), input-tax; Cr bank. One that cost nothing has none. */
async function draftsOf(
  tx: Transaction,
  { tenant, now, business_date }: Moment,
  shown: readonly Shown[],
): Promise<JournalDraft[]> {
  const controls = await controlAccounts(tx, tenant);
  const drafts = shown.map(({ id, currency, ...told }): JournalDraft => {
    const [amount, fee, tax] = [toDecimal(told.amount), toDecimal(told.fee), toDecimal(told.tax)];
    const moves = [
      [controls['gateway-fees'], amount.plus(fee).minus(tax)],
      [controls['input-tax'], tax],
      [controls.bank, amount.plus(fee).negated()],
    ] as const;
    return {
      ...{ id: uuidv7(), stream: id, kind: 'account-check.cost', key: `account-check/${id}/cost` },
      ...{ business_date, posted_at: now, entries: entriesOfMoves(moves, currency) },
    };
  });
  return drafts.filter(({ entries }) => entries.length > 0);
}
