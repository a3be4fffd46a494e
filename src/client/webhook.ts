import { KistError } from './error.ts';

/** What an endpoint is told: the body of a webhook. */
export interface WebhookEvent {
  /** The same on every try: whoever handled it once need not do so again. */
  id: string;
  /** `noun.past-verb`, for instance `loan.closed`. */
  type: string;
  timestamp: string;
  /** Whose event it is. Events of one subject come in order. */
  subject: string;
  /** Counts the events of the subject from 1, those included that the endpoint did not ask for. */
  sequence: number;
  business_date: string;
  journal: string | null;
  data: Record<string, unknown>;
}

/** Headers of a request: of fetch, or of Node, names in lower case. */
export type WebhookHeaders = Headers | Record<string, string | string[] | undefined>;

const TOLERANCE_MS = 5 * 60_000;
const PREFIX = 'whsec_';

/**
 * Checks that a webhook came from Kist, lately and unchanged, by the Standard Webhooks specification.
 *
 * @param body the bytes of the request as they came, before anything parsed them
 * @param secrets the endpoint's `whsec_…`; while it is rotated, the old and the new one
 * @throws KistError bad-webhook-signature, stale-webhook (signed more than five minutes ago or ahead)
 */
export async function verifyWebhook(
  headers: WebhookHeaders,
  body: string | Uint8Array<ArrayBuffer>,
  secrets: string | readonly string[],
  now: Date = new Date(),
): Promise<WebhookEvent> {
  const id = header(headers, 'webhook-id');
  const timestamp = header(headers, 'webhook-timestamp');
  const signatures = header(headers, 'webhook-signature').split(' ');
  if (!(Math.abs(now.getTime() - Number(timestamp) * 1_000) <= TOLERANCE_MS)) {
    throw new KistError('stale-webhook', 'It was signed at another time than now.');
  }
  const text = typeof body === 'string' ? body : new TextDecoder().decode(body);
  const signed = new TextEncoder().encode(`${id}.${timestamp}.${text}`);
  for (const secret of [secrets].flat()) {
    const key = await hmacKey(secret);
    for (const signature of signatures) {
      if (await isBy(key, signature, signed)) return JSON.parse(text) as WebhookEvent;
    }
  }
  throw new KistError('bad-webhook-signature', 'None of its signatures is by a secret given.');
}

function header(headers: WebhookHeaders, name: string): string {
  const value = headers instanceof Headers ? headers.get(name) : headers[name];
  if (typeof value !== 'string' || value === '') {
    throw new KistError('bad-webhook-signature', `The header ${name} is missing.`);
  }
  return value;
}

function hmacKey(secret: string) {
  const bytes = fromBase64(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret);
  if (!bytes) throw new KistError('bad-webhook-signature', 'The secret given is no whsec_….');
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
}

/** Compares in constant time. */
async function isBy(
  key: Awaited<ReturnType<typeof hmacKey>>,
  signature: string,
  signed: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  const bytes = signature.startsWith('v1,') ? fromBase64(signature.slice('v1,'.length)) : null;
  return bytes !== null && crypto.subtle.verify('HMAC', key, bytes, signed);
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}
