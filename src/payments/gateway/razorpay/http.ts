import pLimit from 'p-limit';
import type { z } from 'zod';
import { brokenOff, readText } from '../../../runtime/broken-off.ts';
import { GatewayError, type GatewayErrorKind } from '../errors.ts';
import type { GatewayCall } from '../gateway.ts';
import { type Answer, readAnswer, unknownOutcome } from './answers.ts';

export interface HttpOptions {
  /** The origin, e.g. https://api.razorpay.com; a path of it is not used. */
  url: string;
  /** From the first byte sent to the last one read. */
  timeout_ms: number;
  /** So many at once from this process; more wait for their turn, which is not counted as the call's time. */
  calls_max: number;
  /** How requests are sent; the system gives one that continues the job's trace. */
  fetch: typeof fetch;
  /** Hears how each request ended; `seconds` from the first byte sent. */
  onCall(called: { call: string; outcome: 'answered' | GatewayErrorKind; seconds: number }): void;
}

export interface Request<T> {
  path: string;
  /** What the answer must look like. */
  answer: z.ZodType<T>;
  query?: Record<string, string | number>;
  /** Exactly this text is sent; without one it is a GET. */
  body?: string;
  headers?: Record<string, string>;
  /** Names a person or an account: of a refusal only the codes are passed on. */
  isPersonal?: boolean;
}

export type Send = <T>(request: Request<T>, call: GatewayCall) => Promise<T>;

/** A page of 1,000 rows with all the notes they may carry stays below this. */
const ANSWER_BYTES_MAX = 16 * 1024 * 1024;

/**
 * Sends each request once: no retry, no redirect. (Only what is answered with 421 fetch itself
 * repeats: a server says by it that it has not even looked at the request.)
 * @throws GatewayError for whatever is not the answer asked for
 */
export function createSend(options: HttpOptions): Send {
  const turn = pLimit(options.calls_max);
  return async (request, call) => {
    return turn(() => {
      if (call.signal.aborted)
        throw new GatewayError('unreachable', 'aborted', 'Given up before it was sent.');
      return measured(options, request, async () =>
        readAnswer(await exchange(options, request, call), request.answer, request.isPersonal ?? false),
      );
    });
  };
}

async function measured<T>(
  { onCall }: Pick<HttpOptions, 'onCall'>,
  request: Request<unknown>,
  work: () => Promise<T>,
): Promise<T> {
  const started = performance.now();
  const end = (outcome: 'answered' | GatewayErrorKind) =>
    onCall({ call: callOf(request), outcome, seconds: (performance.now() - started) / 1_000 });
  try {
    const answer = await work();
    end('answered');
    return answer;
  } catch (error) {
    if (error instanceof GatewayError) end(error.kind);
    throw error;
  }
}

/** The second part of a path names an object, and makes no series of its own. */
function callOf({ path, body }: Request<unknown>): string {
  const [, first, second, ...rest] = path.split('/');
  const parts = second === undefined ? [first] : [first, '*', ...rest];
  return `${body === undefined ? 'GET' : 'POST'} /${parts.join('/')}`;
}

async function exchange(
  { url, timeout_ms, fetch }: HttpOptions,
  { path, query, body, headers }: Request<unknown>,
  { account, signal }: GatewayCall,
): Promise<Answer> {
  const target = new URL(`/v1${path}`, url);
  for (const [name, value] of Object.entries(query ?? {})) target.searchParams.set(name, String(value));
  const timeout = AbortSignal.timeout(timeout_ms);
  try {
    const response = await fetch(target, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        accept: 'application/json',
        authorization: `Basic ${Buffer.from(`${account.key_id}:${account.key_secret}`).toString('base64')}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body }),
      redirect: 'error',
      signal: AbortSignal.any([signal, timeout]),
    });
    const text = await readText(response, ANSWER_BYTES_MAX);
    if (text === null) throw unknownOutcome('answer-too-long', { status: response.status });
    return { status: response.status, retry_after: response.headers.get('retry-after'), body: text };
  } catch (error) {
    if (error instanceof GatewayError) throw error;
    if (signal.aborted) throw unknownOutcome('aborted');
    throw timeout.aborted ? unknownOutcome('timeout') : broken(error);
  }
}

/**
 * Whether anything was sent decides which failure it is. The error itself is not passed on: nobody can promise
 * what it holds of the request.
 */
function broken(error: unknown): GatewayError {
  const { code, nothing_sent } = brokenOff(error);
  if (!nothing_sent) return unknownOutcome(code);
  return new GatewayError('unreachable', code, `Razorpay could not be reached (${code}).`);
}
