import type { Transaction } from '../../db/pools.ts';
import type { Job, TransactionContext } from '../../runtime/definition.ts';
import { Refuse, Retry } from '../../runtime/outcomes.ts';
import { applyPicture, fetchPicture, type Reading } from '../apply.ts';
import { raiseException } from '../exceptions.ts';
import { GatewayError } from '../gateway/errors.ts';
import type { AnyPicture, Gateway, GatewayEvent } from '../gateway/gateway.ts';
import { letIn } from '../gateway/lockouts.ts';
import { type Calling, laterOn, reachGateway } from '../gateway/reaching.ts';
import type { MovingKind } from '../moves.ts';
import type { Occasion } from '../occasion.ts';
import type { Pace } from '../services.ts';
import { type CallbackEvent, lockCallback, markApplied } from './rows.ts';

/** What is left to do after an event was gone by. Stored as JSON. */
export interface Applying {
  tenant: string;
  callback: string;
  gateway: string;
  /** What the pictures did that were gone by. */
  outcomes: string[];
  /** Of these the event's picture does not say enough: the gateway is asked. */
  wanted: Pick<AnyPicture, 'of' | 'id'>[];
}

type Context = Pick<TransactionContext, 'clock' | 'accept' | 'services'>;

/**
 * Goes by an event. Where that is all there is to do, it is marked applied in this same transaction: then, and
 * not before, it has been seen. What it did before a crash is `same` the second time.
 * @throws Retry while an object is not known here yet: the event may have come before the answer
 */
export async function beginApplying(
  tx: Transaction,
  { tenant, payload, attempt }: Pick<Job<{ callback: string }>, 'tenant' | 'payload' | 'attempt'>,
  { clock, accept, services: { payments } }: Context,
): Promise<Applying> {
  const event = await lockCallback(tx, payload.callback);
  const gateway = event && payments.gateways.get(event.gateway);
  if (!event || !gateway) throw new Refuse('unknown-callback', `There is no callback ${payload.callback}.`);
  const nothing = { tenant, callback: event.id, gateway: event.gateway, wanted: [] };
  if (event.outcome !== null) return { ...nothing, outcomes: [event.outcome] };
  const detail = { callback: event.id, event: event.event_id, type: event.type };
  const occasion = { tenant, gateway: event.gateway, clock, accept, evidence: 'event' as const, detail };
  const read = readEvent(gateway, event);
  if (read === null) {
    await tellUnreadable(tx, occasion, event);
    return { ...nothing, outcomes: [await finish(tx, event.id, ['unreadable'])] };
  }
  const applied = [];
  for (const picture of read.pictures) {
    applied.push({ picture, reading: await applyPicture(tx, occasion, picture) });
  }
  await dealWithStrangers(tx, occasion, applied, { attempt, pace: payments.pace });
  const wanted = applied.filter(({ reading }) => reading === 'fetch').map(({ picture }) => picture);
  const gone_by = applied.filter(({ reading }) => reading !== 'fetch');
  const outcomes = gone_by.map(({ picture, reading }) => `${picture.of}: ${reading}`);
  if (wanted.length === 0) return { ...nothing, outcomes: [await finish(tx, event.id, outcomes)] };
  return { ...nothing, outcomes, wanted: wanted.map(({ of, id }) => ({ of, id })) };
}

/** @throws Retry or Snooze where the gateway does not answer */
export async function fetchWanted(
  { tenant, gateway: name, wanted }: Applying,
  context: Omit<Calling, 'tenant'>,
): Promise<AnyPicture[]> {
  if (wanted.length === 0) return [];
  const calling = { ...context, tenant };
  const { gateway, call } = await reachGateway(calling, name);
  const pictures = [];
  try {
    for (const each of wanted) pictures.push(await fetchPicture(gateway, each, call));
  } catch (error) {
    context.signal.throwIfAborted();
    throw error instanceof GatewayError ? await laterOn(error, calling, name) : error;
  }
  return pictures;
}

/** Goes by what the gateway said when asked, and marks the event applied. @returns what it came to */
export async function finishApplying(
  tx: Transaction,
  { tenant, callback, gateway, outcomes, wanted }: Applying,
  pictures: readonly AnyPicture[],
  { clock, accept }: Pick<Context, 'clock' | 'accept'>,
): Promise<string> {
  if (wanted.length === 0) return outcomes.join(', ');
  const occasion = { tenant, gateway, clock, accept, evidence: 'poll' as const, detail: { callback } };
  const fetched = [];
  for (const picture of pictures) {
    fetched.push(`${picture.of}: fetched, ${await applyPicture(tx, occasion, picture)}`);
  }
  await letIn(tx, { clock }, gateway);
  return finish(tx, callback, [...outcomes, ...fetched]);
}

async function finish(tx: Transaction, id: string, outcomes: readonly string[]): Promise<string> {
  const outcome = outcomes.join(', ') || 'nothing';
  await markApplied(tx, id, outcome);
  return outcome;
}

function readEvent(gateway: Gateway, { body }: CallbackEvent): GatewayEvent | null {
  try {
    return gateway.readEvent(body.toString());
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** It was signed: somebody who has our secret says what nobody understands. */
function tellUnreadable(tx: Transaction, occasion: Occasion, { id, gateway }: CallbackEvent): Promise<void> {
  return raiseException(tx, occasion, {
    ...{ kind: 'callback', subject: id, code: 'unreadable' },
    message: `${gateway} told something, rightly signed, that cannot be read.`,
  });
}

/**
 * An object that nobody knows here may be ours all the same, its event faster than the answer that names it.
 * After a while it is somebody else's; where money moved, people must know.
 * @throws Retry
 */
async function dealWithStrangers(
  tx: Transaction,
  occasion: Occasion,
  applied: readonly { picture: AnyPicture; reading: Reading }[],
  { attempt, pace }: { attempt: number; pace: Pace },
): Promise<void> {
  const strangers = applied.filter(({ reading }) => reading === 'stranger');
  if (strangers.length === 0) return;
  const after_ms = pace.strangers_ms[attempt];
  if (after_ms !== undefined) {
    const names = strangers.map(({ picture: { of, id } }) => `${of} ${id}`).join(', ');
    throw new Retry('stranger', `Not known here, or not yet: ${names}.`, { after_ms });
  }
  for (const { picture } of strangers) {
    const kind = moneyMoved(picture);
    if (!kind) continue;
    await raiseException(tx, occasion, {
      ...{ kind, subject: String(occasion.detail.callback), code: 'stranger' },
      message: `${picture.amount} ${picture.currency} moved with ${picture.of} ${picture.id}, which is not ours.`,
    });
  }
}

/** Of what it would have been a move, had it been ours; null where it shows no money. */
function moneyMoved(picture: AnyPicture): MovingKind | null {
  switch (picture.of) {
    case 'payout':
      return picture.status === 'succeeded' || picture.status === 'reversed' ? 'payout' : null;
    case 'payment':
      return picture.status === 'captured' ? 'collection' : null;
    case 'refund':
      return picture.status === 'processed' ? 'refund' : null;
    case 'dispute':
      return 'dispute';
    default:
      return null;
  }
}
