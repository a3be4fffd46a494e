import { z } from 'zod';
import { inTenant } from '../../db/transaction.ts';
import { actorLabel } from '../../identity/actor.ts';
import {
  allowedSchema,
  allowReceiptsFrom,
  FORMER_ADDRESS_HOURS,
  makeReceiptAddress,
  receiptAddresses,
  removeReceiptAddress,
  type ShownReceiptAddress,
} from '../../notifications/receipts/addresses.ts';
import { checkTeller } from '../../notifications/receipts/readers.ts';
import { type Api, type ApiParts, actorOf } from '../ports.ts';
import { problemResponses, timestamp } from '../schemas.ts';

const tags = ['notifications'];
const URL = '/v1/receipt-addresses';
const params = z.strictObject({ provider: z.string() });

const addressFields = {
  provider: z.string(),
  allowed: z.array(z.string()).describe('from where something may be told; none: from everywhere'),
  former_until: timestamp.nullable().describe('until then the former path is good as well'),
  updated_by: z.string(),
  updated_at: timestamp,
};
const addressSchema = z.strictObject(addressFields).meta({ id: 'ReceiptAddress' });

/** The secret addresses at which providers tell what became of a tenant's messages. */
export function receiptAddressRoutes(app: Api, parts: ApiParts): void {
  makeRoute(app, parts);
  allowRoute(app, parts);
  listRoute(app, parts);
  removeRoute(app, parts);
}

function makeRoute(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'POST',
    url: `${URL}/:provider`,
    config: { action: 'receipt-addresses.make', scope: 'notifications:manage', confidential: true },
    schema: {
      summary: 'Make the address at which a provider tells what became of messages, or another one',
      description: `Its path is shown this once. The former one stays good for ${FORMER_ADDRESS_HOURS} hours.`,
      tags,
      params,
      response: {
        201: z
          .strictObject({ ...addressFields, path: z.string().describe('to be set at the provider') })
          .meta({ id: 'NewReceiptAddress' }),
        ...problemResponses,
      },
    },
    handler: async (request, reply) => {
      const actor = actorOf(request);
      const provider = checkTeller(request.params.provider);
      request.audit_subject = provider;
      const { address, path } = await inTenant(pool, actor.tenant, (tx) =>
        makeReceiptAddress(tx, actor.tenant, { provider, actor: actorLabel(actor) }),
      );
      reply.code(201);
      return { ...resourceOf(address), path };
    },
  });
}

function allowRoute(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'PUT',
    url: `${URL}/:provider/allowed`,
    config: { action: 'receipt-addresses.allow', scope: 'notifications:manage' },
    schema: {
      summary: 'Say from which addresses a provider may tell something',
      tags,
      params,
      body: z.strictObject({ allowed: allowedSchema }),
      response: { 200: addressSchema, ...problemResponses },
    },
    handler: async (request) => {
      const actor = actorOf(request);
      const provider = checkTeller(request.params.provider);
      request.audit_subject = provider;
      const wish = { provider, actor: actorLabel(actor) };
      const { allowed } = request.body;
      return resourceOf(await inTenant(pool, actor.tenant, (tx) => allowReceiptsFrom(tx, wish, allowed)));
    },
  });
}

function listRoute(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'GET',
    url: URL,
    config: { action: 'receipt-addresses.list', scope: 'notifications:read' },
    schema: {
      summary: 'The addresses for receipts, without their secrets',
      tags,
      response: { 200: z.strictObject({ addresses: z.array(addressSchema) }), ...problemResponses },
    },
    handler: async (request) => {
      const addresses = await inTenant(pool, actorOf(request).tenant, (tx) => receiptAddresses(tx));
      return { addresses: addresses.map(resourceOf) };
    },
  });
}

function removeRoute(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'DELETE',
    url: `${URL}/:provider`,
    config: { action: 'receipt-addresses.remove', scope: 'notifications:manage' },
    schema: {
      summary: 'Let a provider tell nothing any more',
      tags,
      params,
      response: { 204: z.undefined().describe('it is gone, the former one as well'), ...problemResponses },
    },
    handler: async (request, reply) => {
      const provider = checkTeller(request.params.provider);
      request.audit_subject = provider;
      await inTenant(pool, actorOf(request).tenant, (tx) => removeReceiptAddress(tx, provider));
      return reply.code(204).send();
    },
  });
}

function resourceOf(address: ShownReceiptAddress): z.output<typeof addressSchema> {
  const { former_until, updated_at, ...rest } = address;
  return {
    ...rest,
    former_until: former_until?.toISOString() ?? null,
    updated_at: updated_at.toISOString(),
  };
}
