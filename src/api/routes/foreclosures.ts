import { z } from 'zod';
import { inTenant } from '../../db/transaction.ts';
import {
  QUOTE_STATES,
  type Quote,
  quoteForeclosure,
  quoteOf,
  quoteRow,
  quotesOf,
} from '../../loans/operations/foreclosure-quotes.ts';
import { acceptJob, publicKind } from '../accepting.ts';
import { type Api, type ApiParts, actorOf, wisherOf } from '../ports.ts';
import { Problem } from '../problem.ts';
import {
  acceptedSchema,
  businessDate,
  idParams,
  keyHeader,
  problemResponses,
  timestamp,
  uuid,
} from '../schemas.ts';
import { existingLoan } from './existing-loan.ts';

/** The newest of a loan; older ones have lapsed long ago. */
const QUOTES_SHOWN_MAX = 100;
const ACCEPTING_KIND = 'loan.foreclose';
const tags = ['loans'];
const quoteParams = idParams.extend({ quote: uuid });

const quoteSchema = z
  .strictObject({
    id: uuid,
    loan: uuid,
    state: z.enum(QUOTE_STATES),
    quoted_on: businessDate,
    quoted_at: timestamp,
    quoted_by: z.string(),
    valid_until: businessDate,
    currency: z.string(),
    breakdown: quoteRow.shape.breakdown,
    total: z.string().describe('on quoted_on'),
    per_diem: z.string().describe('interest of each further day; breakdown.by_day has whole totals'),
    fingerprint: z
      .string()
      .describe('what happened to the loan until then; the quote stands while that is all'),
    links: z.strictObject({ self: z.string(), accept: z.string() }),
  })
  .meta({ id: 'ForeclosureQuote' });

export function foreclosureRoutes(app: Api, parts: ApiParts): void {
  quoteRoute(app, parts);
  listRoute(app, parts);
  showRoute(app, parts);
  acceptRoute(app, parts);
}

function quoteRoute(app: Api, { pool, clock }: ApiParts): void {
  app.route({
    method: 'POST',
    url: '/v1/loans/:id/foreclosure-quotes',
    config: { action: 'loans.quote-foreclosure', scope: 'loans:write' },
    schema: {
      summary: 'Quote what ending a loan asks for, today and on each day on which the quote stands',
      tags,
      params: idParams,
      response: { 201: quoteSchema, ...problemResponses },
    },
    handler: async (request, reply) => {
      const wisher = wisherOf(request, clock);
      const quote = await inTenant(pool, wisher.tenant, (tx) =>
        quoteForeclosure(tx, wisher, request.params.id),
      );
      request.audit_subject = quote.id;
      reply.code(201);
      return resourceOf(quote);
    },
  });
}

function listRoute(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'GET',
    url: '/v1/loans/:id/foreclosure-quotes',
    config: { action: 'loans.list-foreclosure-quotes', scope: 'loans:read' },
    schema: {
      summary: 'The foreclosure quotes of a loan, newest first',
      tags,
      params: idParams,
      response: { 200: z.strictObject({ quotes: z.array(quoteSchema) }), ...problemResponses },
    },
    handler: (request) =>
      inTenant(pool, actorOf(request).tenant, async (tx) => {
        const { id } = await existingLoan(tx, request.params.id);
        return { quotes: (await quotesOf(tx, id, QUOTES_SHOWN_MAX)).map(resourceOf) };
      }),
  });
}

function showRoute(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'GET',
    url: '/v1/loans/:id/foreclosure-quotes/:quote',
    config: { action: 'loans.show-foreclosure-quote', scope: 'loans:read' },
    schema: {
      summary: 'A foreclosure quote as it was made, and what became of it',
      tags,
      params: quoteParams,
      response: { 200: quoteSchema, ...problemResponses },
    },
    handler: (request) =>
      inTenant(pool, actorOf(request).tenant, async (tx) => {
        const { id, quote } = request.params;
        const found = await quoteOf(tx, id, quote);
        if (!found) throw new Problem('not-found', `Loan ${id} has no quote ${quote}.`);
        return resourceOf(found);
      }),
  });
}

/** Accepting a quote is a job, named after the quote: accepted twice, it is one. */
function acceptRoute(app: Api, { runtime }: ApiParts): void {
  const definition = publicKind(runtime.registry, ACCEPTING_KIND);
  if (!(definition?.payload instanceof z.ZodObject)) return;
  app.route({
    method: 'POST',
    url: '/v1/loans/:id/foreclosure-quotes/:quote/accept',
    config: { action: 'loans.foreclose', scope: 'loans:write' },
    schema: {
      summary: definition.summary,
      tags,
      params: quoteParams,
      headers: keyHeader,
      body: definition.payload.omit({ loan: true, quote: true }),
      response: { 202: acceptedSchema, ...problemResponses },
    },
    handler: (request, reply) => {
      const { id: loan, quote } = request.params;
      return acceptJob(runtime, definition, { ...request.body, loan, quote }, request, reply);
    },
  });
}

function resourceOf({ loan_id: loan, answer: _, quoted_at, ...quote }: Quote): z.output<typeof quoteSchema> {
  const self = `/v1/loans/${loan}/foreclosure-quotes/${quote.id}`;
  return { ...quote, loan, quoted_at: quoted_at.toISOString(), links: { self, accept: `${self}/accept` } };
}
