import { z } from 'zod';
import { proposeAction } from '../../approvals/approvals.ts';
import { inTenant } from '../../db/transaction.ts';
import { actorLabel } from '../../identity/actor.ts';
import { amountSchema } from '../../ledger/money.ts';
import { disputesOf } from '../../payments/collections/disputes.ts';
import { ordersOf } from '../../payments/collections/orders.ts';
import { refundsOf } from '../../payments/collections/refund-rows.ts';
import { collectionOf, listCollections } from '../../payments/collections/rows.ts';
import { movesOf } from '../../payments/moves.ts';
import { acceptJob, publicKind, REPLAYED_HEADER } from '../accepting.ts';
import { approvalResource, approvalSchema } from '../approving.ts';
import {
  collectionResource,
  collectionSchema,
  disputeResource,
  orderResource,
  orderSchema,
  refundResource,
  wholeCollectionSchema,
} from '../collection-schemas.ts';
import { nextPage } from '../paging.ts';
import { moveResource } from '../payment-schemas.ts';
import { type Api, type ApiParts, actorOf } from '../ports.ts';
import { Problem } from '../problem.ts';
import {
  acceptedSchema,
  idParams,
  keyHeader,
  pageQuery,
  problemResponses,
  reasonBody,
  uuid,
} from '../schemas.ts';
import { existingLoan } from './existing-loan.ts';

const ORDER_KIND = 'payments.create-order';
/** The newest of a loan. */
const ORDERS_SHOWN_MAX = 100;
const tags = ['payments'];

/** What borrowers pay in: orders that they may pay, what they paid, what goes back to them. */
export function collectionRoutes(app: Api, parts: ApiParts): void {
  orderRoute(app, parts);
  ordersRoute(app, parts);
  listRoute(app, parts);
  showRoute(app, parts);
  refundRoute(app, parts);
}

function orderRoute(app: Api, { runtime }: ApiParts): void {
  const definition = publicKind(runtime.registry, ORDER_KIND);
  if (!(definition?.payload instanceof z.ZodObject)) return;
  app.route({
    method: 'POST',
    url: '/v1/loans/:id/collection-orders',
    config: { action: 'collection-orders.create', scope: 'payments:write' },
    schema: {
      summary: definition.summary,
      tags,
      params: idParams,
      headers: keyHeader,
      body: definition.payload.omit({ loan: true }),
      response: { 202: acceptedSchema, ...problemResponses },
    },
    handler: (request, reply) =>
      acceptJob(runtime, definition, { ...request.body, loan: request.params.id }, request, reply),
  });
}

function ordersRoute(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'GET',
    url: '/v1/loans/:id/collection-orders',
    config: { action: 'collection-orders.list', scope: 'payments:read' },
    schema: {
      summary: 'What a borrower may pay, or has paid, towards a loan; newest first',
      tags,
      params: idParams,
      response: { 200: z.strictObject({ orders: z.array(orderSchema) }), ...problemResponses },
    },
    handler: (request) =>
      inTenant(pool, actorOf(request).tenant, async (tx) => {
        const { id } = await existingLoan(tx, request.params.id);
        return { orders: (await ordersOf(tx, id, ORDERS_SHOWN_MAX)).map(orderResource) };
      }),
  });
}

function listRoute(app: Api, { pool }: ApiParts): void {
  const url = '/v1/collections';
  app.route({
    method: 'GET',
    url,
    config: { action: 'collections.list', scope: 'payments:read' },
    schema: {
      summary: 'Payments of borrowers as gateways know them, newest first, a page at a time',
      tags,
      querystring: z.strictObject({
        loan: uuid.optional(),
        unallocated: z.stringbool().default(false).describe('only those of which something lies unallocated'),
        ...pageQuery,
      }),
      response: {
        200: z
          .strictObject({ collections: z.array(collectionSchema), next: z.string().nullable() })
          .meta({ id: 'CollectionPage' }),
        ...problemResponses,
      },
    },
    handler: async (request) => {
      const { limit, ...filter } = request.query;
      const found = await inTenant(pool, actorOf(request).tenant, (tx) =>
        listCollections(tx, { ...filter, limit: limit + 1 }),
      );
      const page = found.slice(0, limit);
      const next = found.length > limit ? nextPage(url, request.query, page.at(-1)!.id) : null;
      return { collections: page.map(collectionResource), next };
    },
  });
}

function showRoute(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'GET',
    url: '/v1/collections/:id',
    config: { action: 'collections.show', scope: 'payments:read' },
    schema: {
      summary: 'A payment of a borrower’s, with each of its moves and what showed it',
      tags,
      params: idParams,
      response: { 200: wholeCollectionSchema, ...problemResponses },
    },
    handler: (request) =>
      inTenant(pool, actorOf(request).tenant, async (tx) => {
        const { id } = request.params;
        const collection = await collectionOf(tx, id);
        if (!collection) throw new Problem('not-found', `There is no collection ${id}.`);
        return {
          ...collectionResource(collection),
          moves: (await movesOf(tx, id)).map(moveResource),
          refunds: (await refundsOf(tx, id)).map(refundResource),
          disputes: (await disputesOf(tx, id)).map(disputeResource),
        };
      }),
  });
}

/** Giving money back takes two people: this is the first one's word. */
function refundRoute(app: Api, { pool, clock }: ApiParts): void {
  app.route({
    method: 'POST',
    url: '/v1/collections/:id/refunds',
    config: { action: 'collections.propose-refund', scope: 'payments:write' },
    schema: {
      summary: 'Propose to give unallocated money back to whoever paid it; another person must agree',
      tags,
      params: idParams,
      body: reasonBody.extend({
        amount: amountSchema,
        previous: uuid.optional().describe('the refund that failed, where this is the next attempt at it'),
      }),
      response: { 202: approvalSchema, ...problemResponses },
    },
    handler: async (request, reply) => {
      const actor = actorOf(request);
      const { reason: why, ...refund } = request.body;
      const { approval, replayed } = await inTenant(pool, actor.tenant, (tx) =>
        proposeAction(tx, {
          ...{ action: 'refund.send', request: { collection: request.params.id, ...refund, why } },
          ...{ tenant: actor.tenant, actor: actorLabel(actor), now: clock.now() },
        }),
      );
      request.audit_subject = approval.id;
      if (replayed) reply.header(REPLAYED_HEADER, 'true');
      reply.code(202);
      return approvalResource(approval);
    },
  });
}
