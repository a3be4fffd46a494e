import type { FastifyRequest } from 'fastify';
import { TooManyReads } from '../secrets/known-secrets.ts';
import type { Api } from './ports.ts';
import { Problem } from './problem.ts';

/** Together with the size of one, what is told from outside may hold of a process's memory. */
const AT_ONCE_MAX = 256;

/** In this scope bodies come as bytes, whatever they are said to be, and so many at once. */
export function takeBytes(scope: Api): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  limitAtOnce(scope);
}

export function bytesOf({ body }: { body: unknown }): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

/** What a failure to look up secrets is told as. */
export function busy(error: unknown): never {
  throw error instanceof TooManyReads ? overloaded() : error;
}

function overloaded(): Problem {
  return new Problem('overloaded', undefined, { headers: { 'retry-after': '1' } });
}

/** Turned away before the body is read. */
function limitAtOnce(scope: Api): void {
  const inside = new WeakSet<FastifyRequest>();
  let count = 0;
  scope.addHook('onRequest', (request, _reply, done) => {
    if (count >= AT_ONCE_MAX) return done(overloaded());
    inside.add(request);
    count += 1;
    done();
  });
  scope.addHook('onResponse', (request, _reply, done) => {
    if (inside.delete(request)) count -= 1;
    done();
  });
}
