import { createPublicKey, generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto';
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  importJWK,
  type JSONWebKeySet,
  type JWK,
  type JWTVerifyGetKey,
} from 'jose';

const KEYS_MAX = 20;
const KEY_TEXT_CHARACTERS_MAX = 65_536;
const RSA_BITS_MIN = 2_048;
/** How long a fetched key set is believed, and how soon an unknown key may make us ask again. */
const JWKS_AGE_MS_MAX = 300_000;
const JWKS_COOLDOWN_MS = 10_000;
const JWKS_TIMEOUT_MS = 3_000;
const RESOLVERS_MAX = 500;

/** A new Ed25519 key pair, both as PEM: the private one for the service, the public one for addService. */
export function generateServiceKeys(): { privateKey: string; publicKey: string } {
  return generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
}

/**
 * Reads a public key (PEM), a JWK or a JWKS (JSON) into the one form that is stored.
 * @throws RangeError saying what is wrong: a private key, another algorithm, too short, unreadable
 */
export function parsePublicKeys(text: string): JSONWebKeySet {
  if (text.length > KEY_TEXT_CHARACTERS_MAX) throw new RangeError('The key file is too large.');
  if (/PRIVATE KEY/.test(text)) throw new RangeError('This is a private key; Kist takes only public ones.');
  const given = text.trimStart().startsWith('{') ? keysOfJson(text) : [text];
  if (given.length === 0 || given.length > KEYS_MAX) throw new RangeError(`Give 1 to ${KEYS_MAX} keys.`);
  return { keys: given.map(normalKey) };
}

function keysOfJson(text: string): JWK[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new RangeError('The key is neither PEM nor JSON.', { cause: error });
  }
  const keys = (parsed as { keys?: unknown }).keys ?? [parsed];
  if (!Array.isArray(keys)) throw new RangeError('The member keys of a JWKS is a list.');
  return keys;
}

function normalKey(given: string | JWK): JWK {
  if (typeof given !== 'string' && ('d' in given || given.kty === 'oct')) {
    throw new RangeError('This key holds a secret; Kist takes only public ones.');
  }
  const key = readKey(given);
  const kid = typeof given === 'string' ? undefined : given.kid;
  const alg = algorithmOf(key);
  return {
    ...(key.export({ format: 'jwk' }) as JWK),
    alg,
    use: 'sig',
    ...(kid === undefined ? {} : { kid }),
  };
}

function readKey(given: string | JWK): KeyObject {
  try {
    return typeof given === 'string'
      ? createPublicKey(given)
      : createPublicKey({ key: given as JsonWebKey, format: 'jwk' });
  } catch (error) {
    throw new RangeError('This is not a public key (PEM, JWK or JWKS).', { cause: error });
  }
}

/** @throws RangeError for a key of a kind that is not accepted, or too weak */
export function algorithmOf(key: KeyObject): 'EdDSA' | 'RS256' {
  if (key.asymmetricKeyType === 'ed25519') return 'EdDSA';
  if (key.asymmetricKeyType !== 'rsa') {
    throw new RangeError(`Keys are Ed25519 or RSA, not ${key.asymmetricKeyType}.`);
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits < RSA_BITS_MIN) throw new RangeError(`An RSA key has at least ${RSA_BITS_MIN} bits, not ${bits}.`);
  return 'RS256';
}

/**
 * What finds the key of a token. A single stored key needs no `kid`; of several, the token names one.
 */
export function resolverOfKeys(jwks: JSONWebKeySet): JWTVerifyGetKey {
  const [only] = jwks.keys;
  if (jwks.keys.length > 1 || !only) return createLocalJWKSet(jwks);
  const imported = importJWK(only);
  imported.catch(() => {});
  return () => imported;
}

const resolvers = new Map<string, JWTVerifyGetKey>();

/** As resolverOfKeys, for keys published at an address; fetched when needed, with cache and cooldown. */
export function resolverOfUrl(url: string): JWTVerifyGetKey {
  const known = resolvers.get(url);
  if (known) return known;
  const resolver = createRemoteJWKSet(new URL(url), {
    cacheMaxAge: JWKS_AGE_MS_MAX,
    cooldownDuration: JWKS_COOLDOWN_MS,
    timeoutDuration: JWKS_TIMEOUT_MS,
  });
  if (resolvers.size >= RESOLVERS_MAX) resolvers.clear();
  resolvers.set(url, resolver);
  return resolver;
}

/** @throws RangeError for anything but https, or http to this same machine */
export function checkJwksUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const local = url?.protocol === 'http:' && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname);
  if (url?.protocol !== 'https:' && !local)
    throw new RangeError('The address of a JWKS begins with https://.');
  return url!.href;
}
