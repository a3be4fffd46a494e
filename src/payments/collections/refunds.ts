import { v7 as uuidv7 } from 'uuid';
import type { Transaction } from '../../db/pools.ts';
import { emit } from '../../events/emit.ts';
import { toDecimal } from '../../ledger/money.ts';
import { raiseException } from '../exceptions.ts';
import type { RefundPicture } from '../gateway/gateway.ts';
import { recordMoves } from '../moves.ts';
import type { Applied, Occasion } from '../occasion.ts';
import { type GatewayOccasion, step } from './apply.ts';
import { bookMove, type Moment, minus, momentAt, plus } from './books.ts';
import { lookAt } from './looking.ts';
import { firstLookAt } from './looks.ts';
import {
  insertRefund,
  lockRefund,
  type Refund,
  refundCalled,
  refundsOf,
  updateRefund,
} from './refund-rows.ts';
import { type Collection, lockCollection, lockCollectionCalled, updateCollection } from './rows.ts';
import { type RefundState, readRefund } from './states.ts';

export const REFUND_KIND = 'payments.refund';

/** Unallocated money of a collection that is to go back to whoever paid it. */
export interface RefundWish {
  collection: string;
  amount: string;
  asked_by: string;
  /** The attempt that failed, where this is the next one. */
  previous?: string | undefined;
}

export type Asked =
  | { outcome: 'asked'; refund: string; journal: string }
  | {
      outcome: 'refused';
      code: 'not-found' | 'not-unallocated' | 'disputed' | 'illegal-transition';
      message: string;
    };

/**
 * Takes unallocated money of a collection into refund-clearing, where from now on it is under way, and accepts the
 * job that asks the gateway for it. What a loan took is given back only once that repayment is undone.
 */
export async function askRefund(
  tx: Transaction,
  occasion: Occasion,
  { collection: id, amount, asked_by, previous: previous_id }: RefundWish,
): Promise<Asked> {
  const collection = await lockCollection(tx, id);
  if (!collection) return no('not-found', `There is no collection ${id}.`);
  if (collection.state === 'disputed')
    return no('disputed', 'Its bank asks for it back: a refund would pay twice.');
  if (toDecimal(amount).gt(toDecimal(collection.unallocated))) {
    return no('not-unallocated', `${collection.unallocated} of collection ${id} lies unallocated.`);
  }
  const previous = previous_id === undefined ? null : await lockRefund(tx, previous_id);
  if (previous_id !== undefined && (previous?.state !== 'failed' || previous.collection !== id)) {
    return no('illegal-transition', `Refund ${previous_id} is no attempt of this collection that failed.`);
  }
  const moment = await momentAt(tx, occasion);
  const refund = {
    ...{ id: uuidv7(), collection: id, amount, currency: collection.currency, asked_by },
    attempt: (previous?.attempt ?? 0) + 1,
  };
  await insertRefund(tx, { ...refund, instruction: previous?.instruction ?? refund.id }, moment);
  const journal = await bookMove(tx, moment, collection, {
    ...{ kind: 'refund.ask', key: `refund/${refund.id}/requested`, amount },
    ...{ from: 'unallocated', to: 'refund-clearing' },
  });
  await updateCollection(tx, collection, {
    unallocated: minus(collection.unallocated, amount),
    refunded: plus(collection.refunded, amount),
  });
  await recordMoves(tx, occasion, moment.business_date, [
    { subject: refund.id, kind: 'refund', from: null, to: 'requested', journal },
  ]);
  await occasion.accept([{ kind: REFUND_KIND, payload: { refund: refund.id } }]);
  return { outcome: 'asked', refund: refund.id, journal };
}

/**
 * Goes by what a gateway says of a refund: a legal move with its journal, evidence and event, or no change, and
 * why. One that we did not ask for shows in what the payment itself says was given back: that is looked at.
 */
export async function applyRefundPicture(
  tx: Transaction,
  occasion: GatewayOccasion,
  picture: RefundPicture,
): Promise<Applied> {
  const { gateway } = occasion;
  const collection = await lockCollectionCalled(tx, { gateway, provider_id: picture.payment });
  if (!collection) return 'stranger';
  const called = { provider_id: picture.id, receipt: picture.receipt };
  const refund = await refundCalled(tx, collection.id, called);
  if (!refund) {
    await occasion.accept([lookAt('collection', collection.id, `${picture.id}/${picture.status}`)]);
    return 'fetch';
  }
  if (!toDecimal(picture.amount).eq(toDecimal(refund.amount))) {
    await raiseException(tx, occasion, {
      ...{ kind: 'refund', subject: refund.id, code: 'other-amount' },
      message: `The gateway says ${picture.amount}, and ${refund.amount} was asked for.`,
    });
    return 'exception';
  }
  if (refund.provider_id === null) await updateRefund(tx, refund, { provider_id: picture.id });
  const reading = readRefund(refund.state, picture.status, occasion.evidence);
  if (reading === 'move') {
    await moveRefund(tx, occasion, await momentAt(tx, occasion), { refund, collection }, picture.status);
  }
  if (reading === 'exception') {
    await raiseException(tx, occasion, {
      ...{ kind: 'refund', subject: refund.id, code: 'illegal-move' },
      message: `The gateway says ${picture.status} of a refund that is ${refund.state}.`,
    });
  }
  return reading;
}

/** One legal move of a refund whose collection is locked as well: its journal, its evidence, its event. */
export async function moveRefund(
  tx: Transaction,
  occasion: Occasion,
  moment: Moment,
  { refund, collection }: { refund: Refund; collection: Collection },
  to: RefundState,
  reason: string | null = null,
): Promise<void> {
  const { id, amount, state: from } = refund;
  const ends = { processed: 'collection-clearing', failed: 'unallocated' } as const;
  const journal =
    to === 'processed' || to === 'failed'
      ? await bookMove(tx, moment, collection, {
          ...{ kind: `refund.${to}`, key: `refund/${id}/${to}`, amount },
          ...{ from: 'refund-clearing', to: ends[to] },
        })
      : null;
  const next_look_at = to === 'pending' ? firstLookAt(moment.now) : null;
  await updateRefund(tx, refund, { state: to, reason, next_look_at, looks: 0 });
  await recordMoves(tx, occasion, moment.business_date, [{ subject: id, kind: 'refund', from, to, journal }]);
  if (to === 'processed') await closeIfWhole(tx, occasion, moment, collection);
  if (to === 'failed') await comeBack(tx, occasion, collection, refund);
  if (journal === null) return;
  const { instruction, attempt, currency } = refund;
  const data = { refund: id, instruction, attempt, collection: collection.id, amount, currency, reason };
  const { now: at, business_date } = moment;
  const subject = collection.loan ?? collection.id;
  await emit(tx, [{ subject, type: `refund.${to}`, at, business_date, journal, data }]);
}

/** All of it has gone back. */
async function closeIfWhole(
  tx: Transaction,
  occasion: Occasion,
  moment: Moment,
  collection: Collection,
): Promise<void> {
  const { refunded, amount, state } = collection;
  if (refunded !== amount || !['captured', 'settled', 'won'].includes(state)) return;
  const refunds = await refundsOf(tx, collection.id);
  if (refunds.some((each) => each.state !== 'processed' && each.state !== 'failed')) return;
  await step(tx, occasion, moment, collection, 'refunded', null);
}

/** The money lies unallocated again; people decide about another attempt. */
async function comeBack(
  tx: Transaction,
  occasion: Occasion,
  collection: Collection,
  { id, amount, reason }: Refund,
): Promise<void> {
  await updateCollection(tx, collection, {
    unallocated: plus(collection.unallocated, amount),
    refunded: minus(collection.refunded, amount),
  });
  await raiseException(tx, occasion, {
    ...{ kind: 'refund', subject: id, code: 'refund-failed' },
    message: `${amount} did not go back (${reason ?? 'no reason given'}) and lies unallocated again.`,
  });
}

function no(code: Extract<Asked, { outcome: 'refused' }>['code'], message: string): Asked {
  return { outcome: 'refused', code, message };
}
