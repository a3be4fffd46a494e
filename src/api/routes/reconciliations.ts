import { z } from 'zod';
import { inTenant } from '../../db/transaction.ts';
import { lateTotal, listLatePayouts } from '../../payments/reconciliation/late-payouts.ts';
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
import { pageQuery, problemResponses } from '../schemas.ts';

const tags = ['payments'];
const URL = '/v1/reconciliations';
const LATE_URL = '/v1/late-payouts';

export function reconciliationRoutes(app: Api, parts: ApiParts): void {
  listRoute(app, parts);
  lateRoute(app, parts);
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
        'Those that are not closed: open, failed with the debit alone on a statement, or back too late.',
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
      const asked = { tenant, now: clock.now() };
      return inTenant(pool, tenant, async (tx) => {
        const found = await listLatePayouts(tx, asked, { after, limit: limit + 1 });
        const page = found.slice(0, limit);
        const next = found.length > limit ? nextPage(LATE_URL, request.query, page.at(-1)!.id) : null;
        return { payouts: page.map(latePayoutResource), total: await lateTotal(tx, asked), next };
      });
    },
  });
}
