import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import { GatewayError } from '../gateway/errors.ts';
import type { AnyPicture, Gateway, GatewayCall } from '../gateway/gateway.ts';
import { letIn } from '../gateway/lockouts.ts';
import { type Calling, laterOn, reachGateway } from '../gateway/reaching.ts';
import type { Applied, Occasion } from '../occasion.ts';
import { applyPaymentPicture, type GatewayOccasion } from './apply.ts';
import { tellIfUnresolved } from './debits.ts';
import type { LookedAt } from './looking.ts';
import { nextLookAt, nextLookAtOrder } from './looks.ts';
import { advanceOrder, orderOf } from './orders.ts';
import { lockRefund, refundOf, updateRefund } from './refund-rows.ts';
import { applyRefundPicture } from './refunds.ts';
import { collectionOf, lockCollectionCalled } from './rows.ts';

/** What is to be looked at, as the gateway calls it; null where it knows nothing of it (yet). */
export interface LookIntent {
  tenant: string;
  of: LookedAt;
  id: string;
  gateway: string;
  provider_id: string | null;
}

export async function beginLook(
  tx: Transaction,
  tenant: string,
  { of, id }: Pick<LookIntent, 'of' | 'id'>,
): Promise<LookIntent> {
  const found = await calledBy(tx, of, id);
  if (!found) throw new Error(`There is no ${of} ${id}.`);
  return { tenant, of, id, ...found };
}

async function calledBy(
  tx: Transaction,
  of: LookedAt,
  id: string,
): Promise<Pick<LookIntent, 'gateway' | 'provider_id'> | null> {
  if (of === 'order') return orderOf(tx, id);
  if (of === 'collection') return collectionOf(tx, id);
  const refund = await refundOf(tx, id);
  if (!refund) return null;
  const { gateway } = (await collectionOf(tx, refund.collection))!;
  return { gateway, provider_id: refund.provider_id };
}

/** Asks the gateway how it stands. @throws Retry or Snooze where it does not answer */
export async function look(
  { of, gateway: name, provider_id }: LookIntent,
  calling: Calling,
): Promise<readonly AnyPicture[]> {
  if (provider_id === null) return [];
  const { gateway, call } = await reachGateway(calling, name);
  try {
    return await picturesOf(of, provider_id, gateway, call);
  } catch (error) {
    calling.signal.throwIfAborted();
    throw error instanceof GatewayError ? await laterOn(error, calling, name) : error;
  }
}

async function picturesOf(
  of: LookedAt,
  id: string,
  gateway: Gateway,
  call: GatewayCall,
): Promise<readonly AnyPicture[]> {
  switch (of) {
    case 'order':
      return [...(await gateway.paymentsOfOrder(id, call)), await gateway.order(id, call)];
    case 'refund':
      return [await gateway.refund(id, call)];
    case 'collection':
      return [await gateway.payment(id, call)];
  }
}

/** Goes by what the look showed, and says when to look again. */
export async function concludeLook(
  tx: Transaction,
  context: Omit<Occasion, 'evidence' | 'detail'>,
  intent: LookIntent,
  pictures: readonly AnyPicture[],
): Promise<Applied[]> {
  const { gateway } = intent;
  const occasion: GatewayOccasion = {
    ...context,
    gateway,
    evidence: 'poll',
    detail: { looked_at: intent.of },
  };
  const readings: Applied[] = [];
  const inOrder = pictures.toSorted((one, other) => (one.id < other.id ? -1 : 1));
  // All collections before any loan: else two looks could wait for each other.
  for (const { of, id } of inOrder) {
    if (of === 'payment') await lockCollectionCalled(tx, { gateway, provider_id: id });
  }
  for (const picture of inOrder) {
    if (picture.of === 'payment') readings.push(await applyPaymentPicture(tx, occasion, picture));
    if (picture.of === 'refund') readings.push(await applyRefundPicture(tx, occasion, picture));
    if (picture.of === 'order') {
      const order = await orderOf(tx, intent.id);
      if (order) readings.push(await advanceOrder(tx, order, picture.status));
    }
  }
  if (pictures.length > 0) await letIn(tx, context, gateway);
  if (intent.of === 'order') await lookAgainAtOrder(tx, occasion, intent.id);
  if (intent.of === 'refund') await lookAgainAtRefund(tx, occasion, intent.id);
  return readings;
}

async function lookAgainAtOrder(tx: Transaction, occasion: Occasion, id: string): Promise<void> {
  const order = (await orderOf(tx, id))!;
  await tellIfUnresolved(tx, occasion, order);
  const looks = order.looks + 1;
  const at = order.state === 'paid' ? null : nextLookAtOrder({ ...order, looks }, occasion.clock.now());
  await tx.query(sql.type(z.object({}))`
    UPDATE collection_order SET looks = ${looks}, next_look_at = ${at?.toISOString() ?? null}
    WHERE tenant_id = current_tenant() AND id = ${id}`);
}

async function lookAgainAtRefund(tx: Transaction, { clock }: Occasion, id: string): Promise<void> {
  const refund = (await lockRefund(tx, id))!;
  if (refund.state !== 'pending') return;
  const looks = refund.looks + 1;
  await updateRefund(tx, refund, { looks, next_look_at: nextLookAt(looks, clock.now()) });
}
