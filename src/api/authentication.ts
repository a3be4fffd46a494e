import type { FastifyRequest } from 'fastify';
import { sql } from 'slonik';
import type { Pool } from '../db/pools.ts';
import { inTenant } from '../db/transaction.ts';
import { type Actor, actorLabel, PLATFORM } from '../identity/actor.ts';
import { assertCsrfToken, assertSameOrigin } from '../identity/csrf.ts';
import type { Identity } from '../identity/identity.ts';
import { actFor, covers } from '../identity/roles.ts';
import { SESSION_COOKIE } from '../identity/sessions.ts';
import { Problem } from './problem.ts';

export const CSRF_HEADER = 'x-csrf-token';
/** With it a platform operator names the tenant to act for. */
const TENANT_HEADER = 'kist-tenant';
const TENANT_PATTERN = /^[a-z][a-z0-9-]{0,30}$/;
const TENANTS_REMEMBERED_MAX = 10_000;

/**
 * Finds out who asks: a service by its bearer token, or an operator by the session cookie. With a
 * cookie, an unsafe method must come from our own pages: a browser sends cookies whoever asks.
 */
export function authenticator(identity: Identity, pool: Pool): (request: FastifyRequest) => Promise<Actor> {
  const knownTenants = new Set<string>();

  async function checkTenant(tenant: string): Promise<void> {
    if (knownTenants.has(tenant)) return;
    const found =
      TENANT_PATTERN.test(tenant) &&
      (await inTenant(pool, tenant, (tx) =>
        tx.exists(sql.unsafe`SELECT FROM tenant WHERE tenant_id = ${tenant}`),
      ));
    if (!found) throw new Problem('not-found', 'There is no such tenant.');
    if (knownTenants.size < TENANTS_REMEMBERED_MAX) knownTenants.add(tenant);
  }

  return async (request) => {
    const { authorization, [TENANT_HEADER]: wanted } = request.headers;
    const cookie = authorization === undefined ? request.cookies[SESSION_COOKIE] : undefined;
    const actor =
      cookie === undefined
        ? await identity.authenticateService(authorization)
        : await sessionActor(identity, request, cookie);
    if (typeof wanted !== 'string' || wanted === actor.tenant) return actor;
    const acting = actFor(actor, wanted);
    if (wanted !== PLATFORM) await checkTenant(wanted);
    return acting;
  };
}

async function sessionActor(identity: Identity, request: FastifyRequest, cookie: string): Promise<Actor> {
  const session = await identity.sessionOf(cookie);
  request.session = session;
  assertSameOrigin(request);
  const given = request.headers[CSRF_HEADER];
  assertCsrfToken(request.method, cookie, typeof given === 'string' ? given : undefined);
  return session.actor;
}

/** @throws Problem missing-scope, naming it. */
export function assertScope(actor: Actor, scope: string): void {
  if (!covers(actor.scopes, scope)) {
    throw new Problem('missing-scope', `${actorLabel(actor)} does not have the scope ${scope}.`);
  }
}
