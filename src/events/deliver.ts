import type { Transaction } from '../db/pools.ts';
import type { CallContext } from '../runtime/definition.ts';
import { Cancel, Refuse, Retry, Snooze } from '../runtime/outcomes.ts';
import { Places } from '../runtime/places.ts';
import { retryAfterMs } from '../runtime/retry-after.ts';
import type { SecretBox } from '../secrets/secret-box.ts';
import { type Target, targetOf } from './endpoints.ts';
import { EventError } from './errors.ts';
import type { Guard } from './guard.ts';
import { clearFailing, disable, noteFailure } from './health.ts';
import type { Post, Posted } from './post.ts';
import { signatureHeaders } from './signature.ts';
import { eventOf } from './views.ts';

/** What sending webhooks needs besides the database. */
export interface Webhooks {
  box: SecretBox;
  guard: Guard;
  post: Post;
  /** PACE, but in tests. */
  pace: Pace;
}

declare module '../runtime/definition.ts' {
  interface Services {
    webhooks: Webhooks;
  }
}

export interface Pace {
  /** After the first failure, the second … */
  retries_ms: readonly number[];
  /** Between two looks at an endpoint that is disabled. */
  disabled_ms: number;
}

const S = 1_000;
const MIN = 60 * S;
const H = 60 * MIN;
/** The waits that the Standard Webhooks specification has as its example: ten tries in three days. */
export const PACE: Pace = {
  retries_ms: [5 * S, 5 * MIN, 30 * MIN, 2 * H, 5 * H, 10 * H, 14 * H, 20 * H, 24 * H],
  disabled_ms: 15 * MIN,
};
export const ATTEMPTS_MAX = PACE.retries_ms.length + 1;
/** A wait is up to this part longer, so that what failed together does not come back together. */
const JITTER = 0.2;
export const WAIT_MS_MAX = 24 * H * (1 + JITTER);

/** Statuses that ask us to slow down: their Retry-After is heeded. */
const SLOW_DOWN = [429, 502, 503, 504];
/** A disabled endpoint keeps what waited for it so long; then it is given up. */
const DISABLED_KEPT_MS = 7 * 24 * H;
/** A slow endpoint that has calls enough under way is left alone so long, up to twice. */
const BUSY_MS = 1_000;

/** A message ready to be sent, the same on every try. */
export interface Delivery {
  tenant: string;
  endpoint: string;
  event: string;
  body: string;
}

/** Puts the message together. @throws Refuse where there is no such event */
export async function prepareDelivery(
  tx: Transaction,
  { tenant, endpoint, event }: Omit<Delivery, 'body'>,
): Promise<Delivery> {
  const document = await eventOf(tx, event);
  if (!document) throw new Refuse('unknown-event', `There is no event ${event}.`);
  return { tenant, endpoint, event, body: JSON.stringify(document) };
}

const places = new Places();

/**
 * Tries once to deliver. Only 2xx is success; 410 disables the endpoint, and so does a failing of days.
 * @returns the status
 * @throws Retry after the wait that is due, Snooze while the endpoint is disabled or busy, Cancel where it
 *   was removed or has been disabled for long
 */
export async function deliver(delivery: Delivery, call: CallContext): Promise<number> {
  const status = await places.within(delivery.endpoint, () => tryOnce(delivery, call));
  if (status !== null) return status;
  throw new Snooze('endpoint-busy', 'Enough calls of it are under way.', BUSY_MS * (1 + Math.random()));
}

async function tryOnce(delivery: Delivery, call: CallContext): Promise<number> {
  const { tenant, endpoint: id } = delivery;
  const { webhooks } = call.services;
  const target = await call.transact((tx) => targetOf(tx, webhooks.box, { tenant, id }));
  if (!target) throw new Cancel('endpoint-removed', `Webhook endpoint ${id} was removed.`);
  if (target.state === 'disabled') throw whileDisabled(target, webhooks.pace);
  const answer = await send(delivery, target, call);
  if (answer.status >= 200 && answer.status < 300) {
    if (target.failing) await call.transact((tx) => clearFailing(tx, id));
    return answer.status;
  }
  const moment = { tenant, clock: call.clock };
  if (answer.status === 410) {
    await call.transact((tx) => disable(tx, moment, id, 'gone'));
    throw whileDisabled({ disabled_for_s: 0 }, webhooks.pace);
  }
  await call.transact((tx) => noteFailure(tx, moment, id));
  throw new Retry(answer.code, answer.message, { after_ms: waitOf(answer, call.attempt, webhooks.pace) });
}

function whileDisabled(
  { disabled_for_s }: Pick<Target, 'disabled_for_s'>,
  { disabled_ms }: Pace,
): Cancel | Snooze {
  if ((disabled_for_s ?? 0) * 1_000 > DISABLED_KEPT_MS) {
    return new Cancel('endpoint-disabled', 'The endpoint has been disabled for long.');
  }
  return new Snooze('endpoint-disabled', 'The endpoint is disabled.', disabled_ms);
}

/** What came of a try; status 0 where there was no answer. Says nothing of what the receiver answered. */
type Tried = Posted & { code: string; message: string };

async function send({ event, body }: Delivery, target: Target, call: CallContext): Promise<Tried> {
  const { post } = call.services.webhooks;
  const timestamp_s = Math.floor(Date.now() / 1_000);
  const headers = {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    'user-agent': 'Kist',
    ...signatureHeaders({ id: event, timestamp_s, body }, target.secrets),
  };
  try {
    const posted = await post({ url: target.url, headers, body, signal: call.signal });
    return { ...posted, code: `status-${posted.status}`, message: `The receiver answered ${posted.status}.` };
  } catch (error) {
    call.signal.throwIfAborted();
    return { status: 0, retry_after: undefined, ...explained(error as Error) };
  }
}

function explained(error: Error): { code: string; message: string } {
  if (error instanceof EventError) return { code: error.code, message: error.message };
  if (error.name === 'TimeoutError')
    return { code: 'timeout', message: 'The receiver did not answer in time.' };
  const { code } = error as { code?: unknown };
  return { code: 'unreachable', message: `The receiver could not be reached (${code ?? error.name}).` };
}

/**
 * The wait that is due, longer where Retry-After asks for it: a receiver that asks for moments must not use all
 * tries up in moments. A redriven delivery begins with the first wait.
 */
function waitOf({ status, retry_after }: Posted, attempt: number, { retries_ms }: Pace): number {
  const asked = SLOW_DOWN.includes(status) ? retryAfterMs(retry_after, WAIT_MS_MAX) : undefined;
  const wait = retries_ms[Math.min(attempt % ATTEMPTS_MAX, retries_ms.length - 1)]!;
  return Math.max(asked ?? 0, Math.round(wait * (1 + JITTER * Math.random())));
}
