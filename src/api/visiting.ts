import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Actor } from '../identity/actor.ts';
import { IdentityError } from '../identity/errors.ts';
import type { Session } from '../identity/identity.ts';
import { actFor } from '../identity/roles.ts';
import { SESSION_COOKIE } from '../identity/sessions.ts';
import { assertScope } from './authentication.ts';
import type { ApiParts } from './ports.ts';

const tenantQuery = z.object({ tenant: z.string().max(31).optional() });

/** An operator in a browser, acting for one tenant. */
export interface Visitor {
  actor: Actor;
  session: Session;
}

/**
 * The operator, acting for the tenant that they mean. Whoever is nobody is led to the login.
 * @param place where a visitor comes back to who was not looking at a page, and what it takes to be there
 * @throws IdentityError missing-scope, wrong-tenant
 */
export async function visit(
  { identity }: ApiParts,
  request: FastifyRequest,
  reply: FastifyReply,
  place: { path: string; scope: string },
  wanted = tenantQuery.safeParse(request.query).data?.tenant,
): Promise<Visitor | null> {
  try {
    const session = await identity.sessionOf(request.cookies[SESSION_COOKIE]);
    request.actor = session.actor;
    const actor = actFor(session.actor, wanted || session.actor.tenant);
    request.actor = actor;
    assertScope(actor, place.scope);
    return { actor, session };
  } catch (error) {
    if (!(error instanceof IdentityError) || error.code !== 'no-session') throw error;
    reply.redirect(
      `/login?next=${encodeURIComponent(request.method === 'GET' ? request.url : place.path)}`,
      303,
    );
    return null;
  }
}
