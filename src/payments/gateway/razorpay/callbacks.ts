import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { AnyPicture, Gateway, GatewayEvent } from '../gateway.ts';
import {
  disputePicture,
  orderPicture,
  paymentPicture,
  refundPicture,
  settlementPicture,
} from './collections.ts';
import { moment } from './money.ts';
import { payoutPicture } from './payouts.ts';
import { dispute, order, payment, payout, refund, settlement } from './schemas.ts';

const SIGNATURE = /^[0-9a-f]{64}$/;
const EVENT_ID_MAX = 200;

/** Webhooks (docs: webhooks/payouts, payments, refunds, settlements, validate-test). */
export const callbacks: Pick<Gateway, 'isSigned' | 'eventId' | 'readEvent'> = {
  isSigned(body, headers, secret) {
    const given = headers['x-razorpay-signature'];
    const isHex = typeof given === 'string' && SIGNATURE.test(given);
    const expected = createHmac('sha256', secret).update(body).digest();
    // What is no signature at all is compared as well, so that nobody can tell by the time how far it came.
    const actual = isHex ? Buffer.from(given, 'hex') : Buffer.alloc(expected.length);
    return timingSafeEqual(actual, expected) && isHex;
  },
  eventId(headers) {
    const given = headers['x-razorpay-event-id'];
    return typeof given === 'string' && given !== '' && given.length <= EVENT_ID_MAX ? given : null;
  },
  readEvent,
};

const event = z.object({
  entity: z.literal('event'),
  event: z.string().min(1),
  // Missing from some that tell of no object.
  created_at: moment.nullish(),
  payload: z.record(z.string(), z.object({ entity: z.unknown() })).default({}),
});

/** In this order: what comes first may be needed to place the next. */
const READERS: Readonly<Record<string, (entity: unknown) => AnyPicture>> = {
  payout: (entity) => payoutPicture(payout.parse(entity)),
  order: (entity) => orderPicture(order.parse(entity)),
  payment: (entity) => paymentPicture(payment.parse(entity)),
  refund: (entity) => refundPicture(refund.parse(entity)),
  dispute: (entity) => disputePicture(dispute.parse(entity)),
  settlement: (entity) => settlementPicture(settlement.parse(entity)),
};

const KNOWN = /^(?:payout|order|payment|refund|settlement)\./;

function readEvent(body: string): GatewayEvent {
  const read = event.safeParse(parseJson(body));
  if (!read.success) throw noEvent(read.error);
  const { event: type, created_at, payload } = read.data;
  const at = created_at ?? new Date(0);
  if (type === 'transaction.created') return { type, at, pictures: pictureOfSource(payload) };
  if (!KNOWN.test(type)) return { type, at, pictures: [] };
  try {
    const pictures = Object.entries(READERS).flatMap(([name, reader]) =>
      payload[name] ? [reader(payload[name].entity)] : [],
    );
    return { type, at, pictures };
  } catch (error) {
    throw noEvent(error);
  }
}

const sourceOfTransaction = z.object({ currency: z.string(), source: z.looseObject({ entity: z.string() }) });

/** A line of our account's statement; about a payout it mostly shows how that stands. */
function pictureOfSource(payload: Record<string, { entity?: unknown }>): AnyPicture[] {
  const line = sourceOfTransaction.safeParse(payload.transaction?.entity);
  if (!line.success || line.data.source.entity !== 'payout') return [];
  const source = payout.safeParse({ currency: line.data.currency, ...line.data.source });
  return source.success ? [payoutPicture(source.data)] : [];
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // The parser quotes what it stumbles over, and that may be somebody's name.
    throw new SyntaxError('The event is not JSON.');
  }
}

/** Says where it is not as it should be, never what stands there. */
function noEvent(error: unknown): Error {
  if (!(error instanceof z.ZodError)) return error as Error;
  const places = error.issues.map(({ path }) => path.join('.') || 'all of it').join(', ');
  return new SyntaxError(`Not an event of Razorpay's: see ${places}.`);
}
