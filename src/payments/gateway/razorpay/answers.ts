import type { z } from 'zod';
import { retryAfterMs } from '../../../runtime/retry-after.ts';
import { GatewayError } from '../errors.ts';
import { type Refusal, refusal } from './schemas.ts';

/** An answer as it came: any status, any bytes. */
export interface Answer {
  status: number;
  retry_after: string | null;
  body: string;
}

const RETRY_AFTER_MS_MAX = 300_000;
const WORDS_MAX = 200;
/** A repeat with the key of another request: 400 for payouts, 400 or 409 for refunds. */
const OTHER_BODY = /different request (?:body sent for|with) the same idempotency/i;
/** Refusals of whoever asks rather than of what is asked; Razorpay answers some of them with 400. */
const NOT_LET_IN = /^authentication failed|^the api .*invalid|transactions from this ip/i;
/** Codes by which Razorpay says that it is itself at fault, whatever the status. */
const NO_PROOF = ['SERVER_ERROR', 'GATEWAY_ERROR'];

/**
 * What an answer says, or which failure it is.
 * @param isPersonal the request named a person or an account: then Razorpay's words are not passed on
 * @throws GatewayError
 */
export function readAnswer<T>(answer: Answer, schema: z.ZodType<T>, isPersonal: boolean): T {
  const { status } = answer;
  if (status === 401 || status === 403) throw lockedOut(status);
  if (status === 429) throw busy(answer, 'http-429', 'Razorpay asks for a pause.');
  const body = parseJson(answer.body);
  // What failed at once may come as the object itself with its error, under 400 as well as under 200.
  if ((status >= 200 && status < 300) || status === 400) {
    const read = schema.safeParse(body);
    if (read.success) return read.data;
  }
  const refused = refusal.safeParse(body);
  if (status < 400 || status >= 500 || status === 408 || !refused.success) {
    throw unknownOutcome(status < 400 ? 'unreadable' : `http-${status}`, { status });
  }
  throw refusedAs(refused.data.error, answer, isPersonal);
}

function refusedAs(error: Refusal['error'], answer: Answer, isPersonal: boolean): GatewayError {
  const { status } = answer;
  if (OTHER_BODY.test(error.description)) {
    return new GatewayError('key-conflict', 'key-conflict', 'Razorpay knows our key with another body.', {
      status,
    });
  }
  if (isLockedOut(error)) return lockedOut(status);
  if (NO_PROOF.includes(error.code)) return unknownOutcome(error.code, { status });
  if (status === 409) return busy(answer, 'http-409', 'An earlier request with this key still runs.');
  const code = error.reason ?? error.code;
  const why = isPersonal ? code : `${code}: ${impersonal(error.description)}`;
  const field = error.field ?? undefined;
  return new GatewayError('rejected', code, `Razorpay refused the request (${why}).`, {
    status,
    ...(field !== undefined && { field }),
  });
}

function isLockedOut({ code, reason, description }: Refusal['error']): boolean {
  return (
    code === 'BAD_REQUEST_AUTHENTICATION_ERROR' ||
    reason === 'authentication_failed' ||
    NOT_LET_IN.test(description)
  );
}

function lockedOut(status: number): GatewayError {
  return new GatewayError('locked-out', `http-${status}`, `Razorpay lets us do nothing (${status}).`, {
    status,
  });
}

function busy({ status, retry_after }: Answer, code: string, message: string): GatewayError {
  const after_ms = retryAfterMs(retry_after, RETRY_AFTER_MS_MAX);
  return new GatewayError('busy', code, message, { status, ...(after_ms !== undefined && { after_ms }) });
}

/** It may have been made, for all that anybody can tell. */
export function unknownOutcome(code: string, more: { status?: number } = {}): GatewayError {
  return new GatewayError('unknown', code, `What Razorpay did of it is not known (${code}).`, more);
}

/** Words of the gateway's without what may be an account, a phone, an e-mail or a UPI address. */
export function impersonal(words: string): string {
  return words
    .replace(/\S+@\S+/g, '…')
    .replace(/\d[\d -]{3,}\d/g, '…')
    .slice(0, WORDS_MAX);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
