import { z } from 'zod';
import { inTenant } from '../../db/transaction.ts';
import { cancelPayout } from '../../payments/payouts/cancel.ts';
import { listPayouts } from '../../payments/payouts/rows.ts';
import { payoutStory, shownPayout } from '../../payments/payouts/story.ts';
import { PAYOUT_STATES } from '../../payments/states.ts';
import { acceptedOf } from '../accepting.ts';
import { nextPage } from '../paging.ts';
import { payoutResource, payoutSchema, payoutStoryResource, payoutStorySchema } from '../payment-schemas.ts';
import { type Api, type ApiParts, actorOf, wisherOf } from '../ports.ts';
import { Problem } from '../problem.ts';
import { acceptedSchema, idParams, pageQuery, problemResponses, uuid } from '../schemas.ts';
import { jobOfRoute } from './job-of.ts';

const tags = ['payments'];
const URL = '/v1/payouts';

export function payoutRoutes(app: Api, parts: ApiParts): void {
  jobOfRoute(app, parts, {
    ...{ kind: 'wallet.payout', url: '/v1/wallets/:id/payouts', names: 'wallet' },
    ...{ action: 'payouts.accept', scope: 'payments:write', tags },
  });
  listRoute(app, parts);
  showRoute(app, parts);
  cancelRoute(app, parts);
}

function listRoute(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'GET',
    url: URL,
    config: { action: 'payouts.list', scope: 'payments:read' },
    schema: {
      summary: 'Payouts, newest first, a page at a time',
      tags,
      querystring: z.strictObject({
        state: z.enum(PAYOUT_STATES).optional(),
        loan: uuid.optional(),
        wallet: uuid.optional(),
        ...pageQuery,
      }),
      response: {
        200: z.strictObject({ payouts: z.array(payoutSchema), next: z.string().nullable() }),
        ...problemResponses,
      },
    },
    handler: async (request) => {
      const { limit, ...filter } = request.query;
      const found = await inTenant(pool, actorOf(request).tenant, (tx) =>
        listPayouts(tx, { ...filter, limit: limit + 1 }),
      );
      const page = found.slice(0, limit);
      const next = found.length > limit ? nextPage(URL, request.query, page.at(-1)!.id) : null;
      return { payouts: page.map(shownPayout).map(payoutResource), next };
    },
  });
}

function showRoute(app: Api, { pool, clock }: ApiParts): void {
  app.route({
    method: 'GET',
    url: `${URL}/:id`,
    config: { action: 'payouts.show', scope: 'payments:read' },
    schema: {
      summary: 'A payout: every move with its evidence, the other attempts, and what people must look at',
      tags,
      params: idParams,
      response: { 200: payoutStorySchema, ...problemResponses },
    },
    handler: async (request) => {
      const { tenant } = actorOf(request);
      const { id } = request.params;
      const story = await inTenant(pool, tenant, (tx) => payoutStory(tx, { tenant, now: clock.now() }, id));
      if (!story) throw new Problem('not-found', `There is no payout ${id}.`);
      return payoutStoryResource(story);
    },
  });
}

function cancelRoute(app: Api, { runtime, clock }: ApiParts): void {
  app.route({
    method: 'POST',
    url: `${URL}/:id/cancel`,
    config: { action: 'payouts.cancel', scope: 'payments:write' },
    schema: {
      summary: 'Cancel a payout that was not sent yet, or ask the gateway to cancel one that waits there',
      tags,
      params: idParams,
      response: {
        200: payoutSchema.describe('it is cancelled'),
        202: acceptedSchema.describe('the gateway is asked; it is cancelled once the gateway says so'),
        ...problemResponses,
      },
    },
    handler: async (request, reply) => {
      const { tenant, actor } = wisherOf(request, clock);
      const { payout, job } = await runtime.transact(tenant, actor, (tx, accept) =>
        cancelPayout(tx, { tenant, actor, clock, accept }, request.params.id),
      );
      if (!job) return payoutResource(shownPayout(payout));
      reply.code(202);
      return acceptedOf(job);
    },
  });
}
