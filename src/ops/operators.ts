import type {} from '@fastify/cookie';
import type { FastifyRequest } from 'fastify';
import { IdentityError } from '../identity/errors.ts';
import type { Identity } from '../identity/identity.ts';
import { SESSION_COOKIE } from '../identity/sessions.ts';
import type { SessionOf } from './gate.ts';

/** Finds the operator's session by the cookie of the request. */
export function sessionsOf(identity: Pick<Identity, 'sessionOf'>): SessionOf {
  return async (request: FastifyRequest) => {
    try {
      return await identity.sessionOf(request.cookies[SESSION_COOKIE]);
    } catch (error) {
      if (error instanceof IdentityError && error.status === 401) return null;
      throw error;
    }
  };
}
