import type { FastifySchemaCompiler } from 'fastify';
import { z } from 'zod';
import type { Calculation } from '../../loans/calculator/calculation.ts';
import { CALCULATIONS } from '../../loans/calculator/registry.ts';
import { component, componentName } from '../openapi.ts';
import type { Api } from '../ports.ts';
import { Problem } from '../problem.ts';
import { problemResponses } from '../schemas.ts';
import { invalid, validatorCompiler } from '../validation.ts';

/** It reads nothing of a tenant, but is for those who work with loans. */
const SCOPE = 'loans:read';

const query = z.strictObject({
  explain: z
    .enum(['true', 'false'])
    .default('false')
    .describe('whether every number shall carry its trace: rule, inputs, unrounded value, rounding'),
});

export function calculationRoutes(app: Api): void {
  for (const calculation of CALCULATIONS.values()) calculationRoute(app, calculation);
  unknownCalculationRoute(app);
}

/** One route a function, so that each is documented with what it reads and answers. */
function calculationRoute(app: Api, { fn, summary, source, request: reads, answer, run }: Calculation): void {
  app.route({
    method: 'POST',
    url: `/v1/calculations/${fn}`,
    config: { action: 'calculations.run', scope: SCOPE },
    validatorCompiler: withoutName(fn),
    schema: {
      operationId: `calculations.run.${fn}`,
      summary,
      description: `Formula: ${source}.`,
      tags: ['calculations'],
      querystring: query,
      body: component(componentName(fn, 'Calculation'), reads),
      response: { 200: component(componentName(fn, 'Answer'), answer), ...problemResponses },
    },
    handler: (request, reply) => {
      request.audit_subject = fn;
      reply.send(run(request.body, { explain: request.query.explain === 'true' }));
    },
  });
}

/** Bodies may name the function as the lines of `kist calc` do; it must be the one of the route. */
function withoutName(fn: string): FastifySchemaCompiler<unknown> {
  return (route) => {
    const check = validatorCompiler({ ...route, schema: route.schema as z.ZodType });
    if (route.httpPart !== 'body') return check;
    return (data: unknown) => {
      if (typeof data !== 'object' || data === null || !('fn' in data)) return check(data);
      const { fn: named, ...request } = data;
      if (named === fn) return check(request);
      return { error: invalid([{ pointer: '/fn', message: `must be ${fn}, as in the address` }]) };
    };
  };
}

function unknownCalculationRoute(app: Api): void {
  app.post<{ Params: { name: string } }>(
    '/v1/calculations/:name',
    { config: { action: 'calculations.run', scope: null }, schema: { hide: true } },
    () => {
      throw new Problem('unknown-calculation', `There are ${[...CALCULATIONS.keys()].join(', ')}.`);
    },
  );
}
