import { z } from 'zod';
import { actorLabel } from '../../identity/actor.ts';
import type { KillSwitch } from '../../runtime/types.ts';
import { approvalSchema, barredResource } from '../approving.ts';
import { type Api, type ApiParts, actorOf } from '../ports.ts';
import { Problem } from '../problem.ts';
import { problemResponses, text, timestamp } from '../schemas.ts';

const REASON_LENGTH_MAX = 500;
const KIND_LENGTH_MAX = 100;

const switchSchema = z
  .strictObject({
    kind: z.string().describe('`*`: every kind'),
    reason: z.string(),
    set_by: z.string(),
    set_at: timestamp,
    everywhere: z.boolean().describe('set for every tenant'),
  })
  .meta({ id: 'KillSwitch' });
const switchList = z.strictObject({ switches: z.array(switchSchema) });
const kindParams = z.strictObject({ kind: text(KIND_LENGTH_MAX).describe('a job kind, or `*` for all') });
const tags = ['switches'];

/** While a switch is on, jobs of its kind are held; none is lost, all go on when it is cleared. */
export function switchRoutes(app: Api, parts: ApiParts): void {
  readRoutes(app, parts);
  setRoute(app, parts);
  clearRoute(app, parts);
}

function readRoutes(app: Api, { runtime }: ApiParts): void {
  app.route({
    method: 'GET',
    url: '/v1/switches',
    config: { action: 'switches.list', scope: 'jobs:read' },
    schema: {
      summary: 'The kill switches that are on',
      tags,
      response: { 200: switchList, ...problemResponses },
    },
    handler: async (request) => {
      const switches = await runtime.switches(actorOf(request).tenant);
      return { switches: switches.map(resourceOf) };
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/switches/:kind',
    config: { action: 'switches.show', scope: 'jobs:read' },
    schema: {
      summary: 'The kill switch of a kind, if it is on',
      tags,
      params: kindParams,
      response: { 200: switchSchema, ...problemResponses },
    },
    handler: async (request) => find(await runtime.switches(actorOf(request).tenant), request.params.kind),
  });
}

function setRoute(app: Api, parts: ApiParts): void {
  const { runtime } = parts;
  app.route({
    method: 'PUT',
    url: '/v1/switches/:kind',
    config: { action: 'switches.set', scope: 'switches:write' },
    schema: {
      summary: 'Stop a kind: its jobs wait until the switch is cleared',
      tags,
      params: kindParams,
      body: z.strictObject({ reason: text(REASON_LENGTH_MAX) }),
      response: {
        200: switchSchema,
        202: approvalSchema.describe('it takes another person’s word, where the tenant wants that'),
        ...problemResponses,
      },
    },
    handler: async (request, reply) => {
      const actor = actorOf(request);
      const { kind } = request.params;
      if (kind !== '*' && !runtime.registry.get(kind)) {
        throw new Problem('unknown-kind', `There is no job kind ${kind}.`);
      }
      const barred = await runtime.setSwitch(actor.tenant, kind, request.body.reason, actorLabel(actor));
      if (barred) {
        reply.code(202);
        return barredResource(parts, actor, barred);
      }
      return find(await runtime.switches(actor.tenant), kind);
    },
  });
}

function clearRoute(app: Api, parts: ApiParts): void {
  const { runtime } = parts;
  app.route({
    method: 'DELETE',
    url: '/v1/switches/:kind',
    config: { action: 'switches.clear', scope: 'switches:write' },
    schema: {
      summary: 'Let a kind go on',
      description: 'Unless the tenant chose otherwise it is proposed: another person must agree.',
      tags,
      params: kindParams,
      response: {
        202: approvalSchema.describe('it takes another person’s word'),
        204: z.undefined().describe('it is off'),
        ...problemResponses,
      },
    },
    handler: async (request, reply) => {
      const actor = actorOf(request);
      const barred = await runtime.clearSwitch(actor.tenant, request.params.kind, actorLabel(actor));
      if (!barred) return reply.code(204).send();
      reply.code(202);
      return barredResource(parts, actor, barred);
    },
  });
}

/** A switch of the tenant's own comes before one for everybody. */
function find(switches: readonly KillSwitch[], kind: string): z.output<typeof switchSchema> {
  const found = switches.findLast((each) => each.kind === kind);
  if (!found) throw new Problem('not-found', `No switch is on for ${kind}.`);
  return resourceOf(found);
}

function resourceOf({ tenant, kind, reason, set_by, set_at }: KillSwitch): z.output<typeof switchSchema> {
  return { kind, reason, set_by, set_at: set_at.toISOString(), everywhere: tenant === '*' };
}
