import { z } from 'zod';
import { inTenant } from '../../db/transaction.ts';
import { amountSchema } from '../../ledger/money.ts';
import { addMandate, debitsOf, MANDATE_METHODS, mandatesOf } from '../../payments/collections/mandates.ts';
import { checkGatewayName } from '../../payments/gateway/gateways.ts';
import { acceptJob, publicKind, REPLAYED_HEADER } from '../accepting.ts';
import { debitResource, debitSchema, mandateResource, mandateSchema } from '../collection-schemas.ts';
import { type Api, type ApiParts, actorOf, wisherOf } from '../ports.ts';
import { Problem } from '../problem.ts';
import { acceptedSchema, idParams, keyHeader, problemResponses, text } from '../schemas.ts';
import { existingLoan } from './existing-loan.ts';

const DEBIT_KIND = 'payments.debit-mandate';
/** The newest of a loan. */
const SHOWN_MAX = 100;
const NAME_LENGTH_MAX = 100;
const tags = ['payments'];
const name = text(NAME_LENGTH_MAX);

/** Mandates that borrowers have given, and what was tried with them. */
export function mandateRoutes(app: Api, parts: ApiParts): void {
  addRoute(app, parts);
  listRoute(app, parts);
  debitRoute(app, parts);
}

function addRoute(app: Api, { pool, clock }: ApiParts): void {
  app.route({
    method: 'POST',
    url: '/v1/loans/:id/mandates',
    config: { action: 'mandates.add', scope: 'payments:write', confidential: true },
    schema: {
      summary: 'Add a mandate that a borrower has given at the gateway',
      description: 'The same token again is the same mandate.',
      tags,
      params: idParams,
      body: z.strictObject({
        gateway: name.default('razorpay'),
        customer: name.describe('what the gateway calls the borrower'),
        token: name.describe('what the gateway calls the mandate'),
        method: z.enum(MANDATE_METHODS),
        max_amount: amountSchema.describe('of one debit'),
        email: z.email().max(254),
        phone: z.string().regex(/^\+?\d{5,19}$/, 'must be a telephone number'),
      }),
      response: { 200: mandateSchema, 201: mandateSchema, ...problemResponses },
    },
    handler: async (request, reply) => {
      const { tenant, actor, now } = wisherOf(request, clock);
      checkGatewayName(request.body.gateway);
      const added = await inTenant(pool, tenant, async (tx) => {
        const { id: loan, currency } = await existingLoan(tx, request.params.id);
        return addMandate(tx, { ...request.body, loan, currency, added_by: actor, added_at: now });
      });
      if (!added) throw new Problem('already-exists', 'This mandate is another loan’s.');
      request.audit_subject = added.mandate.id;
      if (added.replayed) reply.header(REPLAYED_HEADER, 'true');
      reply.code(added.replayed ? 200 : 201);
      return mandateResource(added.mandate);
    },
  });
}

function listRoute(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'GET',
    url: '/v1/loans/:id/mandates',
    config: { action: 'mandates.list', scope: 'payments:read' },
    schema: {
      summary: 'The mandates of a loan and what was tried with them, newest first',
      tags,
      params: idParams,
      response: {
        200: z.strictObject({ mandates: z.array(mandateSchema), debits: z.array(debitSchema) }),
        ...problemResponses,
      },
    },
    handler: (request) =>
      inTenant(pool, actorOf(request).tenant, async (tx) => {
        const { id } = await existingLoan(tx, request.params.id);
        return {
          mandates: (await mandatesOf(tx, id, SHOWN_MAX)).map(mandateResource),
          debits: (await debitsOf(tx, id, SHOWN_MAX)).map(debitResource),
        };
      }),
  });
}

function debitRoute(app: Api, { runtime }: ApiParts): void {
  const definition = publicKind(runtime.registry, DEBIT_KIND);
  if (!(definition?.payload instanceof z.ZodObject)) return;
  app.route({
    method: 'POST',
    url: '/v1/mandates/:id/debits',
    config: { action: 'mandates.debit', scope: 'payments:write' },
    schema: {
      summary: definition.summary,
      tags,
      params: idParams,
      headers: keyHeader,
      body: definition.payload.omit({ mandate: true }),
      response: { 202: acceptedSchema, ...problemResponses },
    },
    handler: (request, reply) =>
      acceptJob(runtime, definition, { ...request.body, mandate: request.params.id }, request, reply),
  });
}
