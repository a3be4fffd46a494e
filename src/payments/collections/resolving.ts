import type { Transaction } from '../../db/pools.ts';
import { toDecimal } from '../../ledger/money.ts';
import type { RefusalCode } from '../../loans/repayment-answers.ts';
import { resolveExceptions } from '../exceptions.ts';
import type { Occasion } from '../occasion.ts';
import { giveToLoan } from './allocate.ts';
import { bookMove, isAboveZero, minus, momentAt, plus } from './books.ts';
import { lockDebit, moveDebit } from './debits.ts';
import { lockRefund, refundOf } from './refund-rows.ts';
import { moveRefund } from './refunds.ts';
import {
  lockCollection,
  type lockCollectionOfRepayment,
  markUndoneCalled,
  updateCollection,
} from './rows.ts';
import { DEBIT_MOVES, mayMove, REFUND_MOVES } from './states.ts';

/** On what people have agreed, and who they are. */
export type Agreed = Occasion & { by: string; why: string };

export interface Refused<Code extends string = never> {
  outcome: 'refused';
  code: Code | 'not-found' | 'illegal-transition';
  message: string;
}

export interface AllocationWish {
  collection: string;
  loan: string;
  amount: string;
  /** The day from which it counts; the day the borrower paid where it is left out. */
  paid_on?: string | undefined;
}

/** Gives unallocated money of a collection to a loan, as a repayment; what the loan leaves stays unallocated. */
export async function allocateCollection(
  tx: Transaction,
  occasion: Agreed,
  { collection: id, loan, amount, paid_on }: AllocationWish,
): Promise<
  | {
      outcome: 'allocated';
      collection: string;
      loan: string;
      allocated: string;
      unallocated: string;
      journal: string;
    }
  | Refused<RefusalCode | 'not-unallocated'>
> {
  const collection = await lockCollection(tx, id);
  if (!collection) return no('not-found', `There is no collection ${id}.`);
  if (toDecimal(amount).gt(toDecimal(collection.unallocated))) {
    return no('not-unallocated', `${collection.unallocated} of collection ${id} lies unallocated.`);
  }
  const offer = { loan, amount, paid_on: paid_on ?? collection.paid_on, automatic: false };
  const { took, journal, refusal } = await giveToLoan(tx, occasion, collection, offer);
  if (refusal || journal === null) {
    return no(refusal?.code ?? 'nothing-due', refusal?.message ?? `Loan ${loan} asks for nothing.`);
  }
  const moment = await momentAt(tx, occasion);
  // The repayment took the money from collection-clearing, where it was before it lay unallocated.
  await bookMove(tx, moment, collection, {
    ...{ kind: 'collection.allocate', key: `collection.allocate/${journal}`, amount: took },
    ...{ from: 'unallocated', to: 'collection-clearing' },
  });
  const unallocated = minus(collection.unallocated, took);
  await updateCollection(tx, collection, {
    ...{ allocated: plus(collection.allocated, took), unallocated, loan: collection.loan ?? loan },
  });
  if (!isAboveZero(unallocated)) await closed(tx, occasion, id, ['unallocated']);
  return { outcome: 'allocated', collection: id, loan, allocated: took, unallocated, journal };
}

/** People found out what became of a presentment that nobody could tell of: the gateway made nothing of it. */
export async function resolveDebit(
  tx: Transaction,
  occasion: Agreed,
  id: string,
): Promise<{ outcome: 'bounced'; debit: string } | Refused> {
  const debit = await lockDebit(tx, id);
  if (!debit) return no('not-found', `There is no presentment ${id}.`);
  if (!mayMove(DEBIT_MOVES, debit.state, 'bounced')) {
    return no('illegal-transition', `Presentment ${id} is ${debit.state}.`);
  }
  const moment = await momentAt(tx, occasion);
  await moveDebit(tx, occasion, moment, debit, { state: 'bounced', reason: 'resolved-by-people' });
  await closed(tx, occasion, id, ['debit-unresolved']);
  return { outcome: 'bounced', debit: id };
}

/** People found out what became of a refund that nobody could tell of. */
export async function resolveRefund(
  tx: Transaction,
  occasion: Agreed,
  { refund: id, outcome }: { refund: string; outcome: 'processed' | 'failed' },
): Promise<{ outcome: 'processed' | 'failed'; refund: string } | Refused> {
  const found = await refundOf(tx, id);
  if (!found) return no('not-found', `There is no refund ${id}.`);
  const collection = (await lockCollection(tx, found.collection))!;
  const refund = (await lockRefund(tx, id))!;
  if (refund.state !== 'suspense' || !mayMove(REFUND_MOVES, refund.state, outcome)) {
    return no(
      'illegal-transition',
      `Refund ${id} is ${refund.state}: only one in suspense is people’s to settle.`,
    );
  }
  const moment = await momentAt(tx, occasion);
  await moveRefund(tx, occasion, moment, { refund, collection }, outcome, 'resolved-by-people');
  await closed(tx, occasion, id, ['unknown-outcome']);
  return { outcome, refund: id };
}

/**
 * A repayment that a collection had become was undone by people, while its money is still ours: it lies
 * unallocated. The caller has locked the collection, and then undone the repayment.
 */
export async function unallocate(
  tx: Transaction,
  occasion: Pick<Occasion, 'tenant' | 'clock'>,
  collection: NonNullable<Awaited<ReturnType<typeof lockCollectionOfRepayment>>>,
  { reference, journal }: { reference: string; journal: string },
): Promise<void> {
  const moment = await momentAt(tx, occasion);
  const amount = await markUndoneCalled(tx, collection.id, { reference, at: moment.now, journal });
  await bookMove(tx, moment, collection, {
    ...{
      kind: 'collection.unallocated',
      key: `collection.unallocated/${collection.id}/${reference}`,
      amount,
    },
    ...{ from: 'collection-clearing', to: 'unallocated' },
  });
  await updateCollection(tx, collection, {
    allocated: minus(collection.allocated, amount),
    unallocated: plus(collection.unallocated, amount),
  });
}

function closed(
  tx: Transaction,
  { clock, by, why }: Agreed,
  subject: string,
  codes: string[],
): Promise<void> {
  return resolveExceptions(tx, { subjects: [subject], codes }, { by, at: clock.now(), why });
}

function no<Code extends string>(
  code: Code,
  message: string,
): { outcome: 'refused'; code: Code; message: string } {
  return { outcome: 'refused', code, message };
}
