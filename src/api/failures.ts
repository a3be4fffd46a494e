import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { v7 as uuidv7 } from 'uuid';
import type { ErrorCode } from './errors.ts';
import type { Api, ApiParts } from './ports.ts';
import { asProblem, documentOf, PROBLEM_TYPE, Problem, pathOf, sendProblem } from './problem.ts';

const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'SAMEORIGIN',
  // Not no-referrer: with that, browsers say `Origin: null` even of our own forms.
  'referrer-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

/** Whatever goes wrong in a request ends as a problem document, and is logged where it is our fault. */
export function registerErrors(app: Api, parts: ApiParts): void {
  app.setErrorHandler((thrown, request, reply) => fail(thrown, request, reply, parts));
  const methodsOf = rememberRoutes(app);
  app.setNotFoundHandler((request, reply) => {
    const methods = methodsOf(pathOf(request.url));
    if (methods.length === 0) throw new Problem('unknown-route', `${request.method} ${pathOf(request.url)}`);
    reply.header('allow', methods.join(', '));
    throw new Problem('method-not-allowed', `${request.method} is not among ${methods.join(', ')}.`);
  });
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(SECURITY_HEADERS).header('x-request-id', request.id);
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    if (parts.log.isLevelEnabled('debug')) logRequest(request, reply, parts);
    done();
  });
}

function fail(thrown: unknown, request: FastifyRequest, reply: FastifyReply, parts: ApiParts): FastifyReply {
  const problem = asProblem(thrown);
  request.problem_code = problem.code;
  if (problem.code === 'internal-error') {
    parts.log.error(
      { err: problem.cause, request_id: request.id, url: pathOf(request.url) },
      'request failed',
    );
  }
  if (problem.code === 'database-unavailable' && problem.cause) parts.breaker.failed();
  return sendProblem(problem, request, reply);
}

function logRequest(request: FastifyRequest, reply: FastifyReply, { log }: ApiParts): void {
  const { id, method, url, problem_code } = request;
  const about = {
    request_id: id,
    method,
    path: pathOf(url),
    status: reply.statusCode,
    duration_ms: Math.round(reply.elapsedTime * 10) / 10,
    ...(problem_code ? { code: problem_code } : {}),
  };
  log.debug(about, 'request');
}

/** Which methods a path has, for paths asked with another one. */
function rememberRoutes(app: Api): (path: string) => string[] {
  const routes = new Map<string, { pattern: RegExp; methods: Set<string> }>();
  app.addHook('onRoute', ({ url, method }) => {
    const source = url
      .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
      .replace(/:\w+/g, '[^/]+')
      .replace('*', '.*');
    const route = routes.get(url) ?? { pattern: new RegExp(`^${source}/?$`), methods: new Set<string>() };
    for (const each of [method].flat()) route.methods.add(each);
    routes.set(url, route);
  });
  return (path) => {
    const methods = [...routes.values()]
      .filter(({ pattern }) => pattern.test(path))
      .flatMap((route) => [...route.methods]);
    return [...new Set(methods)].sort();
  };
}

const CLIENT_ERRORS: Record<string, ErrorCode> = {
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'malformed-request',
};

/** What is not even HTTP never becomes a request; it is answered on the bare connection. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const problem = new Problem(CLIENT_ERRORS[error.code ?? ''] ?? 'malformed-request');
  const body = JSON.stringify(documentOf(problem, { id: uuidv7(), url: '' }));
  const head = [
    `HTTP/1.1 ${problem.status} Refused`,
    `content-type: ${PROBLEM_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
