import formbody from '@fastify/formbody';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { escapeHtml } from '../../html/escape.ts';
import { clientIp } from '../../identity/client-ip.ts';
import { assertSameOrigin } from '../../identity/csrf.ts';
import { IdentityError } from '../../identity/errors.ts';
import type { Session } from '../../identity/identity.ts';
import { SESSION_COOKIE } from '../../identity/sessions.ts';
import { page, sendPage } from '../pages.ts';
import type { Api, ApiParts } from '../ports.ts';
import { asProblem } from '../problem.ts';
import { problemResponses, text, timestamp } from '../schemas.ts';

const FORM_BYTES_MAX = 16 * 1024;
const AFTER_LOGIN = '/board';
const NEXT_LENGTH_MAX = 2_000;

const credentials = z.object({
  email: text(320),
  password: text(1_024),
  next: z.string().max(NEXT_LENGTH_MAX).optional(),
});

const sessionSchema = z
  .strictObject({
    name: z.string(),
    display_name: z.string(),
    tenant: z.string(),
    role: z.string(),
    scopes: z.array(z.string()),
    csrf_token: z.string().describe('for the header X-CSRF-Token of unsafe methods'),
    expires_at: timestamp,
  })
  .meta({ id: 'Session' });

/** Operators log in and out here; plain forms that need no script. */
export function sessionRoutes(app: Api, parts: ApiParts): void {
  sessionRoute(app, parts);
  app.register(async (forms) => {
    await forms.register(formbody, { bodyLimit: FORM_BYTES_MAX });
    loginRoutes(forms, parts);
    logoutRoutes(forms, parts);
  });
}

function sessionRoute(app: Api, { identity }: ApiParts): void {
  app.route({
    method: 'GET',
    url: '/v1/session',
    config: { action: 'session.show', scope: null },
    schema: {
      summary: 'Who is logged in, and the token that unsafe methods need',
      tags: ['session'],
      response: { 200: sessionSchema, ...problemResponses },
    },
    handler: async (request) => {
      const { actor, display_name, csrf_token, expires_at } =
        request.session ?? (await identity.sessionOf(undefined));
      return {
        name: actor.name,
        display_name,
        tenant: actor.tenant,
        role: actor.role ?? '',
        scopes: [...actor.scopes],
        csrf_token,
        expires_at: expires_at.toISOString(),
      };
    },
  });
}

function loginRoutes(app: FastifyInstance, { identity, proxies }: ApiParts): void {
  const config = { action: 'session.login', scope: null, open: true };

  app.get('/login', { config, schema: { hide: true } }, async (request, reply) => {
    const { next } = request.query as { next?: unknown };
    return sendPage(reply, loginPage(ownPath(next)));
  });

  app.post('/login', { config, schema: { hide: true } }, async (request, reply) => {
    assertSameOrigin(request);
    const form = credentials.safeParse(request.body);
    if (!form.success) return sendPage(reply.code(400), loginPage(AFTER_LOGIN, 'Fill in both fields.'));
    const { email, password } = form.data;
    const next = ownPath(form.data.next);
    const origin = {
      ip: clientIp(request.socket.remoteAddress, request.headers['x-forwarded-for'], proxies),
      user_agent: request.headers['user-agent'] ?? null,
    };
    try {
      const { token, session } = await identity.login(email, password, origin);
      setCookie(request, reply, token, session.expires_at);
      return reply.redirect(next, 303);
    } catch (error) {
      if (!(error instanceof IdentityError)) throw error;
      const { status, headers, code } = asProblem(error);
      request.problem_code = code;
      return sendPage(reply.code(status).headers(headers ?? {}), loginPage(next, error.message, email));
    }
  });
}

function logoutRoutes(app: FastifyInstance, { identity }: ApiParts): void {
  app.post('/logout', {
    config: { action: 'session.logout', scope: null, open: true },
    schema: { hide: true },
    handler: async (request, reply) => {
      const { token } = await ownSession(request);
      await identity.logout(token);
      return leave(request, reply);
    },
  });

  app.post('/logout-everywhere', {
    config: { action: 'session.logout-everywhere', scope: null, open: true },
    schema: { hide: true },
    handler: async (request, reply) => {
      const { session } = await ownSession(request);
      await identity.logoutEverywhere(session.actor.tenant, session.operator_id);
      return leave(request, reply);
    },
  });

  app.get('/', {
    config: { action: 'session.home', scope: null, open: true },
    schema: { hide: true },
    handler: async (request, reply) => {
      const session = await identity.sessionOf(request.cookies[SESSION_COOKIE]).catch(asNobody);
      return session ? sendPage(reply, homePage(session)) : reply.redirect('/login');
    },
  });

  async function ownSession(request: FastifyRequest): Promise<{ token: string; session: Session }> {
    assertSameOrigin(request);
    const token = request.cookies[SESSION_COOKIE];
    const session = await identity.sessionOf(token);
    request.actor = session.actor;
    return { token: token!, session };
  }
}

function asNobody(error: unknown): null {
  if (error instanceof IdentityError && error.status === 401) return null;
  throw error;
}

function setCookie(request: FastifyRequest, reply: FastifyReply, token: string, expires: Date): void {
  const secure = request.protocol === 'https';
  reply.setCookie(SESSION_COOKIE, token, { path: '/', httpOnly: true, sameSite: 'strict', secure, expires });
}

function leave(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  setCookie(request, reply, '', new Date(0));
  return reply.redirect('/login', 303);
}

/** A path of ours to go on to; anything that could lead elsewhere is the board. */
function ownPath(next: unknown): string {
  const isOurs =
    typeof next === 'string' &&
    next.length <= NEXT_LENGTH_MAX &&
    /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(next);
  return isOurs ? next : AFTER_LOGIN;
}

function loginPage(next: string, problem = '', email = ''): string {
  return page(
    'Log in',
    `<h1>Kist</h1><p>Every job once, in books that verify.</p>
${problem ? `<p class="problem" role="alert">${escapeHtml(problem)}</p>` : ''}
<form method="post" action="/login">
<input type="hidden" name="next" value="${escapeHtml(next)}">
<label for="email">E-mail</label>
<input id="email" name="email" type="email" autocomplete="username" required autofocus value="${escapeHtml(email)}">
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button>Log in</button>
</form>`,
  );
}

function homePage({ actor, display_name }: Session): string {
  return page(
    'Home',
    `<h1>${escapeHtml(display_name)}</h1>
<p>${escapeHtml(actor.role ?? '')} of ${escapeHtml(actor.tenant)}</p>
<p><a href="/board">Board</a> · <a href="/console">Console</a> · <a href="/console/approvals">Approvals</a> · <a href="/console/templates">Templates</a> · <a href="/docs">API</a> · <a href="/docs/errors">Errors</a></p>
<form method="post" action="/logout"><button>Log out</button></form>
<form method="post" action="/logout-everywhere"><button class="quiet">Log out everywhere</button></form>`,
  );
}
