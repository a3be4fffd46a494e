import { z } from 'zod';
import type { JobDefinition } from '../../runtime/definition.ts';
import { acceptJob, publicKind } from '../accepting.ts';
import type { Api, ApiParts } from '../ports.ts';
import { acceptedSchema, idParams, keyHeader, problemResponses } from '../schemas.ts';

const tags = ['loans'];

/** What is done to one loan is a job of the loan's; the body is that job's payload without the loan. */
export function loanJobRoute(
  app: Api,
  { runtime }: ApiParts,
  { kind, under, action }: { kind: string; under: string; action: string },
): void {
  const definition = publicKind(runtime.registry, kind);
  if (!(definition?.payload instanceof z.ZodObject)) return;
  app.route({
    method: 'POST',
    url: `/v1/loans/:id/${under}`,
    config: { action, scope: 'loans:write' },
    schema: {
      summary: definition.summary,
      tags,
      params: idParams,
      headers: keyHeader,
      body: (definition.payload as z.ZodObject).omit({ loan: true }),
      response: { 202: acceptedSchema, ...problemResponses },
    },
    handler: (request, reply) =>
      acceptJob(
        runtime,
        definition as JobDefinition,
        { ...request.body, loan: request.params.id },
        request,
        reply,
      ),
  });
}

/** Paying early, and fees. */
export function loanJobRoutes(app: Api, parts: ApiParts): void {
  loanJobRoute(app, parts, { kind: 'loan.repay', under: 'repayments', action: 'loans.repay' });
  loanJobRoute(app, parts, { kind: 'loan.prepay', under: 'prepayments', action: 'loans.prepay' });
  loanJobRoute(app, parts, { kind: 'loan.recover', under: 'recoveries', action: 'loans.recover' });
  loanJobRoute(app, parts, { kind: 'loan.charge-fee', under: 'fees', action: 'loans.charge-fee' });
}
