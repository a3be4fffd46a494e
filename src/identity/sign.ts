import { createPrivateKey } from 'node:crypto';
import { SignJWT } from 'jose';
import { algorithmOf } from './keys.ts';

/** A token may live this long at most, whatever its `exp` says. */
export const TOKEN_LIFETIME_S_MAX = 86_400;
export const DEFAULT_AUDIENCE = 'kist';

export interface TokenRequest {
  tenant: string;
  service: string;
  /** Default 5 minutes. */
  ttl_s?: number;
  audience?: string;
  /** Narrows what the token may do to some of the service's scopes. */
  scopes?: readonly string[];
  /** Names the key, where the service has several. */
  kid?: string;
}

/**
 * A token as a service makes it for itself, signed with its private key (PEM, Ed25519 or RSA).
 * @returns the compact JWT, for `Authorization: Bearer …`
 */
export function signServiceToken(privateKey: string, request: TokenRequest): Promise<string> {
  const key = createPrivateKey(privateKey);
  const now_s = Math.floor(Date.now() / 1_000);
  const { tenant, service, ttl_s = 300, audience = DEFAULT_AUDIENCE, scopes, kid } = request;
  return new SignJWT({ tenant, ...(scopes ? { scope: scopes.join(' ') } : {}) })
    .setProtectedHeader({ alg: algorithmOf(key), typ: 'JWT', ...(kid === undefined ? {} : { kid }) })
    .setSubject(service)
    .setAudience(audience)
    .setIssuedAt(now_s)
    .setExpirationTime(now_s + ttl_s)
    .sign(key);
}
