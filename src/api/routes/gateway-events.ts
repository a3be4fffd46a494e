import { z } from 'zod';
import { inTenant } from '../../db/transaction.ts';
import { redact } from '../../identity/redact.ts';
import { callbacksOf, callbackWithBody, type ShownCallback } from '../../payments/callbacks/rows.ts';
import { nextPage } from '../paging.ts';
import { type Api, type ApiParts, actorOf } from '../ports.ts';
import { Problem } from '../problem.ts';
import { idParams, pageQuery, problemResponses, text, timestamp, uuid } from '../schemas.ts';

const OBJECT_LENGTH_MAX = 100;
const PATH = '/v1/gateway-events';
const tags = ['payments'];

const eventFields = {
  id: uuid,
  gateway: z.string(),
  event_id: z.string().describe('the gateway’s own'),
  type: z.string(),
  object: z.string().nullable().describe('the gateway’s id of what it tells of'),
  signed_with: z.enum(['present', 'former']).describe('which of the webhook secrets'),
  received_at: timestamp,
  applied_at: timestamp.nullable().describe('its effects were committed together with this'),
  outcome: z.string().nullable().describe('what each of its pictures did'),
};
const eventSchema = z.strictObject(eventFields).meta({ id: 'GatewayEvent' });

export function gatewayEventRoutes(app: Api, parts: ApiParts): void {
  listRoute(app, parts);
  showRoute(app, parts);
  bodyRoute(app, parts);
}

function listRoute(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'GET',
    url: PATH,
    config: { action: 'gateway-events.list', scope: 'gateways:read' },
    schema: {
      summary: 'What gateways told, and what became of it, latest first',
      tags,
      querystring: z.strictObject({ ...pageQuery, object: text(OBJECT_LENGTH_MAX).optional() }),
      response: {
        200: z.strictObject({ events: z.array(eventSchema), next: z.string().nullable() }),
        ...problemResponses,
      },
    },
    handler: async (request) => {
      const { object, after, limit } = request.query;
      const events = await inTenant(pool, actorOf(request).tenant, (tx) =>
        callbacksOf(tx, { object, after, limit: limit + 1 }),
      );
      const page = events.slice(0, limit);
      const last = page.at(-1);
      const next = events.length > limit && last ? nextPage(PATH, { object, limit }, last.id) : null;
      return { events: page.map(resourceOf), next };
    },
  });
}

function showRoute(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'GET',
    url: `${PATH}/:id`,
    config: { action: 'gateway-events.show', scope: 'gateways:read' },
    schema: {
      summary: 'One event, its body without personal data',
      tags,
      params: idParams,
      response: {
        200: z.strictObject({ ...eventFields, body: z.unknown() }).meta({ id: 'GatewayEventWithBody' }),
        ...problemResponses,
      },
    },
    handler: async (request) => {
      const { id } = request.params;
      const event = await inTenant(pool, actorOf(request).tenant, (tx) => callbackWithBody(tx, id));
      if (!event) throw new Problem('not-found', `There is no gateway event ${id}.`);
      const { body, ...shown } = event;
      return { ...resourceOf(shown), body: redactedBody(body) };
    },
  });
}

function bodyRoute(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'GET',
    url: `${PATH}/:id/body`,
    config: { action: 'gateway-events.body', scope: 'gateways:bodies' },
    schema: {
      summary: 'The bytes of an event as they came, personal data included',
      tags,
      params: idParams,
      response: {
        200: { description: 'as it came', content: { 'application/octet-stream': { schema: z.string() } } },
        ...problemResponses,
      },
    },
    handler: async (request, reply) => {
      const { id } = request.params;
      const event = await inTenant(pool, actorOf(request).tenant, (tx) => callbackWithBody(tx, id));
      if (!event) throw new Problem('not-found', `There is no gateway event ${id}.`);
      return reply.type('application/octet-stream').send(event.body as never);
    },
  });
}

function redactedBody(body: Buffer): unknown {
  try {
    return redact(JSON.parse(body.toString()));
  } catch {
    return `[${body.length} bytes that are not JSON]`;
  }
}

function resourceOf({ received_at, applied_at, ...event }: ShownCallback): z.output<typeof eventSchema> {
  return {
    ...event,
    received_at: received_at.toISOString(),
    applied_at: applied_at?.toISOString() ?? null,
  };
}
