import type { Transaction } from '../../db/pools.ts';
import { takeRepayments } from '../../loans/repayment.ts';
import type { RefusalCode } from '../../loans/repayment-answers.ts';
import type { Occasion } from '../occasion.ts';
import { bookMove, isAboveZero, type Moment, minus, plus } from './books.ts';
import { allocationsOf, type Collection, insertAllocation } from './rows.ts';

/** What became of money that was offered to a loan. */
export interface Given {
  /** What it took, with what its product leaves in the wallet. */
  took: string;
  journal: string | null;
  /** Why it took nothing. */
  refusal: { code: RefusalCode; message: string } | null;
}

/**
 * Offers a loan money of a captured collection that lies in collection-clearing, as a repayment of the day
 * the borrower paid. The caller holds the collection's lock.
 * @param automatic the first offer of all: the repayment is named as the gateway names the payment
 */
export async function giveToLoan(
  tx: Transaction,
  { tenant, clock, accept }: Pick<Occasion, 'tenant' | 'clock' | 'accept'>,
  collection: Collection,
  offer: { loan: string; amount: string; paid_on: string; automatic: boolean },
): Promise<Given> {
  const { loan, amount, paid_on, automatic } = offer;
  const { provider_id, currency } = collection;
  const seq = 1 + (await allocationsOf(tx, collection.id)).length;
  const reference = automatic ? provider_id : `${provider_id}/${seq}`;
  const context = { clock, accept: async (jobs: Parameters<typeof accept>[0]) => void (await accept(jobs)) };
  const repayment = { loan, amount, currency, reference, source: 'gateway' as const, paid_on };
  const [answer] = await takeRepayments(tx, tenant, context, [repayment]);
  if (answer!.outcome === 'refused') {
    const { code, message } = answer!;
    return { took: '0.00', journal: null, refusal: { code, message } };
  }
  const { journal, taken, left_in_wallet } = answer!;
  const took = plus(taken, left_in_wallet);
  await insertAllocation(tx, collection.id, { seq, loan, reference, amount: took, journal });
  return { took, journal, refusal: null };
}

/**
 * Gives money of a collection in collection-clearing to its loan as far as the loan takes it, and keeps the
 * rest unallocated.
 * @param key of the journal that keeps the rest
 * @returns how the money is split, and the first journal of it
 */
export async function divide(
  tx: Transaction,
  occasion: Occasion,
  moment: Moment,
  collection: Collection,
  { amount, key, automatic }: { amount: string; key: string; automatic: boolean },
): Promise<{ allocated: string; unallocated: string; journal: string | null; refusal: Given['refusal'] }> {
  const { loan, paid_on } = collection;
  const given: Given =
    loan === null
      ? { took: '0.00', journal: null, refusal: null }
      : await giveToLoan(tx, occasion, collection, { loan, amount, paid_on, automatic });
  const unallocated = minus(amount, given.took);
  const kept = isAboveZero(unallocated)
    ? await bookMove(tx, moment, collection, {
        ...{ kind: 'collection.unallocated', key, amount: unallocated },
        ...{ from: 'collection-clearing', to: 'unallocated' },
      })
    : null;
  return { allocated: given.took, unallocated, journal: given.journal ?? kept, refusal: given.refusal };
}
