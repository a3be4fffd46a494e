import { z } from 'zod';
import { acceptJob, publicKind } from '../accepting.ts';
import type { Api, ApiParts } from '../ports.ts';
import { acceptedSchema, idParams, keyHeader, problemResponses } from '../schemas.ts';

const REPAYMENT_KIND = 'loan.repay';
const REVERSAL_KIND = 'loan.reverse-repayment';
const tags = ['loans'];

export function repaymentRoutes(app: Api, parts: ApiParts): void {
  repaymentRoute(app, parts);
  reversalRoute(app, parts);
}

/** A repayment is a job of the loan's; its body is that job's payload without the loan. */
function repaymentRoute(app: Api, { runtime }: ApiParts): void {
  const definition = publicKind(runtime.registry, REPAYMENT_KIND);
  if (!(definition?.payload instanceof z.ZodObject)) return;
  app.route({
    method: 'POST',
    url: '/v1/loans/:id/repayments',
    config: { action: 'loans.repay', scope: 'loans:write' },
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

/** The bank took a payment back. */
function reversalRoute(app: Api, { runtime }: ApiParts): void {
  const definition = publicKind(runtime.registry, REVERSAL_KIND);
  if (!(definition?.payload instanceof z.ZodObject)) return;
  app.route({
    method: 'POST',
    url: '/v1/loans/:id/repayments/:reference/reverse',
    config: { action: 'loans.reverse-repayment', scope: 'loans:write' },
    schema: {
      summary: definition.summary,
      tags,
      params: idParams.extend({ reference: z.string().min(1).max(100) }),
      headers: keyHeader,
      body: definition.payload.omit({ loan: true, reference: true }),
      response: { 202: acceptedSchema, ...problemResponses },
    },
    handler: (request, reply) => {
      const { id: loan, reference } = request.params;
      return acceptJob(runtime, definition, { ...request.body, loan, reference }, request, reply);
    },
  });
}
