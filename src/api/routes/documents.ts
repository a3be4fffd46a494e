import { z } from 'zod';
import { inTenant } from '../../db/transaction.ts';
import { keyFactsDocument, statementDocument } from '../../documents/documents.ts';
import type { KeyFactsSubject } from '../../documents/key-facts.ts';
import { keyFactsSchema } from '../../documents/key-facts-schema.ts';
import { statementSchema } from '../../documents/statement-schema.ts';
import { type Api, type ApiParts, actorOf } from '../ports.ts';
import { businessDateInput, idParams, problemResponses } from '../schemas.ts';
import { documentResponse, existing, formatQuery, sendDocument } from '../sending-documents.ts';

const tags = ['loans'];

/** Papers about loans: as data, as a page, as a PDF. */
export function documentRoutes(app: Api, parts: ApiParts): void {
  statementRoute(app, parts);
  keyFactsRoute(app, parts, {
    ...{ url: '/v1/loans/:id/key-facts', action: 'loans.key-facts', what: 'loan' },
    summary: 'The key facts statement of a loan, as it was sanctioned',
    subject: (id) => ({ loan: id }),
  });
  keyFactsRoute(app, parts, {
    ...{
      url: '/v1/loan-applications/:id/key-facts',
      action: 'loan-applications.key-facts',
      what: 'application',
    },
    summary: 'The key facts statement of an application that has an offer; of its loan, once it is approved',
    subject: (id) => ({ application: id }),
  });
}

function statementRoute(app: Api, { pool, clock }: ApiParts): void {
  app.route({
    method: 'GET',
    url: '/v1/loans/:id/statement',
    config: { action: 'loans.statement', scope: 'loans:read' },
    schema: {
      summary: 'The statement of a loan: everything that changed what is owed, from the books',
      tags,
      params: idParams,
      querystring: z.strictObject({
        from: businessDateInput.optional().describe('first day of the books; from the beginning unless told'),
        to: businessDateInput.optional().describe('last day of the books; today unless told'),
        format: formatQuery,
      }),
      response: { 200: documentResponse(statementSchema), ...problemResponses },
    },
    handler: async (request, reply) => {
      const { from, to, format } = request.query;
      const { tenant } = actorOf(request);
      const { id } = request.params;
      const document = await inTenant(pool, tenant, (tx) =>
        existing(statementDocument(tx, tenant, id, { from, to }, clock.now()), `loan ${id}`),
      );
      return sendDocument(request, reply, document, format);
    },
  });
}

interface KeyFactsRoute {
  url: string;
  action: string;
  what: string;
  summary: string;
  subject: (id: string) => KeyFactsSubject;
}

function keyFactsRoute(
  app: Api,
  { pool, clock }: ApiParts,
  { url, action, what, summary, subject }: KeyFactsRoute,
): void {
  app.route({
    method: 'GET',
    url,
    config: { action, scope: 'loans:read' },
    schema: {
      summary,
      tags,
      params: idParams,
      querystring: z.strictObject({ format: formatQuery }),
      response: { 200: documentResponse(keyFactsSchema), ...problemResponses },
    },
    handler: async (request, reply) => {
      const { tenant } = actorOf(request);
      const { id } = request.params;
      const document = await inTenant(pool, tenant, (tx) =>
        existing(keyFactsDocument(tx, tenant, subject(id), clock.now()), `${what} ${id}`),
      );
      return sendDocument(request, reply, document, request.query.format);
    },
  });
}
