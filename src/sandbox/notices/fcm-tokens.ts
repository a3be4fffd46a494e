import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, verify } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Table } from '../store.ts';
import { Refusal, type Said } from './answering.ts';
import type { NoticeFault } from './faults.ts';
import type { NoticeAccount } from './settings.ts';
import type { Workings } from './workings.ts';

/** A service account's JSON, as Google gives it out. */
export interface ServiceAccount {
  type: 'service_account';
  project_id: string;
  private_key_id: string;
  private_key: string;
  client_email: string;
  client_id: string;
  token_uri: string;
}

interface KeptKey {
  id: string;
  private_key: string;
}

/** An access token that was given out. */
interface Grant {
  account: string;
  expires_ms: number;
}

const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const SCOPE = 'https://www.googleapis.com/auth/firebase.messaging';
const LIFE_S = 3_599;
const ASSERTION_LIFE_S_MAX = 3_600;
const SKEW_S_MAX = 300;
const GRANTS_MAX = 100_000;
const KEY_BITS = 2_048;
/** The key of every account, of every sandbox of a process, that was not given one of its own: making keys takes long. */
const SHARED = 'shared';

const claimsSchema = z.object({
  iss: z.string(),
  scope: z.string(),
  aud: z.string(),
  iat: z.number(),
  exp: z.number(),
});
const headerSchema = z.object({ alg: z.literal('RS256'), kid: z.string().optional() });

let sharedKey: KeptKey | undefined;

/** The endpoint for access tokens, and the service accounts it knows. */
export class FcmTokens {
  readonly #workings: Workings;
  readonly #keys: Table<KeptKey>;
  readonly #public = new Map<string, KeyObject>();
  readonly #grants = new Map<string, Grant>();
  #count = 0;

  constructor(workings: Workings) {
    this.#workings = workings;
    this.#keys = workings.store.table<KeptKey>('fcm-key');
  }

  /** @param token_uri where the lender is to ask for tokens */
  serviceAccount(account: NoticeAccount, token_uri: string): ServiceAccount {
    const { private_key } = this.#keyOf(account);
    return {
      ...{ type: 'service_account', project_id: account.project_id, private_key, token_uri },
      ...{ private_key_id: this.#keyId(account), client_email: emailOf(account) },
      client_id: BigInt(`0x${createHash('sha256').update(account.id).digest('hex').slice(0, 16)}`).toString(),
    };
  }

  /** Gives the account a key of its own, a new one each time; what was signed with the former is refused. */
  renewKey(account: NoticeAccount): void {
    this.#keys.put(newKey(account.id));
    this.#public.delete(account.id);
  }

  mount(app: FastifyInstance): void {
    app.post('/token', (request, reply) => {
      const form = (request.body ?? {}) as Record<string, string | undefined>;
      const account = this.#named(partOf(form.assertion, 1));
      return this.#workings.answering.answer(reply, {
        ...{ call: 'fcm.token', account, subjects: [account?.id], groups: ['token'], refused: tokenRefused },
        act: () => this.#grant(form, account, `${request.protocol}://${request.host}/token`),
      });
    });
  }

  /** Whose access token it is; null for one that is unknown or has run out. */
  holderOf(token: string): NoticeAccount | null {
    const grant = this.#grants.get(token);
    if (!grant || grant.expires_ms <= this.#workings.clock.now()) return null;
    return this.#workings.accounts.by('id', grant.account);
  }

  /** From now on the token is worth nothing. */
  forget(token: string): void {
    this.#grants.delete(token);
  }

  #grant(form: Record<string, string | undefined>, account: NoticeAccount | null, token_uri: string): Said {
    if (form.grant_type !== GRANT_TYPE) throw tokenError('unsupported_grant_type', 'Invalid grant_type');
    const claims = this.#checked(form.assertion ?? '', account, token_uri);
    if (!claims.scope.split(' ').includes(SCOPE)) throw tokenError('invalid_scope', 'Invalid OAuth scope.');
    this.#count += 1;
    const { seed } = this.#workings.settings;
    const digest = createHash('sha256').update(`${seed}/${account!.id}/${this.#count}`).digest('base64url');
    const access_token = `ya29.sandbox-${digest}`;
    if (this.#grants.size >= GRANTS_MAX) this.#grants.clear();
    const expires_ms = this.#workings.clock.now() + LIFE_S * 1_000;
    this.#grants.set(access_token, { account: account!.id, expires_ms });
    return { status: 200, body: { access_token, expires_in: LIFE_S, token_type: 'Bearer' } };
  }

  #checked(
    assertion: string,
    account: NoticeAccount | null,
    token_uri: string,
  ): z.output<typeof claimsSchema> {
    const claims = claimsSchema.safeParse(partOf(assertion, 1)).data;
    const header = headerSchema.safeParse(partOf(assertion, 0)).data;
    if (!claims || !header) throw tokenError('invalid_grant', 'Invalid JWT: it cannot be read.');
    if (!account || account.is_suspended)
      throw tokenError('invalid_grant', 'Invalid grant: account not found');
    if (!this.#isSigned(assertion, account)) throw tokenError('invalid_grant', 'Invalid JWT Signature.');
    if (claims.aud !== token_uri) throw tokenError('invalid_grant', 'Invalid JWT: aud is not this endpoint.');
    if (!this.#isOfNow(claims))
      throw tokenError(
        'invalid_grant',
        'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.',
      );
    return claims;
  }

  /** By the sandbox's clock or the system's: who moves the one need not move what he signs with. */
  #isOfNow({ iat, exp }: { iat: number; exp: number }): boolean {
    const nows_s = [this.#workings.clock.now(), Date.now()].map((ms) => ms / 1_000);
    const is_near = nows_s.some((now_s) => Math.abs(iat - now_s) <= SKEW_S_MAX);
    return is_near && exp > iat && exp - iat <= ASSERTION_LIFE_S_MAX;
  }

  #isSigned(assertion: string, account: NoticeAccount): boolean {
    const end = assertion.lastIndexOf('.');
    const signature = Buffer.from(assertion.slice(end + 1), 'base64url');
    return verify(
      'RSA-SHA256',
      Buffer.from(assertion.slice(0, Math.max(end, 0))),
      this.#publicOf(account),
      signature,
    );
  }

  #named(claims: unknown): NoticeAccount | null {
    const iss = (claims as { iss?: unknown } | null)?.iss;
    const project = typeof iss === 'string' ? /@(.+)\.iam\.gserviceaccount\.com$/.exec(iss)?.[1] : undefined;
    return this.#workings.accounts.by('project_id', project);
  }

  #keyOf(account: NoticeAccount): KeptKey {
    const own = this.#keys.get(account.id) ?? this.#keys.get(SHARED);
    if (own) return own;
    sharedKey ??= newKey(SHARED);
    this.#keys.put(sharedKey);
    return sharedKey;
  }

  #publicOf(account: NoticeAccount): KeyObject {
    const { id, private_key } = this.#keyOf(account);
    const known = this.#public.get(id);
    if (known) return known;
    const made = createPublicKey(private_key);
    this.#public.set(id, made);
    return made;
  }

  #keyId(account: NoticeAccount): string {
    return createHash('sha1').update(this.#keyOf(account).private_key).digest('hex');
  }
}

export function emailOf({ project_id }: NoticeAccount): string {
  return `firebase-adminsdk@${project_id}.iam.gserviceaccount.com`;
}

function newKey(id: string): KeptKey {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: KEY_BITS });
  return { id, private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string };
}

/** What a part of a JWT says; null where it cannot be read. */
function partOf(assertion: string | undefined, part: number): unknown {
  try {
    return JSON.parse(Buffer.from(assertion?.split('.')[part] ?? '', 'base64url').toString());
  } catch {
    return null;
  }
}

function tokenError(error: string, error_description: string, status = 400): Refusal {
  return new Refusal({ status, body: { error, error_description } });
}

function tokenRefused(fault: NoticeFault, reason: string | null): Said | null {
  switch (fault) {
    case 'invalid-grant':
      return tokenError('invalid_grant', reason ?? 'Invalid JWT Signature.').said;
    case 'invalid-client':
      return tokenError('invalid_client', reason ?? 'The OAuth client was not found.', 401).said;
    case 'token-500':
      return tokenError('internal_failure', reason ?? 'Internal error', 500).said;
    default:
      return null;
  }
}
