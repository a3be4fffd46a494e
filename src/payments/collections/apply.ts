import { localDate } from '../../calendar/business-date.ts';
import type { Transaction } from '../../db/pools.ts';
import { type EventDraft, emit } from '../../events/emit.ts';
import { businessDayAt } from '../../ledger/business-day.ts';
import { toDecimal } from '../../ledger/money.ts';
import { raiseException } from '../exceptions.ts';
import type { PaymentPicture } from '../gateway/gateway.ts';
import { recordMoves } from '../moves.ts';
import type { Applied, Occasion } from '../occasion.ts';
import { divide } from './allocate.ts';
import { isAboveZero, type Moment, minus, plus } from './books.ts';
import { isWanted } from './capture.ts';
import { followDebit } from './debits.ts';
import { advanceOrder, lockOrderCalled, type Order, orderOf } from './orders.ts';
import { type Collection, insertCollection, lockCollectionCalled, updateCollection } from './rows.ts';
import { type CollectionState, isFetched, readPayment } from './states.ts';
import { takeBack } from './take-back.ts';

export const CAPTURE_KIND = 'payments.capture';

/** What a gateway's picture is applied on. */
export type GatewayOccasion = Occasion & { gateway: string };

/**
 * Goes by what a gateway says of a payment of a borrower's: legal moves with their journals, evidence and events,
 * or no change, and why. A captured payment becomes a repayment of its loan in this same transaction; what the
 * loan does not take is kept unallocated. Locks the collection first, so that pictures of one payment are read
 * one after the other, whoever brings them.
 */
export async function applyPaymentPicture(
  tx: Transaction,
  occasion: GatewayOccasion,
  picture: PaymentPicture,
): Promise<Applied> {
  const { tenant, clock } = occasion;
  const now = clock.now();
  const { business_date, calendar, today } = await businessDayAt(tx, tenant, now);
  const moment: Moment = { tenant, now, business_date };
  const paid_on = localDate(picture.created_at, calendar.time_zone);
  const day = { ...moment, paid_on: paid_on < today ? paid_on : today };
  const collection = await knownOrNew(tx, occasion, day, picture);
  if (!collection) return 'stranger';
  if (await contradicts(tx, occasion, collection, picture)) return 'exception';
  const reading = readPayment(collection.state, picture.status, occasion.evidence);
  switch (reading) {
    case 'move':
      return move(tx, occasion, moment, collection, picture);
    case 'same':
      return learn(tx, occasion, moment, collection, picture);
    case 'exception':
      await raiseException(tx, occasion, {
        ...{ kind: 'collection', subject: collection.id, code: 'illegal-move' },
        message: `The gateway says ${picture.status} of a collection that is ${collection.state}.`,
      });
      return reading;
    case 'fetch':
      // What we gave back ourselves needs no asking.
      return picture.status === 'refunded' && !isAboveZero(unasked(collection, picture)) ? 'same' : reading;
    default:
      return reading;
  }
}

/**
 * The collection, locked; one never heard of is written down first. Null for one that neither pays an order of
 * ours nor is money of ours: the gateway may serve others with the same account.
 */
async function knownOrNew(
  tx: Transaction,
  occasion: GatewayOccasion,
  day: Moment & { paid_on: string },
  picture: PaymentPicture,
): Promise<Collection | null> {
  const { gateway } = occasion;
  const called = { gateway, provider_id: picture.id };
  const known = await lockCollectionCalled(tx, called);
  if (known) return known;
  const order = picture.order ? await lockOrderCalled(tx, { gateway, provider_id: picture.order }) : null;
  if (!order && picture.status !== 'captured') return null;
  const { business_date, now, paid_on } = day;
  const inserted = await insertCollection(tx, {
    ...called,
    ...{ order: order?.id ?? null, loan: order?.loan ?? null, method: picture.method },
    ...{ amount: picture.amount, currency: picture.currency, paid_at: picture.created_at, paid_on },
    ...{ created_at: now, business_date },
  });
  const collection = await lockCollectionCalled(tx, called);
  if (!inserted) return collection;
  const first = {
    subject: collection!.id,
    kind: 'collection' as const,
    from: null,
    to: 'created',
    journal: null,
  };
  await recordMoves(tx, occasion, business_date, [first]);
  if (order) {
    await advanceOrder(tx, order, 'attempted');
    await followDebit(tx, occasion, day, order, collection!);
  }
  return collection;
}

/** What can never be: then the picture is of something else, whatever it says. */
async function contradicts(
  tx: Transaction,
  occasion: Occasion,
  { id, amount, currency }: Collection,
  picture: PaymentPicture,
): Promise<boolean> {
  if (toDecimal(picture.amount).eq(toDecimal(amount)) && picture.currency === currency) return false;
  await raiseException(tx, occasion, {
    ...{ kind: 'collection', subject: id, code: 'other-amount' },
    message: `The gateway says ${picture.amount} ${picture.currency}, and it was ${amount} ${currency}.`,
  });
  return true;
}

/** What the gateway has given back of it and we neither asked for nor know of. */
function unasked({ refunded, returned }: Collection, { amount_refunded }: PaymentPicture): string {
  return minus(amount_refunded, plus(refunded, returned));
}

async function move(
  tx: Transaction,
  occasion: GatewayOccasion,
  moment: Moment,
  collection: Collection,
  picture: PaymentPicture,
): Promise<Applied> {
  const { status, error } = picture;
  await updateCollection(tx, collection, withPicture(collection, picture));
  const order = collection.order === null ? null : await orderOf(tx, collection.order);
  switch (status) {
    case 'authorized':
      await step(tx, occasion, moment, collection, 'authorized', null);
      if (order && (await isWanted(tx, collection))) {
        await occasion.accept([{ kind: CAPTURE_KIND, payload: { collection: collection.id } }]);
      }
      break;
    case 'failed':
      await updateCollection(tx, collection, { reason: error?.code ?? null });
      await step(tx, occasion, moment, collection, 'failed', null);
      break;
    case 'captured':
      await capture(tx, occasion, moment, collection, order);
      break;
    case 'refunded':
      return gaveBack(tx, occasion, moment, collection, picture, order);
    case 'created':
      return 'older';
  }
  if (order) await followDebit(tx, occasion, moment, order, collection);
  return 'move';
}

/** What came to be known later than the state itself; money given back without our asking shows here. */
async function learn(
  tx: Transaction,
  occasion: GatewayOccasion,
  moment: Moment,
  collection: Collection,
  picture: PaymentPicture,
): Promise<Applied> {
  await updateCollection(tx, collection, withPicture(collection, picture));
  if (collection.captured_at === null || !isAboveZero(unasked(collection, picture))) return 'same';
  if (!isFetched(occasion.evidence)) return 'fetch';
  return gaveBack(tx, occasion, moment, collection, picture, null);
}

/** Money becomes ours: a repayment of the loan, and unallocated as far as no loan takes it. */
async function capture(
  tx: Transaction,
  occasion: GatewayOccasion,
  moment: Moment,
  collection: Collection,
  order: Order | null,
): Promise<void> {
  const { amount, id } = collection;
  const key = `collection.unallocated/${id}`;
  const { allocated, unallocated, journal, refusal } = await divide(tx, occasion, moment, collection, {
    ...{ amount, key, automatic: true },
  });
  await updateCollection(tx, collection, {
    ...{ captured_at: moment.now, allocated, unallocated, reason: null },
  });
  await step(tx, occasion, moment, collection, 'captured', journal);
  if (order) await advanceOrder(tx, order, 'paid');
  if (isAboveZero(unallocated)) await tellUnallocated(tx, occasion, moment, collection, refusal);
}

async function tellUnallocated(
  tx: Transaction,
  occasion: Occasion,
  moment: Moment,
  collection: Collection,
  refusal: { code: string; message: string } | null,
): Promise<void> {
  const { id, loan, unallocated, currency } = collection;
  const code = refusal?.code ?? (loan === null ? 'no-order' : 'over-payment');
  await raiseException(tx, occasion, {
    ...{ kind: 'collection', subject: id, code: 'unallocated' },
    message: `${unallocated} ${currency} lies unallocated (${code}). ${refusal?.message ?? ''}`.trim(),
  });
  await emit(tx, [eventOf(collection, moment, 'collection.unallocated', { code, unallocated })]);
}

/** The gateway or a bank gave it back without our asking; captured or not, each path ends the same. */
async function gaveBack(
  tx: Transaction,
  occasion: GatewayOccasion,
  moment: Moment,
  collection: Collection,
  picture: PaymentPicture,
  order: Order | null,
): Promise<Applied> {
  if (collection.captured_at === null) {
    // A fee is known only of what was captured.
    if (picture.fee === null) {
      await step(tx, occasion, moment, collection, 'auto-refunded', null);
      if (order) await followDebit(tx, occasion, moment, order, collection);
      return 'move';
    }
    await capture(tx, occasion, moment, collection, order);
  }
  const amount = unasked(collection, picture);
  if (!isAboveZero(amount)) return 'same';
  return returnCollection(tx, occasion, moment, collection, { amount, reason: 'given back by the gateway' });
}

/**
 * Money of a captured collection went back: its repayments are undone as far as need be. The caller holds the
 * collection's lock.
 */
export async function returnCollection(
  tx: Transaction,
  occasion: Occasion,
  moment: Moment,
  collection: Collection,
  { amount, reason }: { amount: string; reason: string },
): Promise<Applied> {
  const journal = await takeBack(tx, occasion, moment, collection, { amount, as: 'returned', reason });
  const whole = toDecimal(collection.allocated).plus(toDecimal(collection.unallocated)).isZero();
  if (whole) await step(tx, occasion, moment, collection, 'reversed', journal);
  else await emit(tx, [eventOf(collection, moment, 'collection.reversed', { amount, journal })]);
  const order = collection.order === null ? null : await orderOf(tx, collection.order);
  if (order && whole) await followDebit(tx, occasion, moment, order, collection);
  return 'move';
}

const TOLD: Partial<Record<CollectionState, string>> = {
  captured: 'collection.captured',
  failed: 'collection.failed',
  reversed: 'collection.reversed',
};

/** Writes one move down, with its evidence, and tells those who want to know. */
export async function step(
  tx: Transaction,
  occasion: Pick<Occasion, 'clock' | 'evidence' | 'detail'>,
  moment: Moment,
  collection: Collection,
  to: CollectionState,
  journal: string | null,
): Promise<void> {
  const { id, state: from } = collection;
  await updateCollection(tx, collection, { state: to });
  await recordMoves(tx, occasion, moment.business_date, [
    { subject: id, kind: 'collection', from, to, journal },
  ]);
  const type = TOLD[to];
  if (type) await emit(tx, [eventOf(collection, moment, type, { journal })]);
}

export function eventOf(
  { id, loan, amount, currency, state, provider_id, reason, paid_on, allocated, unallocated }: Collection,
  { now: at, business_date }: Moment,
  type: string,
  { journal, ...more }: { journal?: string | null } & Record<string, unknown>,
): EventDraft {
  return {
    ...{ subject: loan ?? id, type, at, business_date },
    ...(typeof journal === 'string' && { journal }),
    data: {
      ...{ collection: id, payment: provider_id, loan, state, amount, currency, paid_on },
      ...{ allocated, unallocated, reason, ...more },
    },
  };
}

function withPicture(collection: Collection, picture: PaymentPicture) {
  return {
    fee: collection.fee ?? picture.fee,
    tax: collection.tax ?? picture.tax,
    method: collection.method ?? picture.method,
  };
}
