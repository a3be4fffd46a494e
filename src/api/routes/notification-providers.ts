import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import { inTenant } from '../../db/transaction.ts';
import { actorLabel } from '../../identity/actor.ts';
import { CHANNELS } from '../../notifications/channels.ts';
import {
  PLACE_MAX,
  type ProviderPlace,
  type ProviderWish,
  providerAccount,
  providerAccounts,
  removeProviderAccount,
  type ShownProviderAccount,
  setProviderAccount,
  turnProviderAccount,
} from '../../notifications/providers/accounts.ts';
import type { Provider } from '../../notifications/providers/provider.ts';
import { findProvider } from '../../notifications/providers/providers.ts';
import { type Api, type ApiParts, actorOf } from '../ports.ts';
import { problemResponses, timestamp } from '../schemas.ts';
import { fieldErrors, invalid } from '../validation.ts';

const tags = ['notifications'];
const URL = '/v1/notification-providers/:channel/:provider';
const params = z.strictObject({ channel: z.string(), provider: z.string() });

const place = z.int().min(1).max(PLACE_MAX);
const accountSchema = z
  .strictObject({
    channel: z.enum(CHANNELS),
    provider: z.string(),
    place: place.describe('in which it is tried, 1 the first'),
    state: z.enum(['enabled', 'disabled']),
    shown: z.record(z.string(), z.string()).describe('what of the credentials may be seen'),
    updated_by: z.string(),
    updated_at: timestamp,
  })
  .meta({ id: 'NotificationProvider' });

const setBody = z.strictObject({
  credentials: z
    .record(z.string(), z.unknown())
    .describe('what the provider asks for: docs/notification-providers.md'),
  place: place
    .optional()
    .describe('in which it is tried, 1 the first; default: where it stood, or after all others'),
});

/** Accounts of tenants with providers: their secrets go in, and never come out again. */
export function notificationProviderRoutes(app: Api, parts: ApiParts): void {
  setRoute(app, parts);
  showRoute(app, parts);
  listRoute(app, parts);
  removeRoute(app, parts);
  for (const [verb, state, summary] of [
    ['disable', 'disabled', 'Send nothing through a provider any more'],
    ['enable', 'enabled', 'Send through a provider again'],
  ] as const) {
    app.route({
      method: 'POST',
      url: `${URL}/${verb}`,
      config: { action: `notification-providers.${verb}`, scope: 'notifications:manage' },
      schema: { summary, tags, params, response: { 200: accountSchema, ...problemResponses } },
      handler: (request) => change(parts, request, (tx, wish) => turnProviderAccount(tx, wish, state)),
    });
  }
}

function setRoute(app: Api, parts: ApiParts): void {
  app.route({
    method: 'PUT',
    url: URL,
    config: { action: 'notification-providers.set', scope: 'notifications:manage', confidential: true },
    schema: {
      summary: 'Set the account with a provider; its secrets are never shown again',
      description: 'It counts from the next message on. What waits as there was no provider goes out.',
      tags,
      params,
      body: setBody,
      response: { 200: accountSchema, ...problemResponses },
    },
    handler: (request) =>
      change(parts, request, (tx, wish, provider) => {
        const { credentials, place } = request.body;
        const read = provider.credentials.safeParse(credentials);
        if (!read.success) throw invalid(fieldErrors(read.error, '/credentials'));
        return setProviderAccount(tx, parts.webhooks.box, wish, provider, { credentials: read.data, place });
      }),
  });
}

function showRoute(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'GET',
    url: URL,
    config: { action: 'notification-providers.show', scope: 'notifications:read' },
    schema: {
      summary: 'The account with a provider, without its secrets',
      tags,
      params,
      response: { 200: accountSchema, ...problemResponses },
    },
    handler: async (request) => {
      const { tenant } = actorOf(request);
      const wish = wishOf(request.params, tenant);
      return resourceOf(await inTenant(pool, tenant, (tx) => providerAccount(tx, wish)));
    },
  });
}

function listRoute(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'GET',
    url: '/v1/notification-providers',
    config: { action: 'notification-providers.list', scope: 'notifications:read' },
    schema: {
      summary: 'All accounts with providers, by channel, in the order in which they are tried',
      tags,
      response: { 200: z.strictObject({ providers: z.array(accountSchema) }), ...problemResponses },
    },
    handler: async (request) => {
      const { tenant } = actorOf(request);
      const accounts = await inTenant(pool, tenant, (tx) => providerAccounts(tx));
      return { providers: accounts.map(resourceOf) };
    },
  });
}

function removeRoute(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'DELETE',
    url: URL,
    config: { action: 'notification-providers.remove', scope: 'notifications:manage' },
    schema: {
      summary: 'Forget the account with a provider, its secrets with it',
      tags,
      params,
      response: { 204: z.undefined().describe('it is forgotten'), ...problemResponses },
    },
    handler: async (request, reply) => {
      const { tenant } = actorOf(request);
      const wish = wishOf(request.params, tenant);
      request.audit_subject = subjectOf(wish);
      await inTenant(pool, tenant, (tx) => removeProviderAccount(tx, wish));
      return reply.code(204).send();
    },
  });
}

type Asked = Parameters<typeof actorOf>[0] & { params: unknown };

async function change(
  { pool, clock }: ApiParts,
  request: Asked,
  work: (tx: Transaction, wish: ProviderWish, provider: Provider) => Promise<ShownProviderAccount>,
): Promise<z.output<typeof accountSchema>> {
  const given = request.params as z.output<typeof params>;
  const { provider } = findProvider(given.channel, given.provider);
  const actor = actorOf(request);
  const wish = { ...wishOf(given, actor.tenant), actor: actorLabel(actor), now: clock.now() };
  request.audit_subject = subjectOf(wish);
  return resourceOf(await inTenant(pool, actor.tenant, (tx) => work(tx, wish, provider)));
}

/** @throws NotificationError unknown-provider */
function wishOf(given: z.output<typeof params>, tenant: string): ProviderPlace {
  const { channel, provider } = findProvider(given.channel, given.provider);
  return { tenant, channel, provider: provider.name };
}

function subjectOf({ channel, provider }: ProviderPlace): string {
  return `${channel}/${provider}`;
}

function resourceOf(account: ShownProviderAccount): z.output<typeof accountSchema> {
  return { ...account, updated_at: account.updated_at.toISOString() };
}
