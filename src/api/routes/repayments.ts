import { z } from 'zod';
import { acceptJob, publicKind } from '../accepting.ts';
import type { Api, ApiParts } from '../ports.ts';
import { acceptedSchema, idParams, keyHeader, problemResponses } from '../schemas.ts';

const REVERSAL_KIND = 'loan.reverse-repayment';
const tags = ['loans'];

/** The bank took a payment back. */
export function reversalRoute(app: Api, { runtime }: ApiParts): void {
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
