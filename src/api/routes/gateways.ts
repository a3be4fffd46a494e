import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import { inTenant } from '../../db/transaction.ts';
import { actorLabel } from '../../identity/actor.ts';
import {
  type AccountWish,
  FORMER_SECRET_HOURS,
  gatewayAccount,
  gatewayAccountRequest,
  rotateWebhookSecret,
  type ShownAccount,
  setGatewayAccount,
  turnGatewayAccount,
  webhookSecretSchema,
} from '../../payments/gateway/accounts.ts';
import { checkGatewayName } from '../../payments/gateway/gateways.ts';
import { type Api, type ApiParts, actorOf } from '../ports.ts';
import { problemResponses, timestamp } from '../schemas.ts';

const tags = ['payments'];
const params = z.strictObject({ gateway: z.string() });

const accountSchema = z
  .strictObject({
    gateway: z.string(),
    state: z.enum(['enabled', 'disabled']),
    key_id: z.string(),
    account_number: z.string().describe('its last four'),
    former_webhook_secret_until: timestamp.nullable().describe('until then both secrets are good'),
    updated_by: z.string(),
    updated_at: timestamp,
  })
  .meta({ id: 'GatewayAccount' });

export function gatewayRoutes(app: Api, parts: ApiParts): void {
  setRoute(app, parts);
  showRoute(app, parts);
  rotateRoute(app, parts);
  for (const [verb, state, summary] of [
    ['disable', 'disabled', 'Ask nothing of a gateway any more, and turn its callbacks away'],
    ['enable', 'enabled', 'Work with a gateway again'],
  ] as const) {
    app.route({
      method: 'POST',
      url: `/v1/gateways/:gateway/${verb}`,
      config: { action: `gateways.${verb}`, scope: 'gateways:write' },
      schema: { summary, tags, params, response: { 200: accountSchema, ...problemResponses } },
      handler: (request) => change(parts, request, (tx, wish) => turnGatewayAccount(tx, wish, state)),
    });
  }
}

function setRoute(app: Api, parts: ApiParts): void {
  app.route({
    method: 'PUT',
    url: '/v1/gateways/:gateway',
    config: { action: 'gateways.set', scope: 'gateways:write', confidential: true },
    schema: {
      summary: 'Set the account with a gateway; its secrets are never shown again',
      description: `A webhook secret that is replaced stays good for ${FORMER_SECRET_HOURS} hours.`,
      tags,
      params,
      body: gatewayAccountRequest,
      response: { 200: accountSchema, ...problemResponses },
    },
    handler: (request) =>
      change(parts, request, (tx, wish) => setGatewayAccount(tx, parts.webhooks.box, wish, request.body)),
  });
}

function showRoute(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'GET',
    url: '/v1/gateways/:gateway',
    config: { action: 'gateways.show', scope: 'gateways:read' },
    schema: {
      summary: 'The account with a gateway, without its secrets',
      tags,
      params,
      response: { 200: accountSchema, ...problemResponses },
    },
    handler: async (request) => {
      const gateway = checkGatewayName(request.params.gateway);
      const { tenant } = actorOf(request);
      return resourceOf(await inTenant(pool, tenant, (tx) => gatewayAccount(tx, gateway)));
    },
  });
}

function rotateRoute(app: Api, parts: ApiParts): void {
  app.route({
    method: 'POST',
    url: '/v1/gateways/:gateway/rotate-webhook-secret',
    config: { action: 'gateways.rotate-webhook-secret', scope: 'gateways:write', confidential: true },
    schema: {
      summary: `Take another webhook secret; the present one stays good for ${FORMER_SECRET_HOURS} hours`,
      description: 'First here, then at the gateway. Sent again, it changes nothing.',
      tags,
      params,
      body: z.strictObject({ webhook_secret: webhookSecretSchema }),
      response: { 200: accountSchema, ...problemResponses },
    },
    handler: (request) =>
      change(parts, request, (tx, wish) =>
        rotateWebhookSecret(tx, parts.webhooks.box, wish, request.body.webhook_secret),
      ),
  });
}

type Asked = Parameters<typeof actorOf>[0] & { params: unknown };

async function change(
  { pool }: ApiParts,
  request: Asked,
  work: (tx: Transaction, wish: AccountWish) => Promise<ShownAccount>,
): Promise<z.output<typeof accountSchema>> {
  const gateway = checkGatewayName((request.params as z.output<typeof params>).gateway);
  const actor = actorOf(request);
  const wish = { tenant: actor.tenant, gateway, actor: actorLabel(actor) };
  request.audit_subject = gateway;
  return resourceOf(await inTenant(pool, actor.tenant, (tx) => work(tx, wish)));
}

function resourceOf(account: ShownAccount): z.output<typeof accountSchema> {
  const { former_webhook_secret_until, updated_at, ...rest } = account;
  return {
    ...rest,
    former_webhook_secret_until: former_webhook_secret_until?.toISOString() ?? null,
    updated_at: updated_at.toISOString(),
  };
}
