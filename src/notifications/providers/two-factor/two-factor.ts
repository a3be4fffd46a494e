import { z } from 'zod';
import { secret } from '../credentials.ts';
import { type Answer, failure, type HttpOptions, jsonOf, post, shownWords, waitOf } from '../http.ts';
import type { Connection, Outgoing, Provider, Sent, Try } from '../provider.ts';
import { RECEIPT, TWO_FACTOR, twoFactorAsking } from './asking.ts';
import { twoFactorReceipts } from './receipts.ts';
import { errorOf } from './texts.ts';

const credentials = z.strictObject({
  api_key: secret(100),
  sender_id: z.string().regex(/^[A-Za-z0-9]{3,11}$/, {
    error: 'must be the 3 to 11 letters and digits of the registered header',
  }),
  /** The lender as India's operators know it (DLT). */
  entity_id: z
    .string()
    .regex(/^\d{10,25}$/, { error: 'must be the 10 to 25 digits of the principal entity' })
    .optional(),
});
type Credentials = z.output<typeof credentials>;

export interface TwoFactorOptions extends Omit<HttpOptions, 'fetch'> {
  /** The origin, e.g. https://2factor.in. */
  url: string;
  /** fetch, for an address that holds a secret: what is noted of it shows this path. */
  fetchAs: (shown_path: string) => typeof fetch;
}

const SEND = 'ADDON_SERVICES/SEND/TSMS';

/** Text messages by 2Factor.in, which knows no keys: what is sent again may arrive twice. */
export function createTwoFactor({ fetchAs, ...options }: TwoFactorOptions): Provider<'sms', Credentials> {
  const fetch = fetchAs(`/API/V1/*/${SEND}`);
  const fetchReceipt = fetchAs(`/API/V1/*/${RECEIPT}/*`);
  return {
    name: TWO_FACTOR.name,
    channel: 'sms',
    credentials,
    shown: ({ sender_id, entity_id }) => ({ sender_id, ...(entity_id !== undefined && { entity_id }) }),
    repeat: 'twice',
    repeats_ms: 0,
    receipts: twoFactorReceipts,
    connect: (credentials) => ({
      ...connect({ ...options, fetch }, credentials),
      receipts: twoFactorAsking({ ...options, fetch: fetchReceipt }, credentials.api_key),
    }),
  };
}

function connect(
  { url, ...http }: HttpOptions & { url: string },
  credentials: Credentials,
): Connection<'sms'> {
  const target = new URL(`/API/V1/${encodeURIComponent(credentials.api_key)}/${SEND}`, url);
  return {
    async send(message, attempt) {
      const answer = await post(TWO_FACTOR, http, {
        url: target,
        headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
        body: formOf(message, credentials),
        signal: attempt.signal,
      });
      return readAnswer(answer, [credentials.api_key, message.address, digitsOf(message.address)], attempt);
    },
  };
}

function formOf({ address, content }: Outgoing<'sms'>, { sender_id, entity_id }: Credentials): string {
  return new URLSearchParams({
    From: content.sender ?? sender_id,
    To: digitsOf(address),
    Msg: content.text,
    ...(entity_id !== undefined && { peid: entity_id }),
    ...(content.dlt_template !== undefined && { ctid: content.dlt_template }),
  }).toString();
}

/** 2Factor writes numbers without the plus. */
function digitsOf(address: string): string {
  return address.replace('+', '');
}

const answerSchema = z.object({ Status: z.string(), Details: z.string().nullish() });

/** The body says what became of it; 2Factor answers errors under 200 as well as under 400. */
function readAnswer(answer: Answer, hidden: readonly string[], attempt: Try): Sent {
  const { status } = answer;
  const read = answerSchema.safeParse(jsonOf(answer)).data;
  if (read?.Status === 'Success') return { provider_id: read.Details || null };
  if (read?.Status === 'Error') {
    const { kind, code } = errorOf(read.Details ?? '', attempt.number);
    throw failure(TWO_FACTOR, kind, code, {
      words: shownWords(read.Details ?? '', hidden),
      after_ms: waitOf(answer),
    });
  }
  if (status === 429) throw failure(TWO_FACTOR, 'again', 'rate-limited', { after_ms: waitOf(answer) });
  const code = status >= 500 || status === 408 ? 'unavailable' : 'unreadable';
  throw failure(TWO_FACTOR, 'unknown', code, { words: `HTTP ${status}`, after_ms: waitOf(answer) });
}
