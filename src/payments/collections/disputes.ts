import { sql } from 'slonik';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import { emit } from '../../events/emit.ts';
import { Retry } from '../../runtime/outcomes.ts';
import { raiseException } from '../exceptions.ts';
import type { DisputePicture } from '../gateway/gateway.ts';
import { recordMoves } from '../moves.ts';
import type { Applied } from '../occasion.ts';
import { type GatewayOccasion, step } from './apply.ts';
import { bookMove, type Moment, momentAt } from './books.ts';
import { followDebit } from './debits.ts';
import { lookAt } from './looking.ts';
import { orderOf } from './orders.ts';
import { type Collection, lockCollectionCalled, money } from './rows.ts';
import {
  COLLECTION_MOVES,
  DISPUTE_STATES,
  type DisputeState,
  isFetched,
  mayMove,
  readDispute,
} from './states.ts';
import { takeBack } from './take-back.ts';

export const disputeRow = z.object({
  id: z.string(),
  provider_id: z.string(),
  collection: z.string(),
  amount: money,
  currency: z.string(),
  state: z.enum(DISPUTE_STATES),
  reason: z.string().nullable(),
  respond_by: z.date().nullable(),
  opened_at: z.date(),
});
/** The borrower's bank asks for a collection back. */
export type Dispute = z.output<typeof disputeRow>;

const COLUMNS = sql.fragment`
  id, provider_id, collection_id AS collection, amount, currency, state, reason, respond_by, opened_at`;

/** Of a collection, the first one first. */
export function disputesOf(tx: Transaction, collection: string): Promise<readonly Dispute[]> {
  return tx.any(sql.type(disputeRow)`
    SELECT ${COLUMNS} FROM dispute
    WHERE tenant_id = current_tenant() AND collection_id = ${collection} ORDER BY id`);
}

/**
 * Goes by what a gateway says of a dispute. Opened, the money is disputed; won, it is as before; lost, the
 * repayment is undone and the loan owes again. A dispute of a payment whose capture we have not heard of is
 * asked after again, once that payment was looked at.
 * @throws Retry while that is under way
 */
export async function applyDisputePicture(
  tx: Transaction,
  occasion: GatewayOccasion,
  picture: DisputePicture,
): Promise<Applied> {
  const { gateway } = occasion;
  const collection = await lockCollectionCalled(tx, { gateway, provider_id: picture.payment });
  if (!collection) return 'stranger';
  if (collection.captured_at === null) {
    if (isFetched(occasion.evidence))
      throw new Retry('payment-first', 'Its payment is not captured here yet.');
    await occasion.accept([lookAt('collection', collection.id, `${picture.id}/${picture.status}`)]);
    return 'fetch';
  }
  const moment = await momentAt(tx, occasion);
  const dispute =
    (await lockDispute(tx, gateway, picture.id)) ?? (await open(tx, occasion, moment, collection, picture));
  // Closed without a word on who was right: no money moved.
  const status = picture.status === 'closed' ? 'won' : picture.status;
  if (picture.status === 'closed' && !isFetched(occasion.evidence) && dispute.state !== 'won') return 'fetch';
  const reading = readDispute(dispute.state, status, occasion.evidence);
  if (reading === 'move') await move(tx, occasion, moment, { dispute, collection }, status);
  if (reading === 'exception') {
    await raiseException(tx, occasion, {
      ...{ kind: 'dispute', subject: dispute.id, code: 'illegal-move' },
      message: `The gateway says ${picture.status} of a dispute that is ${dispute.state}.`,
    });
  }
  return reading;
}

function lockDispute(tx: Transaction, gateway: string, provider_id: string): Promise<Dispute | null> {
  return tx.maybeOne(sql.type(disputeRow)`
    SELECT ${COLUMNS} FROM dispute
    WHERE tenant_id = current_tenant() AND gateway = ${gateway} AND provider_id = ${provider_id}
    FOR NO KEY UPDATE`);
}

/** Whatever a dispute is when we first hear of it, it was open before. */
async function open(
  tx: Transaction,
  occasion: GatewayOccasion,
  moment: Moment,
  collection: Collection,
  picture: DisputePicture,
): Promise<Dispute> {
  const { amount, currency, reason, respond_by } = picture;
  const { now, business_date } = moment;
  const dispute = await tx.one(sql.type(disputeRow)`
    INSERT INTO dispute (tenant_id, id, gateway, provider_id, collection_id, amount, currency, state, reason, respond_by,
                         opened_at, business_date)
    VALUES (current_tenant(), ${uuidv7()}, ${occasion.gateway}, ${picture.id}, ${collection.id},
            ${amount}::text::numeric, ${currency}, 'open', ${reason}, ${respond_by?.toISOString() ?? null},
            ${now.toISOString()}, ${business_date})
    RETURNING ${COLUMNS}`);
  const journal = await bookMove(tx, moment, collection, {
    ...{ kind: 'dispute.open', key: `dispute/${dispute.id}/open`, amount },
    ...{ from: 'disputed', to: 'collection-clearing' },
  });
  await recordMoves(tx, occasion, business_date, [
    { subject: dispute.id, kind: 'dispute', from: null, to: 'open', journal },
  ]);
  if (mayMove(COLLECTION_MOVES, collection.state, 'disputed')) {
    await step(tx, occasion, moment, collection, 'disputed', null);
  }
  await raiseException(tx, occasion, {
    ...{ kind: 'dispute', subject: dispute.id, code: 'dispute-open' },
    message: `${amount} ${currency} is disputed (${reason ?? 'no reason given'})${
      respond_by ? `; answer by ${respond_by.toISOString()}` : ''
    }.`,
  });
  await emit(tx, [eventOf(dispute, collection, moment, 'dispute.opened', journal)]);
  return dispute;
}

async function move(
  tx: Transaction,
  occasion: GatewayOccasion,
  moment: Moment,
  { dispute, collection }: { dispute: Dispute; collection: Collection },
  to: DisputeState,
): Promise<void> {
  const { id, amount, state: from, reason } = dispute;
  if (to === 'lost') {
    const why = `lost in a dispute${reason === null ? '' : `: ${reason}`}`;
    await takeBack(tx, occasion, moment, collection, { amount, as: 'lost', reason: why });
  }
  // What was taken back credits collection-clearing: the gateway had taken it from there when it was opened.
  const journal =
    to === 'under-review'
      ? null
      : await bookMove(tx, moment, collection, {
          ...{ kind: `dispute.${to}`, key: `dispute/${id}/${to}`, amount },
          ...{ from: 'collection-clearing', to: 'disputed' },
        });
  await tx.query(sql.type(z.object({}))`
    UPDATE dispute SET state = ${to} WHERE tenant_id = current_tenant() AND id = ${id}`);
  await recordMoves(tx, occasion, moment.business_date, [
    { subject: id, kind: 'dispute', from, to, journal },
  ]);
  if (to !== 'won' && to !== 'lost') return;
  if (mayMove(COLLECTION_MOVES, collection.state, to)) {
    await step(tx, occasion, moment, collection, to, null);
    const order = collection.order === null ? null : await orderOf(tx, collection.order);
    if (order) await followDebit(tx, occasion, moment, order, collection);
  }
  await emit(tx, [eventOf({ ...dispute, state: to }, collection, moment, `dispute.${to}`, journal)]);
}

function eventOf(
  { id, amount, currency, state, reason }: Dispute,
  { id: collection, loan }: Collection,
  { now: at, business_date }: Moment,
  type: string,
  journal: string | null,
) {
  const data = { dispute: id, collection, loan, amount, currency, state, reason };
  return { subject: loan ?? collection, type, at, business_date, data, ...(journal !== null && { journal }) };
}
