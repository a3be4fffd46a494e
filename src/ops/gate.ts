import type { FastifyReply, FastifyRequest } from 'fastify';
import { escapeHtml } from '../html/escape.ts';
import { page } from '../html/page.ts';

/** Of a session, what the pages for operators must know. */
export interface OperatorSession {
  actor: {
    kind: 'service' | 'operator' | 'system';
    name: string;
    tenant: string;
    scopes: ReadonlySet<string>;
  };
  /** Known to the session's own pages only; every unsafe request must bring it. */
  csrf_token: string;
}

/** The session of the request's cookie; null where nobody is logged in. */
export type SessionOf = (request: FastifyRequest) => Promise<OperatorSession | null>;

/** Seeing what concerns every tenant, and acting on it; only the platform's own operators have these. */
export const LOOK = 'board:read';
export const ACT = 'board:operate';

/** Scripts and styles come from our own files only. */
const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'self'; form-action 'self'",
  'cache-control': 'no-store',
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
};

/**
 * Lets the platform's operators through. Everybody else has been answered: pages lead to the login or
 * say why not, calls get 401 or 403.
 */
export async function admit(
  sessionOf: SessionOf,
  request: FastifyRequest,
  reply: FastifyReply,
  isPage: boolean,
): Promise<OperatorSession | null> {
  reply.headers(SECURITY_HEADERS);
  const session = await sessionOf(request);
  if (!session) {
    if (isPage) reply.redirect(`/login?next=${encodeURIComponent(request.url)}`);
    else refuse(reply, 401, 'Log in first.');
    return null;
  }
  if (session.actor.scopes.has(LOOK)) return session;
  if (isPage) sendPage(reply.code(403), notForTenants(session.actor.name));
  else refuse(reply, 403, 'The board is for operators of the platform.');
  return null;
}

export function sendPage(reply: FastifyReply, html: string): FastifyReply {
  return reply.type('text/html; charset=utf-8').serializer(String).send(html);
}

/** In the form in which the board's UI shows an error. */
export function refuse(reply: FastifyReply, status: number, message: string): FastifyReply {
  return reply.code(status).send({ error: { key: 'ERRORS.FORBIDDEN' }, message });
}

function notForTenants(name: string): string {
  return page(
    'Not for tenants',
    `<h1>This page is for the platform’s operators</h1>
     <p>You are logged in as ${escapeHtml(name)}. It shows the queues of every tenant, so only people of the
     tenant <code>platform</code> may see it. Your own tenant’s jobs are in the API and on the command line:
     <code>kist dead list</code>.</p>
     <p><a href="/">Back to Kist</a></p>`,
  );
}
