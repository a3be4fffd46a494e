import { z } from 'zod';
import { inTenant } from '../../db/transaction.ts';
import { actorLabel } from '../../identity/actor.ts';
import {
  CLAIM_OUTCOMES,
  CLAIM_WHY_LENGTH_MAX,
  lateTotal,
  listLatePayouts,
  settleLatePayout,
} from '../../payments/reconciliation/late-payouts.ts';
import { listReconciliations } from '../../payments/reconciliation/reconcile.ts';
import { nextPage } from '../paging.ts';
import { type Api, type ApiParts, actorOf } from '../ports.ts';
import {
  latePayoutResource,
  latePayoutSchema,
  lateTotalSchema,
  reconciliationResource,
  reconciliationSchema,
} from '../reconciliation-schemas.ts';
import { idParams, pageQuery, problemResponses, text } from '../schemas.ts';

const tags = ['payments'];
const URL = '/v1/reconciliations';
const LATE_URL = '/v1/late-payouts';

export function reconciliationRoutes(app: Api, parts: ApiParts): void {
  listRoute(app, parts);
  lateRoute(app, parts);
  settleRoute(app, parts);
}

function listRoute(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'GET',
    url: URL,
    config: { action: 'reconciliations.list', scope: 'payments:read' },
    schema: {
      summary: 'How our books were held against statements, newest first: what agreed, what did not',
      tags,
      querystring: z.strictObject(pageQuery),
      response: {
        200: z.strictObject({ reconciliations: z.array(reconciliationSchema), next: z.string().nullable() }),
        ...problemResponses,
      },
    },
    handler: async (request) => {
      const { limit, after } = request.query;
      const found = await inTenant(pool, actorOf(request).tenant, (tx) =>
        listReconciliations(tx, { after, limit: limit + 1 }),
      );
      const page = found.slice(0, limit);
      const next = found.length > limit ? nextPage(URL, request.query, page.at(-1)!.id) : null;
      return { reconciliations: page.map(reconciliationResource), next };
    },
  });
}

function lateRoute(app: Api, { pool, clock }: ApiParts): void {
  app.route({
    method: 'GET',
    url: LATE_URL,
    config: { action: 'late-payouts.list', scope: 'payments:read' },
    schema: {
      summary: 'Payouts by IMPS or UPI whose money was gone for longer than T+1, and what banks owe for it',
      description:
        'Open, failed with the debit alone on a statement, or back too late, until its claim is settled.',
      tags,
      querystring: z.strictObject(pageQuery),
      response: {
        200: z.strictObject({
          payouts: z.array(latePayoutSchema),
          total: lateTotalSchema.describe('of all, not of the page'),
          next: z.string().nullable(),
        }),
        ...problemResponses,
      },
    },
    handler: (request) => {
      const { tenant } = actorOf(request);
      const { limit, after } = request.query;
      const asked = { now: clock.now() };
      return inTenant(pool, tenant, async (tx) => {
        const found = await listLatePayouts(tx, asked, { after, limit: limit + 1 });
        const page = found.slice(0, limit);
        const next = found.length > limit ? nextPage(LATE_URL, request.query, page.at(-1)!.id) : null;
        return { payouts: page.map(latePayoutResource), total: await lateTotal(tx, asked), next };
      });
    },
  });
}

function settleRoute(app: Api, { pool, clock }: ApiParts): void {
  app.route({
    method: 'POST',
    url: `${LATE_URL}/:id/settle`,
    config: { action: 'late-payouts.settle', scope: 'payments:write' },
    schema: {
      summary: 'Say what became of what a bank owed for a payout that came back late; moves nothing',
      tags,
      params: idParams,
      body: z.strictObject({
        outcome: z.enum(CLAIM_OUTCOMES).describe('not-owed: nobody claims it any more'),
        why: text(CLAIM_WHY_LENGTH_MAX),
      }),
      response: { 200: latePayoutSchema, ...problemResponses },
    },
    handler: async (request) => {
      const actor = actorOf(request);
      const asked = { id: request.params.id, now: clock.now() };
      const settlement = { ...request.body, by: actorLabel(actor) };
      const settled = await inTenant(pool, actor.tenant, (tx) => settleLatePayout(tx, asked, settlement));
      return latePayoutResource(settled);
    },
  });
}
