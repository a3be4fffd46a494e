import { z } from 'zod';
import { escapeHtml } from '../../../html/escape.ts';
import { replyTo, secret, sender, shownSender } from '../credentials.ts';
import { type Answer, failure, type HttpOptions, jsonOf, kebab, post, shownWords, waitOf } from '../http.ts';
import { optOutHeaders } from '../opt-out-headers.ts';
import type { Connection, Outgoing, Provider, ProviderError, Sent } from '../provider.ts';
import { BREVO, brevoAsking } from './asking.ts';
import { brevoReceipts } from './receipts.ts';

const credentials = z.strictObject({ api_key: secret(200), sender, reply_to: replyTo });
type Credentials = z.output<typeof credentials>;

export interface BrevoOptions extends HttpOptions {
  /** The origin, e.g. https://api.brevo.com. */
  url: string;
}

/** So long Brevo remembers a key. */
const REPEATS_MS = 30 * 60_000;

/** Mails by Brevo's API (developers.brevo.com). */
export function createBrevo(options: BrevoOptions): Provider<'email', Credentials> {
  return {
    name: BREVO.name,
    channel: 'email',
    credentials,
    shown: ({ sender, reply_to }) => ({
      sender: shownSender(sender),
      ...(reply_to !== undefined && { reply_to }),
    }),
    repeat: 'same',
    repeats_ms: REPEATS_MS,
    receipts: brevoReceipts,
    connect: (credentials) => connect(options, credentials),
  };
}

function connect({ url, ...http }: BrevoOptions, credentials: Credentials): Connection<'email'> {
  const target = new URL('/v3/smtp/email', url);
  return {
    async send(message, { signal }) {
      const answer = await post(BREVO, http, {
        url: target,
        headers: {
          'api-key': credentials.api_key,
          accept: 'application/json',
          'content-type': 'application/json',
        },
        body: JSON.stringify(bodyOf(message, credentials)),
        signal,
      });
      return readAnswer(answer, [credentials.api_key, message.address]);
    },
    receipts: brevoAsking({ url, ...http }, credentials.api_key),
  };
}

function bodyOf(message: Outgoing<'email'>, { sender, reply_to }: Credentials): object {
  const { id, address, name, content, attachments, opt_out } = message;
  return {
    sender,
    to: [{ email: address, ...(name !== null && { name }) }],
    ...(reply_to !== undefined && { replyTo: { email: reply_to } }),
    subject: content.subject,
    textContent: content.text,
    // Brevo wants HTML of every mail.
    htmlContent: content.html ?? `<div style="white-space: pre-line">${escapeHtml(content.text)}</div>`,
    ...(attachments.length > 0 && {
      attachment: attachments.map(({ name, content }) => ({ name, content: content.toString('base64') })),
    }),
    headers: { idempotencyKey: id, ...optOutHeaders(opt_out) },
    // By it the message is found where the answer with Brevo's own id was lost.
    tags: [id],
  };
}

const accepted = z.union([
  z.object({ messageId: z.string() }).transform(({ messageId }) => messageId),
  z.object({ messageIds: z.tuple([z.string()], z.string()) }).transform(({ messageIds }) => messageIds[0]),
]);
const refusal = z.object({ code: z.string(), message: z.string().default('') });
type Refusal = z.output<typeof refusal>;

/** Only the key of a message can be there twice of all that we send: the message was taken before. */
const TAKEN_BEFORE = ['duplicate_parameter', 'duplicate_request'];
const ACCOUNT_CODES = ['unauthorized', 'not_enough_credits', 'permission_denied', 'account_under_validation'];
const ACCOUNT_STATUSES = [401, 402, 403];
const MESSAGE_CODES = [
  'invalid_parameter',
  'missing_parameter',
  'out_of_range',
  'bad_request',
  'document_not_found',
  'method_not_allowed',
  'not_acceptable',
  'unprocessable_entity',
];

function readAnswer(answer: Answer, hidden: readonly string[]): Sent {
  const { status } = answer;
  const body = jsonOf(answer);
  if (status >= 200 && status < 300) {
    const read = accepted.safeParse(body);
    if (!read.success) throw failure(BREVO, 'unknown', 'unreadable');
    return { provider_id: read.data };
  }
  const refused = refusal.safeParse(body).data;
  if (status === 400 && refused && TAKEN_BEFORE.includes(refused.code)) return { provider_id: null };
  throw refusedAs(answer, refused, hidden);
}

function refusedAs(answer: Answer, refused: Refusal | undefined, hidden: readonly string[]): ProviderError {
  const { status } = answer;
  if (status === 429) {
    const after_ms = waitOf(answer, 'x-sib-ratelimit-reset') ?? waitOf(answer);
    return failure(BREVO, 'again', 'rate-limited', { after_ms });
  }
  if (status === 408 || status >= 500) {
    return failure(BREVO, 'unknown', 'unavailable', { words: `HTTP ${status}`, after_ms: waitOf(answer) });
  }
  const words = refused && shownWords(refused.message, hidden);
  const code = refused?.code ?? '';
  if (ACCOUNT_CODES.includes(code)) return failure(BREVO, 'locked-out', kebab(code), { words });
  if (ACCOUNT_STATUSES.includes(status)) return failure(BREVO, 'locked-out', `http-${status}`, { words });
  return failure(BREVO, 'rejected', MESSAGE_CODES.includes(code) ? kebab(code) : `http-${status}`, { words });
}
