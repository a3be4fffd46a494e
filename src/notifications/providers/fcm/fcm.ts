import { createPrivateKey } from 'node:crypto';
import { z } from 'zod';
import type { Guard } from '../../../events/guard.ts';
import { type Answer, type HttpOptions, post } from '../http.ts';
import type { Connection, Outgoing, Provider, Try } from '../provider.ts';
import { codeOf, isForbidden, readAnswer } from './answers.ts';
import { Tokens } from './tokens.ts';

const PRIVATE_KEY_MAX = 10_000;

/** A service account as Google's console gives it out; what is not needed of it is not kept. */
const credentials = z.object({
  type: z.literal('service_account'),
  project_id: z.string().regex(/^[a-z0-9.:-]{1,100}$/, { error: 'must be the id of a project' }),
  private_key_id: z
    .string()
    .regex(/^[\x21-\x7e]{1,100}$/, { error: 'must be the id of a key' })
    .optional(),
  private_key: z
    .string()
    .max(PRIVATE_KEY_MAX)
    .refine(isRsaKey, { error: 'must be an RSA private key in PEM' }),
  client_email: z.email().max(254),
  token_uri: z.url({ protocol: /^https?$/ }).max(500),
});
type Credentials = z.output<typeof credentials>;

export interface FcmOptions extends HttpOptions {
  /** The origin, e.g. https://fcm.googleapis.com. */
  url: string;
  /** Looks at the address that a tenant has tokens asked for at. */
  guard: Pick<Guard, 'flawOf' | 'check'>;
  now_ms?: () => number;
}

const FCM = { name: 'fcm', title: 'Firebase' };
const TTL_S_MAX = 2_419_200;
/** So many messages forbidden in a row, and it is not their tokens. */
const FORBIDDEN_MAX = 5;

/** Push messages by Firebase Cloud Messaging (HTTP v1). A repeat takes the place of the first on the device. */
export function createFcm(options: FcmOptions): Provider<'push', Credentials> {
  return {
    name: FCM.name,
    channel: 'push',
    credentials,
    shown: ({ project_id, client_email, token_uri }) => ({ project_id, client_email, token_uri }),
    repeat: 'replaces',
    repeats_ms: TTL_S_MAX * 1_000,
    connect: (credentials) => connect(options, credentials),
  };
}

function connect(
  { url, guard, now_ms = Date.now, ...http }: FcmOptions,
  account: Credentials,
): Connection<'push'> {
  const { project_id, client_email, private_key_id, token_uri } = account;
  const private_key = createPrivateKey(account.private_key);
  const tokens = new Tokens(
    { client_email, private_key, private_key_id, token_uri },
    { ...http, guard },
    now_ms,
  );
  const target = new URL(`/v1/projects/${encodeURIComponent(project_id)}/messages:send`, url);
  let forbidden = 0;
  const ask = (token: string, body: string, signal: AbortSignal) =>
    post(FCM, http, {
      url: target,
      headers: {
        accept: 'application/json',
        'content-type': 'application/json',
        authorization: `Bearer ${token}`,
      },
      body,
      signal,
    });
  return {
    async send(message, attempt) {
      const { signal } = attempt;
      const body = JSON.stringify({ message: bodyOf(message, attempt) });
      let token = await tokens.current(signal);
      let answer = await ask(token, body, signal);
      if (isStale(answer)) {
        tokens.drop(token);
        token = await tokens.current(signal);
        answer = await ask(token, body, signal);
      }
      forbidden = isForbidden(codeOf(answer)) ? forbidden + 1 : 0;
      return readAnswer(answer, [message.address, token], forbidden >= FORBIDDEN_MAX);
    },
  };
}

/** The token is not taken, for which there is a remedy: another one. */
function isStale(answer: Answer): boolean {
  const code = codeOf(answer);
  return answer.status === 401 && (code === 'UNAUTHENTICATED' || code === null);
}

/** On each platform the message is under our id, so that the second of two takes the place of the first. */
function bodyOf({ id, address, content, deadline }: Outgoing<'push'>, { now }: Try): object {
  const { title, body, data } = content;
  const ttl_s = deadline && Math.max(0, Math.min(TTL_S_MAX, Math.floor((+deadline - +now) / 1_000)));
  return {
    token: address,
    notification: { title, body },
    ...(data && { data }),
    android: {
      collapse_key: id,
      notification: { tag: id },
      ...(ttl_s !== null && { ttl: `${ttl_s}s` }),
    },
    apns: {
      headers: {
        'apns-collapse-id': id,
        ...(deadline && { 'apns-expiration': String(Math.floor(+deadline / 1_000)) }),
      },
    },
    webpush: {
      notification: { tag: id },
      ...(ttl_s !== null && { headers: { TTL: String(ttl_s) } }),
    },
  };
}

function isRsaKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === 'rsa';
  } catch {
    return false;
  }
}
