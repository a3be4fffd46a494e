import { z } from 'zod';
import { proposeAction } from '../../approvals/approvals.ts';
import { inTenant } from '../../db/transaction.ts';
import { actorLabel } from '../../identity/actor.ts';
import { productRules } from '../../loans/product-rules.ts';
import { findProduct, listProducts, productTerms } from '../../loans/products.ts';
import { REPLAYED_HEADER } from '../accepting.ts';
import { approvalResource, approvalSchema } from '../approving.ts';
import { type Api, type ApiParts, actorOf } from '../ports.ts';
import { Problem } from '../problem.ts';
import { problemResponses, text } from '../schemas.ts';

const CODE_LENGTH_MAX = 50;
const VERSION_MAX = 1_000_000;
const tags = ['products'];

const productSchema = z
  .strictObject({
    code: z.string(),
    version: z.int(),
    name: z.string(),
    currency: z.string(),
    annual_rate: z.string(),
    amount_min: z.string(),
    amount_max: z.string(),
    tenure_min: z.int(),
    tenure_max: z.int(),
    foir_max: z.string(),
    score_min: z.int(),
    reapply_days: z.int(),
    rules: productRules,
  })
  .meta({ id: 'Product' });

/** What a tenant lends on. A change is a new version, and takes two people. */
export function productRoutes(app: Api, parts: ApiParts): void {
  listRoute(app, parts);
  showRoute(app, parts);
  proposeRoute(app, parts);
}

function listRoute(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'GET',
    url: '/v1/products',
    config: { action: 'products.list', scope: 'products:read' },
    schema: {
      summary: 'Every product in its newest version',
      tags,
      response: { 200: z.strictObject({ products: z.array(productSchema) }), ...problemResponses },
    },
    handler: async (request) => ({
      products: [...(await inTenant(pool, actorOf(request).tenant, listProducts))],
    }),
  });
}

function showRoute(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'GET',
    url: '/v1/products/:code',
    config: { action: 'products.show', scope: 'products:read' },
    schema: {
      summary: 'A product with all its rules, in its newest version or the one asked for',
      tags,
      params: z.strictObject({ code: text(CODE_LENGTH_MAX) }),
      querystring: z.strictObject({ version: z.coerce.number().int().min(1).max(VERSION_MAX).optional() }),
      response: { 200: productSchema, ...problemResponses },
    },
    handler: async (request) => {
      const { code } = request.params;
      const { version } = request.query;
      const product = await inTenant(pool, actorOf(request).tenant, (tx) => findProduct(tx, code, version));
      if (!product) throw new Problem('not-found', `There is no product ${code} of that version.`);
      return product;
    },
  });
}

function proposeRoute(app: Api, { pool, clock }: ApiParts): void {
  app.route({
    method: 'POST',
    url: '/v1/products',
    config: { action: 'products.propose', scope: 'products:write' },
    schema: {
      summary: 'Propose a product, or a new version of one; another person must agree',
      tags,
      body: productTerms,
      response: { 202: approvalSchema, ...problemResponses },
    },
    handler: async (request, reply) => {
      const { tenant, ...actor } = actorOf(request);
      const wish = { action: 'product.change', request: request.body, actor: actorLabel(actor) };
      const { approval, replayed } = await inTenant(pool, tenant, (tx) =>
        proposeAction(tx, { ...wish, tenant, now: clock.now() }),
      );
      request.audit_subject = approval.id;
      if (replayed) reply.header(REPLAYED_HEADER, 'true');
      reply.code(202);
      return approvalResource(approval);
    },
  });
}
