import type { Transaction } from '../../db/pools.ts';
import { Refuse, Retry } from '../../runtime/outcomes.ts';
import { raiseException } from '../exceptions.ts';
import { GatewayError } from '../gateway/errors.ts';
import type { PaymentPicture } from '../gateway/gateway.ts';
import { type Calling, laterOn, reachGateway } from '../gateway/reaching.ts';
import type { Occasion } from '../occasion.ts';
import type { Evidence } from '../states.ts';
import { applyPaymentPicture } from './apply.ts';
import { isWanted } from './capture.ts';
import { type Collection, collectionOf, lockCollection } from './rows.ts';

export interface CaptureIntent {
  tenant: string;
  collection: string;
  gateway: string;
  payment: Pick<PaymentPicture, 'id' | 'amount' | 'currency'>;
  wanted: boolean;
}

export async function beginCapture(tx: Transaction, tenant: string, id: string): Promise<CaptureIntent> {
  const collection = await collectionOf(tx, id);
  if (!collection) throw new Refuse('unknown-collection', `There is no collection ${id}.`);
  const { gateway, provider_id, amount, currency } = collection;
  const wanted = collection.state === 'authorized' && (await isWanted(tx, collection));
  return { tenant, collection: id, gateway, payment: { id: provider_id, amount, currency }, wanted };
}

export type Captured = { picture: PaymentPicture; evidence: Evidence; refused: string | null } | null;

/**
 * Captures an authorised payment. A second time the gateway refuses it, and an answer may be lost: then the
 * payment itself is looked at, and says what is true.
 */
export async function capture(
  { gateway: name, payment, wanted }: CaptureIntent,
  calling: Calling,
): Promise<Captured> {
  if (!wanted) return null;
  const { gateway, call } = await reachGateway(calling, name);
  try {
    return { picture: await gateway.capture(payment, call), evidence: 'answer', refused: null };
  } catch (error) {
    calling.signal.throwIfAborted();
    if (!(error instanceof GatewayError)) throw error;
    if (error.kind !== 'rejected' && error.kind !== 'unknown') {
      throw await laterOn(error, calling, name);
    }
    const refused = error.kind === 'rejected' ? error.code : null;
    return { picture: await lookedAt(), evidence: 'poll', refused };
  }

  async function lookedAt(): Promise<PaymentPicture> {
    try {
      return await gateway.payment(payment.id, call);
    } catch (error) {
      calling.signal.throwIfAborted();
      throw error instanceof GatewayError ? await laterOn(error, calling, name) : error;
    }
  }
}

/** @throws Retry where the capture may be tried again */
export async function concludeCapture(
  tx: Transaction,
  context: Omit<Occasion, 'evidence' | 'detail'>,
  { collection: id, gateway }: CaptureIntent,
  captured: Captured,
): Promise<Pick<Collection, 'state'>> {
  if (captured) {
    const { picture, evidence, refused } = captured;
    const occasion = { ...context, gateway, evidence, detail: { status: picture.status, refused } };
    await applyPaymentPicture(tx, occasion, picture);
    const { state } = (await lockCollection(tx, id))!;
    if (state === 'authorized' && refused === null) {
      throw new Retry('not-captured', 'The gateway has not captured it.');
    }
    if (state === 'authorized') {
      await raiseException(tx, occasion, {
        ...{ kind: 'collection', subject: id, code: 'capture-refused' },
        message: `The gateway would not capture it (${refused}): it goes back to the borrower by itself.`,
      });
    }
  }
  return { state: (await lockCollection(tx, id))!.state };
}
