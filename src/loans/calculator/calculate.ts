import { z } from 'zod';
import type { CalculateOptions } from './calculation.ts';
import { CalculationError } from './errors.ts';
import { parseRequest } from './fields.ts';
import { CALCULATIONS } from './registry.ts';

/**
 * Answers `{"fn": …, …}`: the one door to the calculator, whichever way a request comes.
 * @throws CalculationError that names the field at fault
 */
export function calculate(input: unknown, options: CalculateOptions = {}): object {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new CalculationError('invalid-value', 'A request is an object.', '');
  }
  const { fn, ...request } = input as { fn?: unknown };
  if (fn === undefined) throw new CalculationError('missing-field', 'The field fn is missing.', 'fn');
  const calculation = typeof fn === 'string' ? CALCULATIONS.get(fn) : undefined;
  if (!calculation) {
    const names = [...CALCULATIONS.keys()].join(', ');
    throw new CalculationError('unknown-function', `There is no such function; there are ${names}.`, 'fn');
  }
  return calculation.run(parseRequest(calculation.request, request), options);
}

/** What JSON a function reads and answers. */
export interface CalculationSchema {
  request: object;
  answer: object;
}

/** The JSON Schema of what each function reads, `fn` included, and of what it answers. */
export function calculationSchemas(): Record<string, CalculationSchema> {
  return Object.fromEntries(
    [...CALCULATIONS.values()].map(({ fn, summary, request, answer }) => {
      const read = z.toJSONSchema(request, { io: 'input', unrepresentable: 'any' });
      const given = z.toJSONSchema(answer, { io: 'output', unrepresentable: 'any' });
      return [fn, { request: { title: fn, description: summary, ...withName(read, fn) }, answer: given }];
    }),
  );
}

/** The schema of an object, or of one of several, with `fn` as its first field. */
function withName(schema: z.core.JSONSchema.BaseSchema, fn: string): z.core.JSONSchema.BaseSchema {
  const { oneOf, properties, required = [] } = schema;
  if (oneOf)
    return { ...schema, oneOf: oneOf.map((each) => withName(each as z.core.JSONSchema.BaseSchema, fn)) };
  return { ...schema, properties: { fn: { const: fn }, ...properties }, required: ['fn', ...required] };
}
