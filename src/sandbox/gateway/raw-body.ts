import type { FastifyInstance, FastifyRequest } from 'fastify';
import { badRequest } from './errors.ts';

const bodies = new WeakMap<FastifyRequest, string>();

/** Keeps the bodies of these routes byte for byte: idempotency goes by them. */
export function keepRawBodies(app: FastifyInstance): void {
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, done) => {
    bodies.set(request, text as string);
    try {
      done(null, text === '' ? {} : JSON.parse(text as string));
    } catch {
      done(badRequest('The request body is not valid JSON'), undefined);
    }
  });
}

export function rawBody(request: FastifyRequest): string {
  return bodies.get(request) ?? '';
}
