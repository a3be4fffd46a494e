import type { Transaction } from '../../db/pools.ts';
import type { CallContext } from '../../runtime/definition.ts';
import { Refuse, Retry, Snooze } from '../../runtime/outcomes.ts';
import { raiseException } from '../exceptions.ts';
import { GatewayError } from '../gateway/errors.ts';
import type { RefundPicture } from '../gateway/gateway.ts';
import { type Calling, laterOn, reachGateway } from '../gateway/reaching.ts';
import type { Occasion } from '../occasion.ts';
import { momentAt } from './books.ts';
import { lockRefund, type Refund, refundOf, updateRefund } from './refund-rows.ts';
import { applyRefundPicture, moveRefund } from './refunds.ts';
import { type Collection, collectionOf, lockCollection } from './rows.ts';

export interface RefundIntent {
  tenant: string;
  refund: string;
  collection: string;
  gateway: string;
  payment: string;
}

/** Stores the exact bytes that will be sent every time, before the gateway hears of them. */
export async function beginRefunding(
  tx: Transaction,
  { tenant, services }: Pick<Calling, 'tenant' | 'services'>,
  id: string,
): Promise<RefundIntent> {
  const refund = await lockRefund(tx, id);
  if (!refund) throw new Refuse('unknown-refund', `There is no refund ${id}.`);
  const { gateway: name, provider_id } = (await collectionOf(tx, refund.collection))!;
  const gateway = services.payments.gateways.get(name);
  if (!gateway)
    throw new Snooze('no-gateway', `There is no gateway ${name}.`, services.payments.pace.locked_out_ms);
  const { amount, currency } = refund;
  if (refund.request_body === null) {
    await updateRefund(tx, refund, { request_body: gateway.refundBody({ id, amount, currency }) });
  }
  return { tenant, refund: id, collection: refund.collection, gateway: name, payment: provider_id };
}

/** `null`: it is settled already, or before people. */
export type Refunded = { picture: RefundPicture } | { rejected: string } | null;

const SENT_FROM: readonly Refund['state'][] = ['requested', 'unknown'];

/**
 * Asks the gateway for a refund: the same bytes under the same key on every try. What may have been made is
 * repeated so on the ladder; then people find out, and no machine asks again.
 * @throws Retry or Snooze where it is to be tried again
 */
export async function sendRefund(
  intent: RefundIntent,
  calling: Calling & Pick<CallContext, 'resumed'>,
): Promise<Refunded> {
  const { transact, services, signal, resumed } = calling;
  const refund = (await transact((tx) => refundOf(tx, intent.refund)))!;
  if (!SENT_FROM.includes(refund.state)) return null;
  const { gateway, call } = await reachGateway(calling, intent.gateway);
  const request = { payment: intent.payment, key: refund.id, body: refund.request_body! };
  try {
    return { picture: await gateway.sendRefund(request, call) };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof GatewayError)) throw error;
    const { pace } = services.payments;
    if (['busy', 'unreachable', 'locked-out'].includes(error.kind)) {
      throw await laterOn(error, calling, intent.gateway);
    }
    // Of an earlier try it is not known how it ended: no refusal of this one says that it made nothing.
    const is_first = refund.state === 'requested' && !resumed;
    if (error.kind === 'rejected' && is_first) return { rejected: error.code };
    const tries = await transact((tx) => noteUnknown(tx, calling, intent, error));
    const wait_ms = error.kind === 'key-conflict' ? undefined : pace.replays_ms[tries - 1];
    if (wait_ms !== undefined) throw new Retry(error.code, error.message, { after_ms: wait_ms });
    await transact((tx) => suspend(tx, calling, intent, error));
    return null;
  }
}

async function noteUnknown(
  tx: Transaction,
  calling: Calling,
  intent: RefundIntent,
  { code }: GatewayError,
): Promise<number> {
  const locked = await lockBoth(tx, intent);
  const { refund } = locked;
  if (!SENT_FROM.includes(refund.state)) return 1;
  const looks = refund.looks + 1;
  if (refund.state === 'requested') {
    await moveRefund(tx, occasionOf(calling, code), await momentAt(tx, calling), locked, 'unknown', code);
  }
  await updateRefund(tx, refund, { looks });
  return looks;
}

async function suspend(
  tx: Transaction,
  calling: Calling,
  intent: RefundIntent,
  { code, message }: GatewayError,
): Promise<void> {
  const locked = await lockBoth(tx, intent);
  if (!SENT_FROM.includes(locked.refund.state)) return;
  const occasion = occasionOf(calling, code);
  await moveRefund(tx, occasion, await momentAt(tx, calling), locked, 'suspense', code);
  await raiseException(tx, occasion, {
    ...{ kind: 'refund', subject: intent.refund, code: 'unknown-outcome' },
    message: `It may have gone back, and nobody can say: ${message}`,
  });
}

function occasionOf({ tenant, clock }: Calling, code: string): Occasion {
  return { tenant, clock, evidence: 'answer', detail: { code }, accept: async () => {} };
}

async function lockBoth(
  tx: Transaction,
  intent: Pick<RefundIntent, 'refund' | 'collection'>,
): Promise<{ refund: Refund; collection: Collection }> {
  const collection = (await lockCollection(tx, intent.collection))!;
  return { collection, refund: (await lockRefund(tx, intent.refund))! };
}

/** Writes down what became of the call. Whoever brought a later word meanwhile was right. */
export async function concludeRefunding(
  tx: Transaction,
  context: Omit<Occasion, 'evidence' | 'detail'>,
  intent: RefundIntent,
  refunded: Refunded,
): Promise<Refund> {
  if (refunded && 'picture' in refunded) {
    const { picture } = refunded;
    const occasion = { ...context, gateway: intent.gateway, evidence: 'answer' as const };
    await applyRefundPicture(tx, { ...occasion, detail: { status: picture.status } }, picture);
  } else if (refunded) {
    const locked = await lockBoth(tx, intent);
    const occasion = { ...context, evidence: 'answer' as const, detail: { code: refunded.rejected } };
    if (locked.refund.state === 'requested') {
      await moveRefund(tx, occasion, await momentAt(tx, context), locked, 'failed', refunded.rejected);
    }
  }
  return (await lockRefund(tx, intent.refund))!;
}
