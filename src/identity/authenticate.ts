import {
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose';
import type { Pool } from '../db/pools.ts';
import type { Actor } from './actor.ts';
import { IdentityError } from './errors.ts';
import { resolverOfKeys, resolverOfUrl } from './keys.ts';
import { covers } from './roles.ts';
import { findService, SERVICE_NAME, type ServiceRecord } from './services.ts';
import { TOKEN_LIFETIME_S_MAX } from './sign.ts';

/** Asymmetric only: with `none` or HS256 a caller could make a token out of what is public. */
const ALGORITHMS = ['EdDSA', 'RS256'];
const TENANT = /^[a-z][a-z0-9-]{0,30}$/;
const TOKEN_CHARACTERS_MAX = 8_192;
const CLOCK_TOLERANCE_S = 5;
/** A disabled service or a changed key is noticed within this time, by every process for itself. */
const SERVICE_AGE_MS_MAX = 2_000;
const SERVICES_MAX = 1_000;
/** A token seen again is not verified again for this long: a signature costs more than a query. */
const VERIFIED_AGE_MS_MAX = 60_000;
const VERIFIED_MAX = 5_000;

export interface AuthenticatorOptions {
  pool: Pool;
  audience: string;
  now_ms: () => number;
}

interface KnownService {
  record: ServiceRecord;
  /** What the record said, to see whether a later look found it changed. */
  fingerprint: string;
  keyOf: JWTVerifyGetKey;
  read_at_ms: number;
}

interface VerifiedToken {
  actor: Actor;
  /** The service as it was when this token was verified; a changed one is another object. */
  service: KnownService;
  until_ms: number;
}

/** Who a service's token says it is; see Identity.authenticateService. */
export function createAuthenticator(
  options: AuthenticatorOptions,
): (authorization: string | undefined) => Promise<Actor> {
  const { pool, audience, now_ms } = options;
  const services = new Map<string, KnownService>();
  const verified = new Map<string, VerifiedToken>();

  async function serviceOf(tenant: string, name: string): Promise<KnownService> {
    const place = `${tenant}/${name}`;
    const known = services.get(place);
    if (known && now_ms() - known.read_at_ms < SERVICE_AGE_MS_MAX) return known;
    const record = await findService(pool, tenant, name);
    services.delete(place);
    if (!record) throw new IdentityError('unknown-service', 'No service of this tenant has this name.');
    const fingerprint = JSON.stringify(record);
    const keyOf = record.jwks ? resolverOfKeys(record.jwks) : resolverOfUrl(record.jwks_url!);
    const current =
      known?.fingerprint === fingerprint ? known : { record, fingerprint, keyOf, read_at_ms: 0 };
    current.read_at_ms = now_ms();
    remember(services, place, current, SERVICES_MAX);
    return current;
  }

  return async (authorization) => {
    const token = tokenOf(authorization);
    const seen = verified.get(token);
    const { tenant, name } = seen?.actor ?? claimed(token);
    const service = await serviceOf(tenant, name);
    if (seen && seen.service === service && seen.until_ms > now_ms()) return seen.actor;
    const claims = await verify(token, service.keyOf, audience, now_ms());
    if (service.record.disabled_at) {
      throw new IdentityError('service-disabled', `The service ${name} has been disabled.`);
    }
    const scopes = narrowed(new Set(service.record.scopes), claims.scope);
    const actor: Actor = { kind: 'service', name, tenant, scopes };
    const until_ms = Math.min(claims.exp! * 1_000, now_ms() + VERIFIED_AGE_MS_MAX);
    remember(verified, token, { actor, service, until_ms }, VERIFIED_MAX);
    return actor;
  };
}

/** Puts it in, dropping what was put in first where there is no room. */
function remember<T>(into: Map<string, T>, key: string, value: T, size_max: number): void {
  if (into.size >= size_max) into.delete(into.keys().next().value!);
  into.set(key, value);
}

function tokenOf(authorization: string | undefined): string {
  const given = authorization?.trim() ?? '';
  if (given === '' || given.toLowerCase() === 'bearer') {
    throw new IdentityError('missing-token', 'Send a token: Authorization: Bearer <JWT>.');
  }
  const token = /^(?:Bearer\s+)?([\w-]+\.[\w-]+\.[\w-]*)$/i.exec(given)?.[1];
  if (!token || token.length > TOKEN_CHARACTERS_MAX) throw malformed('It is not a JWT in compact form.');
  return token;
}

const malformed = (why: string, cause?: unknown) =>
  new IdentityError('malformed-token', `The token cannot be read. ${why}`, { cause });

/** What the token claims, not yet believed: used only to find the key that it must be signed with. */
function claimed(token: string): { tenant: string; name: string } {
  let algorithm: unknown;
  let claims: JWTPayload;
  try {
    algorithm = decodeProtectedHeader(token).alg;
    claims = decodeJwt(token);
  } catch (error) {
    throw malformed('Header or claims are not JSON.', error);
  }
  if (typeof algorithm !== 'string' || !ALGORITHMS.includes(algorithm)) {
    throw new IdentityError('algorithm-not-allowed', `A token is signed with ${ALGORITHMS.join(' or ')}.`);
  }
  const { tenant, sub } = claims;
  if (typeof tenant !== 'string' || !TENANT.test(tenant))
    throw malformed('The claim tenant is missing or wrong.');
  if (typeof sub !== 'string' || !SERVICE_NAME.test(sub))
    throw malformed('The claim sub is missing or wrong.');
  return { tenant, name: sub };
}

async function verify(token: string, keyOf: JWTVerifyGetKey, audience: string, now_ms: number) {
  let claims: JWTPayload;
  try {
    const { payload } = await jwtVerify(token, keyOf, {
      algorithms: ALGORITHMS,
      audience,
      clockTolerance: CLOCK_TOLERANCE_S,
      currentDate: new Date(now_ms),
      requiredClaims: ['exp'],
    });
    claims = payload;
  } catch (error) {
    throw refusal(error, audience);
  }
  if (claims.exp! - now_ms / 1_000 > TOKEN_LIFETIME_S_MAX + CLOCK_TOLERANCE_S) {
    throw new IdentityError('token-lives-too-long', 'A token expires within 24 hours.');
  }
  return claims;
}

function refusal(error: unknown, audience: string): IdentityError {
  const cause = { cause: error };
  if (error instanceof errors.JWTExpired) {
    return new IdentityError('expired-token', 'The token has expired; make a new one.', cause);
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'aud') {
      return new IdentityError('wrong-audience', `The claim aud must be ${audience}.`, cause);
    }
    if (error.claim === 'nbf') {
      return new IdentityError('token-not-yet-valid', 'The claim nbf lies in the future.', cause);
    }
    return malformed(`The claim ${error.claim} is missing or wrong.`, error);
  }
  if (error instanceof errors.JOSEAlgNotAllowed) {
    return new IdentityError(
      'algorithm-not-allowed',
      `A token is signed with ${ALGORITHMS.join(' or ')}.`,
      cause,
    );
  }
  if (isKeyFetchFailure(error)) {
    return new IdentityError('keys-unavailable', "The service's keys could not be fetched.", cause);
  }
  if (error instanceof errors.JWTInvalid || error instanceof errors.JWSInvalid) {
    return malformed('It is not a JWT in compact form.', error);
  }
  if (error instanceof errors.JWKSMultipleMatchingKeys) {
    return new IdentityError(
      'bad-signature',
      'The service has several keys; the header kid must name one.',
      cause,
    );
  }
  return new IdentityError('bad-signature', "The token is not signed with the service's key.", cause);
}

/** No answer, an answer other than 200, or one that is no key set: nobody can say whether the key is right. */
function isKeyFetchFailure(error: unknown): boolean {
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) return true;
  if (error instanceof errors.JOSEError) return error.code === 'ERR_JOSE_GENERIC';
  return error instanceof TypeError && error.message === 'fetch failed';
}

/** A token's `scope` claim may narrow what its service may do, never widen it. */
function narrowed(granted: ReadonlySet<string>, scope: unknown): ReadonlySet<string> {
  if (typeof scope !== 'string') return granted;
  return new Set(scope.split(' ').filter((each) => each !== '' && covers(granted, each)));
}
