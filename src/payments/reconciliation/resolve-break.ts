import { sql } from 'slonik';
import { v7 as uuidv7 } from 'uuid';
import type { Transaction } from '../../db/pools.ts';
import { type ControlAccount, controlAccounts, currencyOf } from '../../ledger/accounts.ts';
import { businessDateAt } from '../../ledger/business-day.ts';
import { entriesOfMoves } from '../../ledger/entries.ts';
import { type Decimal, formatAmount, toDecimal, ZERO } from '../../ledger/money.ts';
import { post } from '../../ledger/post.ts';
import type { Break } from './breaks.ts';
import { postSettlement } from './post-settlements.ts';

/** Accounts that people may move a difference between: the lender's own, never a customer's. */
export const MOVABLE = [
  ...(['bank', 'payout-clearing', 'collection-clearing', 'refund-clearing', 'disputed'] as const),
  ...(['unallocated', 'gateway-fees', 'input-tax', 'suspense'] as const),
] as const satisfies readonly ControlAccount[];

/** Credits `from` and debits `to`, in the currency of the lender's own accounts. */
export interface MoneyMove {
  amount: string;
  from: (typeof MOVABLE)[number];
  to: (typeof MOVABLE)[number];
}

/** By how much their side is above ours; money out is below zero. */
export function differenceOf({ here, there }: Pick<Break, 'here' | 'there'>): string {
  return formatAmount(toDecimal(there ?? '0').minus(toDecimal(here ?? '0')));
}

/**
 * The move after which our books say what the statement says, as far as the difference alone tells it; null where
 * people must find out first. What is a fee goes there; all else waits in suspense for somebody to know better.
 * @param currency of the lender's own accounts: what another one is worth is for people to say
 */
export function suggestedMove(
  broken: Pick<Break, 'subject_kind' | 'result' | 'currency' | 'here' | 'there'>,
  currency: string,
): MoneyMove | null {
  const own = ownAccount(broken);
  const difference = toDecimal(differenceOf(broken));
  if (own === null || difference.isZero() || broken.currency !== currency) return null;
  const other = broken.result === 'fee' ? 'gateway-fees' : 'suspense';
  const amount = formatAmount(difference.abs());
  return difference.gt(0) ? { amount, from: other, to: own } : { amount, from: own, to: other };
}

/** Which account of ours the statement is about. What is missing there may come yet, or never was. */
function ownAccount({
  subject_kind,
  result,
}: Pick<Break, 'subject_kind' | 'result'>): 'bank' | 'collection-clearing' | null {
  switch (subject_kind) {
    case 'payout':
      return ['amount', 'fee', 'duplicate', 'missing-here'].includes(result) ? 'bank' : null;
    case 'account-check':
      return ['amount', 'duplicate', 'missing-here'].includes(result) ? 'bank' : null;
    case 'bank-line':
    case 'adjustment':
      return result === 'missing-here' ? 'bank' : null;
    case 'settlement':
      return result === 'amount' ? 'bank' : null;
    // Gross against gross; what the gateway took is booked with the settlement, as it says.
    case 'collection':
    case 'refund':
      return result === 'amount' ? 'collection-clearing' : null;
  }
}

export interface Resolution {
  moves: readonly MoneyMove[];
  /** Of a settlement: books it as the gateway's lines add up, before the moves. */
  books_settlement: boolean;
  why: string;
}

export interface ResolvingMoment {
  tenant: string;
  now: Date;
  by: string;
}

/**
 * Closes a break as people decided, with the journal that brings our books to it. The same difference seen again
 * stays resolved; another one begins another episode.
 * @returns the journal; null where nothing moved
 */
export async function resolveBreak(
  tx: Transaction,
  { tenant, now, by }: ResolvingMoment,
  broken: Break,
  { moves, books_settlement, why }: Resolution,
): Promise<string | null> {
  const business_date = await businessDateAt(tx, tenant, now);
  if (books_settlement) {
    await postSettlement(
      tx,
      { tenant, business_date, now },
      { gateway: broken.gateway!, id: broken.subject },
    );
  }
  const journal = await postMoves(tx, { tenant, now, business_date }, broken, moves);
  await tx.query(sql.unsafe`
    UPDATE reconciliation_break SET
      state = 'resolved', resolution = ${journal === null ? 'accepted' : 'moved'}, why = ${why}, journal_id = ${journal},
      resolved_by = ${by}, resolved_at = ${now.toISOString()}
    WHERE tenant_id = current_tenant() AND id = ${broken.id}`);
  return journal;
}

async function postMoves(
  tx: Transaction,
  { tenant, now, business_date }: { tenant: string; now: Date; business_date: string },
  { id, episode }: Break,
  moves: readonly MoneyMove[],
): Promise<string | null> {
  const controls = await controlAccounts(tx, tenant);
  const sums = new Map<MoneyMove['from'], Decimal>();
  const add = (account: MoneyMove['from'], amount: Decimal) =>
    sums.set(account, (sums.get(account) ?? ZERO).plus(amount));
  for (const { amount, from, to } of moves) {
    add(to, toDecimal(amount));
    add(from, toDecimal(amount).negated());
  }
  const entries = entriesOfMoves(
    [...sums].map(([account, amount]) => [controls[account], amount] as const),
    await currencyOf(tx),
  );
  // There and back again.
  if (entries.length === 0) return null;
  const journal = uuidv7();
  // A break is a chain of its own; each time it comes back may be resolved once.
  const [posting] = await post(tx, [
    {
      ...{ id: journal, stream: id, kind: 'break.resolved', key: `break/${id}/${episode}` },
      ...{ business_date, posted_at: now, entries },
    },
  ]);
  if (posting?.status !== 'posted')
    throw new Error(`The resolution of break ${id} ended ${posting?.status}.`);
  return journal;
}
