import { sql } from 'slonik';
import { z } from 'zod';
import type { Pool } from '../db/pools.ts';
import { inTenant } from '../db/transaction.ts';
import { checkJwksUrl, parsePublicKeys } from './keys.ts';

export const SERVICE_NAME = /^[a-z][a-z0-9-]{0,62}$/;
/** What a program may be trusted with. The board, and adding people, services and tenants, are people's work. */
const SCOPE =
  /^(jobs|loans|wallets|ledger|days|audit|switches|products|approvals|policy|events|webhooks|payments|gateways|bank-accounts|borrowers|notifications):(\*|[a-z][a-z0-9.-]{0,100}\*?)$/;
const SCOPES_MAX = 100;

export interface NewService {
  tenant: string;
  name: string;
  /** `jobs:<kind>`, `jobs:*`, `jobs:loan.*`, `loans:read` … */
  scopes: readonly string[];
  /** Exactly one of the two: public keys as PEM, JWK or JWKS; or where a JWKS is published. */
  public_key?: string;
  jwks_url?: string;
}

/**
 * Adds a service, or gives an existing one these scopes and keys.
 * @throws RangeError saying what is wrong with name, scopes or keys
 */
export async function addService(pool: Pool, service: NewService): Promise<void> {
  const { tenant, name, scopes, public_key, jwks_url } = service;
  if (!SERVICE_NAME.test(name)) throw new RangeError(`Not a service name (a-z, 0-9 and -): ${name}`);
  const wrong = scopes.find((scope) => !SCOPE.test(scope));
  if (wrong !== undefined) throw new RangeError(`Not a scope for a service: ${wrong}`);
  if (scopes.length > SCOPES_MAX) throw new RangeError(`A service has at most ${SCOPES_MAX} scopes.`);
  if ((public_key === undefined) === (jwks_url === undefined)) {
    throw new RangeError('A service has either a public key or the address of a JWKS.');
  }
  const jwks = public_key === undefined ? null : JSON.stringify(parsePublicKeys(public_key));
  const url = jwks_url === undefined ? null : checkJwksUrl(jwks_url);
  await inTenant(pool, tenant, (tx) =>
    tx.query(sql.unsafe`
      INSERT INTO service (tenant_id, name, scopes, jwks, jwks_url)
      VALUES (${tenant}, ${name}, ${sql.array([...scopes], 'text')}, ${jwks}::jsonb, ${url})
      ON CONFLICT (tenant_id, name)
      DO UPDATE SET scopes = excluded.scopes, jwks = excluded.jwks, jwks_url = excluded.jwks_url`),
  );
}

/** Turns a service away from now on, or lets it in again. @returns false where there is no such service. */
export async function disableService(
  pool: Pool,
  tenant: string,
  name: string,
  disabled = true,
): Promise<boolean> {
  const updated = await inTenant(pool, tenant, (tx) =>
    tx.query(sql.unsafe`
      UPDATE service SET disabled_at = CASE WHEN ${disabled} THEN coalesce(disabled_at, now()) END
      WHERE tenant_id = ${tenant} AND name = ${name}`),
  );
  return updated.rowCount === 1;
}

const publicJwk = z.looseObject({ kty: z.string() });
const serviceRecord = z.object({
  name: z.string(),
  scopes: z.array(z.string()),
  jwks: z.object({ keys: z.array(publicJwk) }).nullable(),
  jwks_url: z.string().nullable(),
  created_at: z.date(),
  disabled_at: z.date().nullable(),
});
export type ServiceRecord = z.infer<typeof serviceRecord>;

export function findService(pool: Pool, tenant: string, name: string): Promise<ServiceRecord | null> {
  return inTenant(pool, tenant, (tx) =>
    tx.maybeOne(sql.type(serviceRecord)`
      SELECT name, scopes, jwks, jwks_url, created_at, disabled_at
      FROM service WHERE tenant_id = ${tenant} AND name = ${name}`),
  );
}

export function listServices(pool: Pool, tenant: string): Promise<readonly ServiceRecord[]> {
  return inTenant(pool, tenant, (tx) =>
    tx.any(sql.type(serviceRecord)`
      SELECT name, scopes, jwks, jwks_url, created_at, disabled_at
      FROM service WHERE tenant_id = ${tenant} ORDER BY name`),
  );
}
