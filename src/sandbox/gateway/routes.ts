import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Answering } from './answering.ts';
import { GatewayError, shaped } from './errors.ts';
import { keepRawBodies } from './raw-body.ts';
import type { GatewayAccount } from './settings.ts';
import type { Workings } from './workings.ts';

/** What a route gets to know of its request. */
export interface Asked {
  account: GatewayAccount;
  request: FastifyRequest;
  params: Record<string, string>;
  query: Record<string, string | undefined>;
  body: unknown;
}

export interface Route {
  method: 'GET' | 'POST';
  /** Below `/v1`. */
  path: string;
  /** The name by which faults mean the call. */
  call: string;
  /** Whom faults befall; the path by default. */
  subjects?: (asked: Asked) => readonly (string | null | undefined)[];
  act: (asked: Asked) => unknown;
  /** What happens, under the fault `webhook-first`, before the answer is sent. */
  meanwhile?: (answer: unknown) => void;
  /** The status of an answer; 200 by default. */
  status?: (answer: unknown) => number;
}

/** Adds the gateway's API, below `/v1`. */
export function mountRoutes(
  app: FastifyInstance,
  routes: readonly Route[],
  parts: { workings: Workings; answering: Answering; happen: () => Promise<unknown> },
): void {
  const { workings, answering, happen } = parts;
  app.register(
    async (scope) => {
      keepRawBodies(scope);
      scope.setErrorHandler((error, request, reply) => {
        if (!(error instanceof GatewayError)) throw error;
        answering.entry(request, null, null).status = error.status;
        return reply.code(error.status).headers(error.headers).send(error.body);
      });
      for (const route of routes) {
        scope.route({
          method: route.method,
          url: route.path,
          handler: async (request, reply) => {
            const account = workings.accounts.authenticated(request.headers.authorization);
            const asked = askedOf(account, request);
            let answer: unknown;
            return answering.answer(request, reply, {
              ...{ account, name: route.call, subjects: route.subjects?.(asked) ?? [request.url] },
              act: () => (answer = route.act(asked)),
              status: () => route.status?.(answer) ?? 200,
              meanwhile: async () => {
                workings.store.atomically(() => route.meanwhile?.(answer));
                await happen();
              },
            });
          },
        });
      }
    },
    { prefix: '/v1' },
  );
}

function askedOf(account: GatewayAccount, request: FastifyRequest): Asked {
  return {
    ...{ account, request, body: request.body },
    params: request.params as Record<string, string>,
    query: request.query as Record<string, string | undefined>,
  };
}

/** The text in a field of a body nobody has looked at yet. */
export function textIn(body: unknown, ...path: string[]): string | null {
  let value = body;
  for (const name of path) value = (value as Record<string, unknown> | null | undefined)?.[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
}

const pageSchema = z.object({
  count: z.coerce.number().int().min(1).max(100).default(10),
  skip: z.coerce.number().int().min(0).default(0),
  from: z.coerce.number().int().optional(),
  to: z.coerce.number().int().optional(),
});

/** The asked page of a list, in the gateway's form. @throws GatewayError 400 */
export function page<Item extends { created_at: number }>(
  items: Iterable<Item>,
  query: Asked['query'],
  wanted: (item: Item) => boolean = () => true,
): { entity: 'collection'; count: number; items: Item[] } {
  const { count, skip, from, to } = shaped(pageSchema, query);
  const found: Item[] = [];
  let seen = 0;
  for (const item of items) {
    if ((from && item.created_at < from) || (to && item.created_at > to) || !wanted(item)) continue;
    seen += 1;
    if (seen > skip) found.push(item);
    if (found.length === count) break;
  }
  return { entity: 'collection', count: found.length, items: found };
}
