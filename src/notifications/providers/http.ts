import { redactText } from '../../identity/redact.ts';
import { brokenOff, readText } from '../../runtime/broken-off.ts';
import { retryAfterMs } from '../../runtime/retry-after.ts';
import { ProviderError, type ProviderErrorKind } from './provider.ts';

export interface HttpOptions {
  /** How requests are sent; the system gives one that continues the job's trace. */
  fetch: typeof fetch;
  /** From the first byte sent to the last one read. */
  timeout_ms: number;
}

/** Whom we call: `brevo` in codes, `Brevo` to people. */
export interface Party {
  name: string;
  title: string;
}

export interface HttpRequest {
  url: URL | string;
  headers: Record<string, string>;
  body: string;
  signal: AbortSignal;
}

/** An answer as it came: any status, any bytes. */
export interface Answer {
  status: number;
  headers: Headers;
  body: string;
}

const ANSWER_BYTES_MAX = 64 * 1024;
const WORDS_MAX = 200;
/** Nobody waits longer for a provider, whatever it asks for. */
export const AFTER_MS_MAX = 3_600_000;

/**
 * Posts once: no retry, no redirect.
 * @throws ProviderError `again` where nothing was sent, `unknown` where an answer did not come; whatever the signal
 *   was aborted with
 */
export function post(party: Party, options: HttpOptions, { body, ...request }: HttpRequest): Promise<Answer> {
  return call(party, options, { ...request, init: { method: 'POST', body } });
}

/** Asks once, as `post`; whatever does not come may be asked for again. */
export function get(party: Party, options: HttpOptions, request: Omit<HttpRequest, 'body'>): Promise<Answer> {
  return call(party, options, { ...request, init: { method: 'GET' } });
}

async function call(
  party: Party,
  { fetch, timeout_ms }: HttpOptions,
  { signal, url, headers, init }: Omit<HttpRequest, 'body'> & { init: RequestInit },
): Promise<Answer> {
  const timeout = AbortSignal.timeout(timeout_ms);
  const limit = AbortSignal.any([signal, timeout]);
  signal.throwIfAborted();
  try {
    const response = await fetch(url, { ...init, headers, redirect: 'error', signal: limit });
    const text = await readText(response, ANSWER_BYTES_MAX);
    if (text === null) throw failure(party, 'unknown', 'answer-too-long');
    return { status: response.status, headers: response.headers, body: text };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ProviderError) throw error;
    throw timeout.aborted ? failure(party, 'unknown', 'timeout') : broken(party, error);
  }
}

/** The error itself is not passed on: nobody can promise what it holds of the request. */
function broken(party: Party, error: unknown): ProviderError {
  const { code, nothing_sent } = brokenOff(error);
  return nothing_sent
    ? failure(party, 'again', 'unreachable', { words: code })
    : failure(party, 'unknown', 'broken-off', { words: code });
}

const SAID: Record<ProviderErrorKind, string> = {
  again: 'did not take the message',
  unknown: 'may have taken the message',
  rejected: 'refused the message',
  'dead-address': 'does not know the address',
  'locked-out': 'takes nothing from this account',
};

interface Detail {
  /** What it says itself, fit to be shown: see `shownWords`. */
  words?: string | undefined;
  after_ms?: number | undefined;
}

/** @param code what happened, in kebab-case; the provider's name is put before it */
export function failure(
  { name, title }: Party,
  kind: ProviderErrorKind,
  code: string,
  { words, after_ms }: Detail = {},
): ProviderError {
  const why = words ? `${code}: ${words}` : code;
  return new ProviderError(kind, `${name}-${code}`, `${title} ${SAID[kind]} (${why}).`, { after_ms });
}

/** A provider's words without anything of ours: it may repeat a key, an address, a whole request. */
export function shownWords(words: string, hidden: readonly string[]): string {
  const bare = hidden
    .flatMap((secret) => [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')])
    .filter(Boolean)
    .reduce((rest, secret) => rest.replaceAll(secret, '…'), words);
  return redactText(bare).slice(0, WORDS_MAX);
}

/** How long Retry-After, or a header like it, asks to be waited. */
export function waitOf({ headers }: Answer, header = 'retry-after'): number | undefined {
  return retryAfterMs(headers.get(header), AFTER_MS_MAX);
}

export function jsonOf({ body }: Answer): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** `NOT_ENOUGH_credits` → `not-enough-credits`: a provider's own code as a part of ours. */
export function kebab(code: string): string {
  return code.toLowerCase().replaceAll('_', '-');
}
