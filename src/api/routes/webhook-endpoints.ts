import { z } from 'zod';
import { inTenant } from '../../db/transaction.ts';
import { deliveriesOf, sendTest } from '../../events/deliveries.ts';
import {
  addEndpoint,
  changeEndpoint,
  DISABLED_REASONS,
  type Endpoint,
  endpointOf,
  GRACE_HOURS_DEFAULT,
  GRACE_HOURS_MAX,
  listEndpoints,
  removeEndpoint,
  rotateSecret,
} from '../../events/endpoints.ts';
import { URL_LENGTH_MAX } from '../../events/guard.ts';
import { EVENT_PATTERN } from '../../events/types.ts';
import { actorLabel } from '../../identity/actor.ts';
import { JOB_STATES } from '../../runtime/types.ts';
import { keepable } from '../json.ts';
import { nextPage } from '../paging.ts';
import { type Api, type ApiParts, actorOf } from '../ports.ts';
import { idParams, pageQuery, problemResponses, timestamp, uuid } from '../schemas.ts';

const DESCRIPTION_LENGTH_MAX = 200;
const TYPES_MAX = 50;
const TYPE_LENGTH_MAX = 100;
const tags = ['events'];

const fields = {
  url: z.url().max(URL_LENGTH_MAX).describe('https, and public'),
  description: z.string().max(DESCRIPTION_LENGTH_MAX).refine(keepable, { message: 'is not text' }),
  event_types: z
    .array(z.string().max(TYPE_LENGTH_MAX).regex(EVENT_PATTERN))
    .min(1)
    .max(TYPES_MAX)
    .describe('`loan.closed`, `loan.*` or `*`'),
  state: z.enum(['enabled', 'disabled']),
};

const endpointFields = {
  id: uuid,
  ...fields,
  url: z.string(),
  disabled_reason: z
    .enum(DISABLED_REASONS)
    .nullable()
    .describe('asked: by somebody; gone: it answered 410; failing: for days nothing could be delivered'),
  disabled_at: timestamp.nullable(),
  failing_since: timestamp.nullable().describe('since when every delivery has failed'),
  former_secret_until: timestamp.nullable().describe('until then both secrets sign'),
  created_by: z.string(),
  created_at: timestamp,
};
const endpointSchema = z.strictObject(endpointFields).meta({ id: 'WebhookEndpoint' });
const withSecretSchema = z
  .strictObject({ ...endpointFields, secret: z.string().describe('`whsec_…`, shown this once') })
  .meta({ id: 'WebhookEndpointWithSecret' });
const linksSchema = z.strictObject({ event: z.string(), job: z.string() });
const deliverySchema = z
  .strictObject({
    event: uuid,
    type: z.string(),
    subject: uuid,
    sequence: z.int(),
    state: z.enum(JOB_STATES).describe('of its job; redrive or drop a dead one there'),
    attempt: z.int().describe('failed attempts so far'),
    code: z.string().nullable().describe('how the last attempt failed'),
    message: z.string().nullable(),
    next_attempt_at: timestamp.nullable(),
    links: linksSchema,
  })
  .meta({ id: 'WebhookDelivery' });

export function webhookEndpointRoutes(app: Api, parts: ApiParts): void {
  addRoute(app, parts);
  readRoutes(app, parts);
  changeRoute(app, parts);
  removeRoute(app, parts);
  rotateRoute(app, parts);
  testRoute(app, parts);
  deliveriesRoute(app, parts);
}

function addRoute(app: Api, { pool, webhooks }: ApiParts): void {
  app.route({
    method: 'POST',
    url: '/v1/webhook-endpoints',
    config: { action: 'webhook-endpoints.add', scope: 'webhooks:write' },
    schema: {
      summary: 'Have events sent to an address; the answer shows its secret, once',
      description: 'An address stands once: sent again, it is answered `already-exists`.',
      tags,
      body: z.strictObject({
        url: fields.url,
        event_types: fields.event_types.default(['*']),
        description: fields.description.default(''),
      }),
      response: { 201: withSecretSchema, ...problemResponses },
    },
    handler: async (request, reply) => {
      const actor = actorOf(request);
      await webhooks.guard.check(new URL(request.body.url));
      const wish = { ...request.body, tenant: actor.tenant, actor: actorLabel(actor) };
      const added = await inTenant(pool, actor.tenant, (tx) => addEndpoint(tx, webhooks.box, wish));
      request.audit_subject = added.endpoint.id;
      reply.code(201);
      return { ...resourceOf(added.endpoint), secret: added.secret };
    },
  });
}

function readRoutes(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'GET',
    url: '/v1/webhook-endpoints',
    config: { action: 'webhook-endpoints.list', scope: 'webhooks:read' },
    schema: {
      summary: 'Where events are sent',
      tags,
      response: { 200: z.strictObject({ endpoints: z.array(endpointSchema) }), ...problemResponses },
    },
    handler: async (request) => {
      const endpoints = await inTenant(pool, actorOf(request).tenant, listEndpoints);
      return { endpoints: endpoints.map(resourceOf) };
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/webhook-endpoints/:id',
    config: { action: 'webhook-endpoints.show', scope: 'webhooks:read' },
    schema: {
      summary: 'One endpoint, and how it fares',
      tags,
      params: idParams,
      response: { 200: endpointSchema, ...problemResponses },
    },
    handler: async (request) => {
      const { tenant } = actorOf(request);
      return resourceOf(await inTenant(pool, tenant, (tx) => endpointOf(tx, request.params.id)));
    },
  });
}

function changeRoute(app: Api, { pool, webhooks }: ApiParts): void {
  app.route({
    method: 'PATCH',
    url: '/v1/webhook-endpoints/:id',
    config: { action: 'webhook-endpoints.change', scope: 'webhooks:write' },
    schema: {
      summary: 'Change an endpoint, disable it, or enable it again',
      description:
        'While it is disabled it gets nothing new; what waited goes out within 15 minutes of enabling.',
      tags,
      params: idParams,
      body: z.strictObject(fields).partial(),
      response: { 200: endpointSchema, ...problemResponses },
    },
    handler: async (request) => {
      const { tenant } = actorOf(request);
      const { id } = request.params;
      if (request.body.url) await webhooks.guard.check(new URL(request.body.url));
      return resourceOf(await inTenant(pool, tenant, (tx) => changeEndpoint(tx, id, request.body)));
    },
  });
}

function removeRoute(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'DELETE',
    url: '/v1/webhook-endpoints/:id',
    config: { action: 'webhook-endpoints.remove', scope: 'webhooks:write' },
    schema: {
      summary: 'Remove an endpoint; what waits for it is cancelled',
      tags,
      params: idParams,
      response: { 204: z.undefined().describe('it is removed'), ...problemResponses },
    },
    handler: async (request, reply) => {
      const { tenant } = actorOf(request);
      await inTenant(pool, tenant, (tx) => removeEndpoint(tx, request.params.id));
      return reply.code(204).send();
    },
  });
}

function rotateRoute(app: Api, { pool, webhooks }: ApiParts): void {
  app.route({
    method: 'POST',
    url: '/v1/webhook-endpoints/:id/rotate-secret',
    config: { action: 'webhook-endpoints.rotate-secret', scope: 'webhooks:write' },
    schema: {
      summary: 'Give an endpoint a new secret, shown once; the present one signs beside it for a while',
      tags,
      params: idParams,
      body: z.strictObject({
        grace_hours: z.int().min(0).max(GRACE_HOURS_MAX).default(GRACE_HOURS_DEFAULT),
      }),
      response: { 200: withSecretSchema, ...problemResponses },
    },
    handler: async (request) => {
      const { tenant } = actorOf(request);
      const wish = { tenant, id: request.params.id, grace_hours: request.body.grace_hours };
      const rotated = await inTenant(pool, tenant, (tx) => rotateSecret(tx, webhooks.box, wish));
      return { ...resourceOf(rotated.endpoint), secret: rotated.secret };
    },
  });
}

function testRoute(app: Api, { runtime, clock }: ApiParts): void {
  app.route({
    method: 'POST',
    url: '/v1/webhook-endpoints/:id/test',
    config: { action: 'webhook-endpoints.test', scope: 'webhooks:write' },
    schema: {
      summary: 'Send the event `webhook.test` to an endpoint, whatever it subscribes to',
      tags,
      params: idParams,
      response: {
        202: z.strictObject({ event: uuid, links: linksSchema }),
        ...problemResponses,
      },
    },
    handler: async (request, reply) => {
      const actor = actorOf(request);
      const { tenant } = actor;
      const { event, job } = await runtime.transact(tenant, actorLabel(actor), (tx, accept) =>
        sendTest(tx, accept, { tenant, clock }, request.params.id),
      );
      reply.code(202);
      return { event, links: { event: `/v1/events/${event}`, job: `/v1/jobs/${job}` } };
    },
  });
}

function deliveriesRoute(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'GET',
    url: '/v1/webhook-endpoints/:id/deliveries',
    config: { action: 'webhook-endpoints.deliveries', scope: 'webhooks:read' },
    schema: {
      summary: 'What became of the events sent to an endpoint, newest first',
      description: 'A page may hold fewer deliveries than its limit although there is a next one.',
      tags,
      params: idParams,
      querystring: z.strictObject(pageQuery),
      response: {
        200: z.strictObject({ deliveries: z.array(deliverySchema), next: z.string().nullable() }),
        ...problemResponses,
      },
    },
    handler: async (request) => {
      const { id } = request.params;
      const { tenant } = actorOf(request);
      const { deliveries, next } = await inTenant(pool, tenant, (tx) => deliveriesOf(tx, id, request.query));
      const path = `/v1/webhook-endpoints/${id}/deliveries`;
      return {
        deliveries: deliveries.map(({ event, job }) => ({
          event: event.id,
          type: event.type,
          subject: event.subject,
          sequence: event.sequence,
          state: job.state,
          attempt: job.attempt,
          code: job.state === 'done' ? null : job.code,
          message: job.state === 'done' ? null : job.message,
          next_attempt_at: job.state === 'pending' ? job.run_at.toISOString() : null,
          links: { event: `/v1/events/${event.id}`, job: `/v1/jobs/${job.id}` },
        })),
        next: next && nextPage(path, request.query, next),
      };
    },
  });
}

function resourceOf(endpoint: Endpoint): z.output<typeof endpointSchema> {
  const { disabled_at, failing_since, former_secret_until, created_at, ...rest } = endpoint;
  return {
    ...rest,
    disabled_at: disabled_at?.toISOString() ?? null,
    failing_since: failing_since?.toISOString() ?? null,
    former_secret_until: former_secret_until?.toISOString() ?? null,
    created_at: created_at.toISOString(),
  };
}
