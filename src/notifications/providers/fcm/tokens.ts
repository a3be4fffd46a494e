import type { KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import { z } from 'zod';
import type { Guard } from '../../../events/guard.ts';
import { type Answer, failure, type HttpOptions, jsonOf, kebab, post, shownWords, waitOf } from '../http.ts';
import type { ProviderError } from '../provider.ts';

export interface TokenAccount {
  client_email: string;
  private_key: KeyObject;
  private_key_id: string | undefined;
  token_uri: string;
}

interface Token {
  text: string;
  refresh_at_ms: number;
  expires_at_ms: number;
}

const FCM = { name: 'fcm', title: 'Firebase' };
const SCOPE = 'https://www.googleapis.com/auth/firebase.messaging';
const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const ASSERTION_S = 3_600;
/** So long before its end a token is replaced; where it lives for less than twice that, after half its life. */
const EARLY_S = 300;

const tokenSchema = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() });
const errorSchema = z.object({ error: z.string(), error_description: z.string().optional() });

/** The access token of one service account: fetched when it is needed first, replaced early, by one flight. */
export class Tokens {
  readonly #account: TokenAccount;
  readonly #http: HttpOptions & { guard: Pick<Guard, 'flawOf' | 'check'> };
  readonly #now_ms: () => number;
  #token: Token | undefined;
  #flight: Promise<Token> | undefined;

  constructor(
    account: TokenAccount,
    http: HttpOptions & { guard: Pick<Guard, 'flawOf' | 'check'> },
    now_ms: () => number,
  ) {
    this.#account = account;
    this.#http = http;
    this.#now_ms = now_ms;
  }

  /** @throws ProviderError again, locked-out; whatever the signal was aborted with */
  async current(signal: AbortSignal): Promise<string> {
    const token = this.#token;
    const now_ms = this.#now_ms();
    if (token && now_ms < token.refresh_at_ms) return token.text;
    const flight = this.#fly();
    if (token && now_ms < token.expires_at_ms) {
      // It is good for a while yet: nobody waits, and should the flight fail, the next one is soon enough.
      flight.catch(() => {});
      return token.text;
    }
    return (await unlessAborted(flight, signal)).text;
  }

  /** It was refused: unless another took its place meanwhile, nobody uses it again. */
  drop(text: string): void {
    if (this.#token?.text === text) this.#token = undefined;
  }

  /** Those who need a token at once share one flight, which goes on though one of them gives up. */
  #fly(): Promise<Token> {
    this.#flight ??= this.#fetch()
      .then((token) => {
        this.#token = token;
        return token;
      })
      .finally(() => {
        this.#flight = undefined;
      });
    return this.#flight;
  }

  async #fetch(): Promise<Token> {
    const asked_at_ms = this.#now_ms();
    await this.#checkAddress();
    const answer = await post(FCM, this.#http, {
      url: this.#account.token_uri,
      headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: GRANT,
        assertion: await this.#assertion(asked_at_ms),
      }).toString(),
      signal: new AbortController().signal,
    }).catch((error) => Promise.reject(nothingSent(error)));
    const read = tokenSchema.safeParse(jsonOf(answer)).data;
    if (answer.status !== 200 || !read) throw refusedToken(answer);
    const early_s = Math.min(EARLY_S, read.expires_in / 2);
    return {
      text: read.access_token,
      refresh_at_ms: asked_at_ms + (read.expires_in - early_s) * 1_000,
      expires_at_ms: asked_at_ms + read.expires_in * 1_000,
    };
  }

  /** The address is the tenant's word: nobody has us call into our own network by it. */
  async #checkAddress(): Promise<void> {
    const url = new URL(this.#account.token_uri);
    if (this.#http.guard.flawOf(url)) throw failure(FCM, 'locked-out', 'token-forbidden-address');
    // Its name may lead nowhere for a while, too.
    await this.#http.guard.check(url).catch(() => {
      throw failure(FCM, 'again', 'token-unreachable', { words: 'no public address' });
    });
  }

  #assertion(now_ms: number): Promise<string> {
    const { client_email, private_key, private_key_id, token_uri } = this.#account;
    const now_s = Math.floor(now_ms / 1_000);
    return new SignJWT({ scope: SCOPE })
      .setProtectedHeader({
        alg: 'RS256',
        typ: 'JWT',
        ...(private_key_id !== undefined && { kid: private_key_id }),
      })
      .setIssuer(client_email)
      .setAudience(token_uri)
      .setIssuedAt(now_s)
      .setExpirationTime(now_s + ASSERTION_S)
      .sign(private_key);
  }
}

/** Whatever became of the token: without one, no message left. */
function nothingSent(error: ProviderError): ProviderError {
  const { code, after_ms } = error;
  return failure(FCM, 'again', code.replace(`${FCM.name}-`, 'token-'), { after_ms });
}

function refusedToken(answer: Answer): ProviderError {
  const { status } = answer;
  if (status === 200) return failure(FCM, 'again', 'token-unreadable');
  if (status === 408 || status === 429 || status >= 500) {
    return failure(FCM, 'again', 'token-unavailable', { words: `HTTP ${status}`, after_ms: waitOf(answer) });
  }
  const refused = errorSchema.safeParse(jsonOf(answer)).data;
  const known = refused && /^[a-z_]{1,40}$/.test(refused.error);
  return failure(FCM, 'locked-out', known ? `token-${kebab(refused.error)}` : `token-http-${status}`, {
    words: refused?.error_description && shownWords(refused.error_description, []),
  });
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const giving_up = Promise.withResolvers<never>();
  const giveUp = () => giving_up.reject(signal.reason);
  if (signal.aborted) giveUp();
  signal.addEventListener('abort', giveUp, { once: true });
  return Promise.race([work, giving_up.promise]).finally(() => signal.removeEventListener('abort', giveUp));
}
