import { z } from 'zod';
import { inTenant } from '../../db/transaction.ts';
import { businessDateAt } from '../../ledger/business-day.ts';
import { assignException, EXCEPTION_STATES, listExceptions } from '../../payments/exceptions.ts';
import { nextPage } from '../paging.ts';
import { exceptionResource, exceptionSchema, ownerBody } from '../payment-schemas.ts';
import { type Api, type ApiParts, actorOf } from '../ports.ts';
import { idParams, pageQuery, problemResponses, uuid } from '../schemas.ts';

const tags = ['payments'];
const URL = '/v1/payment-exceptions';

/** What no machine may decide. It is closed by proposing `payment-exception.resolve`, or by what settles it. */
export function paymentExceptionRoutes(app: Api, parts: ApiParts): void {
  listRoute(app, parts);
  assignRoute(app, parts);
}

function listRoute(app: Api, { pool, clock }: ApiParts): void {
  app.route({
    method: 'GET',
    url: URL,
    config: { action: 'payment-exceptions.list', scope: 'payments:read' },
    schema: {
      summary: 'What people must look at about payments, the oldest first',
      tags,
      querystring: z.strictObject({
        state: z.enum(EXCEPTION_STATES).optional(),
        subject: uuid.optional(),
        ...pageQuery,
      }),
      response: {
        200: z.strictObject({ exceptions: z.array(exceptionSchema), next: z.string().nullable() }),
        ...problemResponses,
      },
    },
    handler: (request) => {
      const { tenant } = actorOf(request);
      const { limit, ...filter } = request.query;
      return inTenant(pool, tenant, async (tx) => {
        const today = await businessDateAt(tx, tenant, clock.now());
        const found = await listExceptions(tx, { ...filter, limit: limit + 1 });
        const page = found.slice(0, limit);
        const next = found.length > limit ? nextPage(URL, request.query, page.at(-1)!.id) : null;
        return { exceptions: page.map((each) => exceptionResource(each, today)), next };
      });
    },
  });
}

function assignRoute(app: Api, { pool, clock }: ApiParts): void {
  app.route({
    method: 'POST',
    url: `${URL}/:id/assign`,
    config: { action: 'payment-exceptions.assign', scope: 'payments:write' },
    schema: {
      summary: 'Say who looks after it',
      tags,
      params: idParams,
      body: ownerBody,
      response: { 200: exceptionSchema, ...problemResponses },
    },
    handler: (request) => {
      const { tenant } = actorOf(request);
      return inTenant(pool, tenant, async (tx) => {
        const exception = await assignException(tx, request.params.id, request.body.owner);
        return exceptionResource(exception, await businessDateAt(tx, tenant, clock.now()));
      });
    },
  });
}
