import { z } from 'zod';
import { inTenant } from '../../db/transaction.ts';
import { actorLabel } from '../../identity/actor.ts';
import { channelStates } from '../../notifications/channel-states.ts';
import { CHANNELS } from '../../notifications/channels.ts';
import { ASKED, holdLane, type LaneHold, laneHolds, openLane } from '../../notifications/lanes.ts';
import { policySchema, setPolicy } from '../../notifications/policy.ts';
import { type Api, type ApiParts, actorOf, wisherOf } from '../ports.ts';
import { problemResponses, reasonBody, timestamp } from '../schemas.ts';

const tags = ['notifications'];
const URL = '/v1/notification-channels';
const params = z.strictObject({ channel: z.enum(CHANNELS) });

const holdSchema = z.strictObject({
  code: z.string(),
  message: z.string(),
  held_by: z.string(),
  held_at: timestamp,
});
const channelSchema = z
  .strictObject({
    channel: z.enum(CHANNELS),
    held: holdSchema.nullable().describe('why nothing is sent by it; null while it is open'),
    waiting: z.int().describe('messages that wait for it to be opened, or to be let out'),
    policy: policySchema,
  })
  .meta({ id: 'NotificationChannelState' });

export function notificationLaneRoutes(app: Api, parts: ApiParts): void {
  listRoute(app, parts);
  policyRoute(app, parts);
  holdRoute(app, parts);
  openRoute(app, parts);
}

function listRoute(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'GET',
    url: URL,
    config: { action: 'notification-channels.list', scope: 'notifications:read' },
    schema: {
      summary: 'The channels: whether each is open, and how its messages are sent',
      tags,
      response: { 200: z.strictObject({ channels: z.array(channelSchema) }), ...problemResponses },
    },
    handler: async (request) => {
      const { tenant } = actorOf(request);
      const states = await inTenant(pool, tenant, channelStates);
      const channels = states.map(({ held, ...state }) => ({ ...state, held: held && holdResource(held) }));
      return { channels };
    },
  });
}

function policyRoute(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'PUT',
    url: `${URL}/:channel/policy`,
    config: { action: 'notification-channels.set-policy', scope: 'notifications:manage' },
    schema: {
      summary: 'Say how the messages of a channel are sent; what is left out is the default',
      tags,
      params,
      body: policySchema,
      response: { 200: policySchema, ...problemResponses },
    },
    handler: async (request) => {
      const actor = actorOf(request);
      const { channel } = request.params;
      return inTenant(pool, actor.tenant, (tx) => setPolicy(tx, channel, request.body, actorLabel(actor)));
    },
  });
}

function holdRoute(app: Api, { pool, clock }: ApiParts): void {
  app.route({
    method: 'POST',
    url: `${URL}/:channel/hold`,
    config: { action: 'notification-channels.hold', scope: 'notifications:operate' },
    schema: {
      summary: 'Send nothing by a channel until it is opened again; what is accepted waits',
      tags,
      params,
      body: reasonBody,
      response: { 200: holdSchema, ...problemResponses },
    },
    handler: async (request) => {
      const { tenant, actor, now } = wisherOf(request, clock);
      const { channel } = request.params;
      const hold = { channel, code: ASKED, message: request.body.reason, held_by: actor, held_at: now };
      return inTenant(pool, tenant, async (tx) => {
        await holdLane(tx, tenant, hold);
        return holdResource((await laneHolds(tx)).find((each) => each.channel === channel)!);
      });
    },
  });
}

function openRoute(app: Api, { pool, clock }: ApiParts): void {
  app.route({
    method: 'POST',
    url: `${URL}/:channel/open`,
    config: { action: 'notification-channels.open', scope: 'notifications:operate' },
    schema: {
      summary:
        'Open a channel: what waits goes out in its order, at the rate of the policy; what is out of date is dropped',
      tags,
      params,
      response: { 200: z.strictObject({ was_held: z.boolean() }), ...problemResponses },
    },
    handler: async (request) => {
      const { tenant, actor, now } = wisherOf(request, clock);
      const opening = { tenant, channel: request.params.channel, by: actor, at: now };
      return { was_held: await inTenant(pool, tenant, (tx) => openLane(tx, opening)) };
    },
  });
}

function holdResource({ code, message, held_by, held_at }: LaneHold): z.output<typeof holdSchema> {
  return { code, message, held_by, held_at: held_at.toISOString() };
}
