import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { onTestFinished } from 'vitest';
import { type ClientOptions, createClient } from '../../src/client/index.ts';

/** The jobs of a bakery, so that these tests depend on no kind of the release. */
export type Bakery = {
  'bread.bake': {
    payload: { loaves: number; seeds?: boolean };
    result: { outcome: 'baked'; loaves: number } | { outcome: 'refused'; code: 'no-flour' };
  };
  'oven.clean': { payload: Record<string, never>; result: { outcome: 'cleaned' } };
};

export type Handler = (request: FastifyRequest, reply: FastifyReply) => unknown;

/** A service that speaks as Kist does, route by route as the test says, and a client of it. */
export async function bakery(routes: Record<string, Handler>, options: Partial<ClientOptions> = {}) {
  const app = Fastify({ bodyLimit: 2 * 1024 * 1024 });
  const requests: { method: string; url: string; key: string | undefined; body: unknown }[] = [];
  app.addHook('preHandler', async ({ method, url, headers, body }) => {
    requests.push({ method, url, key: headers['idempotency-key'] as string | undefined, body });
  });
  for (const [route, handler] of Object.entries(routes)) {
    const [method, url] = route.split(' ') as [string, string];
    app.route({ method, url, handler: async (request, reply) => handler(request, reply) });
  }
  const url = await app.listen({ port: 0 });
  onTestFinished(() => app.close());
  const kist = createClient<Bakery>({ url, token: 'secret', backoff_ms: 1, ...options });
  return { kist, requests, url };
}

/** Gives the handlers' answers one after another; the last one for ever. */
export function inTurn(...handlers: Handler[]): Handler {
  let turn = 0;
  return (request, reply) => handlers[Math.min(turn++, handlers.length - 1)]!(request, reply);
}

export function problem(status: number, code: string, more: object = {}): Handler {
  return (_, reply) => {
    reply.code(status).type('application/problem+json');
    return JSON.stringify({ type: `/docs/errors#${code}`, title: code, status, code, ...more });
  };
}

/** Breaks the connection without an answer, as a crash would. */
export const breakDown: Handler = (request, reply) => {
  reply.hijack();
  request.raw.socket.destroy();
};

export const ACCEPTED = { id: '019a', kind: 'bread.bake', key: 'monday', state: 'pending' };

export function jobInState(state: string, more: object = {}): Handler {
  return () => ({ ...ACCEPTED, state, result: null, code: null, message: null, ...more });
}
