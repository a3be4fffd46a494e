import type { Transaction } from '../../db/pools.ts';
import { type Reversed, reverseRepayment } from '../../loans/backdating.ts';
import { deskAt } from '../../loans/servicing/book.ts';
import { lockLoans } from '../../loans/servicing/load.ts';
import { raiseException } from '../exceptions.ts';
import type { Occasion } from '../occasion.ts';
import { divide } from './allocate.ts';
import { bookMove, isAboveZero, least, type Moment, minus, plus } from './books.ts';
import { type Allocation, allocationsOf, type Collection, markUndone, updateCollection } from './rows.ts';

/** Money of a captured collection that is not ours any more. */
export interface TakenBack {
  amount: string;
  /** `returned`: by the bank or the gateway. `lost`: in a dispute. */
  as: 'returned' | 'lost';
  reason: string;
}

/**
 * Takes money of a captured collection back: what nobody was owed first, then what loans took, the newest
 * repayment first. A repayment that is taken back in part is undone whole, and the rest taken anew for the same
 * day, so that the loan ends as if only that had come. Books debit what gives, and credit
 * collection-clearing. What a loan cannot give lies in suspense, before people.
 * @returns a journal of it, if any
 */
export async function takeBack(
  tx: Transaction,
  occasion: Occasion,
  moment: Moment,
  collection: Collection,
  { amount, as, reason }: TakenBack,
): Promise<string | null> {
  const key = `collection.${as}/${collection.id}/${plus(collection[as], amount)}`;
  const free = least(amount, collection.unallocated);
  const split = { allocated: collection.allocated, unallocated: minus(collection.unallocated, free) };
  let rest = minus(amount, free);
  let journal: string | null = null;
  if (isAboveZero(free)) {
    journal = await bookMove(tx, moment, collection, {
      ...{ kind: `collection.${as}`, key, from: 'unallocated', to: 'collection-clearing', amount: free },
    });
  }
  const standing = (await allocationsOf(tx, collection.id)).filter(({ undone_at }) => undone_at === null);
  for (const allocation of standing.toReversed()) {
    if (!isAboveZero(rest)) break;
    const part = least(rest, allocation.amount);
    const undone = await undo(tx, occasion, moment, collection, allocation, { as, reason });
    rest = minus(rest, part);
    if (undone === null) {
      journal ??= await toSuspense(tx, moment, collection, { key: `${key}/${allocation.seq}`, amount: part });
      split.allocated = minus(split.allocated, part);
      continue;
    }
    journal ??= undone;
    split.allocated = minus(split.allocated, allocation.amount);
    const left = minus(allocation.amount, part);
    if (!isAboveZero(left)) continue;
    const again = { amount: left, key: `${key}/${allocation.seq}/left`, automatic: false };
    const divided = await divide(tx, occasion, moment, { ...collection, loan: allocation.loan }, again);
    split.allocated = plus(split.allocated, divided.allocated);
    split.unallocated = plus(split.unallocated, divided.unallocated);
  }
  const covered = minus(amount, rest);
  if (isAboveZero(rest)) {
    journal ??= await toSuspense(tx, moment, collection, { key: `${key}/rest`, amount: rest });
    await raiseException(tx, occasion, {
      ...{ kind: 'collection', subject: collection.id, code: 'returned-twice' },
      message: `${amount} ${collection.currency} was taken back (${reason}); ${covered} was there. Suspense gave the rest.`,
    });
  }
  await updateCollection(tx, collection, { ...split, [as]: plus(collection[as], covered) });
  return journal;
}

/** Undoes a repayment. @returns its journal; null where the loan cannot, which people are told */
async function undo(
  tx: Transaction,
  occasion: Occasion,
  { tenant, now }: Moment,
  collection: Collection,
  allocation: Allocation,
  { as, reason }: Pick<TakenBack, 'as' | 'reason'>,
): Promise<string | null> {
  const { loan: id, reference } = allocation;
  const loan = (await lockLoans(tx, [id])).get(id)!;
  const accept = async (jobs: Parameters<Occasion['accept']>[0]) => void (await occasion.accept(jobs));
  const desk = await deskAt(tx, tenant, now);
  const cause = as === 'lost' ? 'disputed' : 'returned';
  const undone: Reversed = await reverseRepayment(tx, desk, { accept }, loan, { reference, reason, cause });
  const journal = undone.outcome === 'reversed' ? undone.journal : null;
  await markUndone(tx, collection.id, allocation, now, journal);
  if (undone.outcome === 'refused') {
    await raiseException(tx, occasion, {
      ...{ kind: 'collection', subject: collection.id, code: 'repayment-not-undone' },
      message: `Its money went back (${reason}), and loan ${id} keeps the repayment: ${undone.message}`,
    });
  }
  return journal;
}

function toSuspense(
  tx: Transaction,
  moment: Moment,
  collection: Collection,
  { key, amount }: { key: string; amount: string },
): Promise<string> {
  const move = { kind: 'collection.suspense', from: 'suspense', to: 'collection-clearing' } as const;
  return bookMove(tx, moment, collection, { ...move, key, amount });
}
