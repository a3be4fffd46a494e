import type { FastifySchemaCompiler } from 'fastify';
import type { z } from 'zod';
import { type FieldError, Problem } from './problem.ts';

const PLACES: Record<string, FieldError['in']> = { querystring: 'query', params: 'path' };

/**
 * Checks a part of a request by its zod schema; what is wrong is named field by field. Headers are
 * documented by schemas but checked where they are read: parsing would drop those of no route's concern.
 */
export const validatorCompiler: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart }) => {
  if (httpPart === 'headers') return (value) => ({ value });
  const place = httpPart ? PLACES[httpPart] : undefined;
  return (data) => {
    const parsed = schema.safeParse(data);
    if (parsed.success) return { value: parsed.data };
    const errors = fieldErrors(parsed.error);
    if (place) for (const error of errors) error.in = place;
    return { error: invalid(errors) };
  };
};

export function invalid(errors: FieldError[]): Problem {
  return new Problem('invalid-request', summary(errors), { errors });
}

export function fieldErrors(error: z.ZodError, prefix = ''): FieldError[] {
  return error.issues.flatMap((issue) => {
    const pointer = prefix + pointerTo(issue.path);
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        pointer: `${pointer}/${escapeToken(key)}`,
        message: 'unknown field',
      }));
    }
    return [{ pointer, message: issue.message }];
  });
}

function summary(errors: FieldError[]): string {
  const first = errors[0];
  if (!first) return '';
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return `${first.pointer === '' ? 'the whole' : first.pointer}: ${first.message}${more}`;
}

/** JSON pointer (RFC 6901) to a zod path. */
export function pointerTo(path: readonly PropertyKey[]): string {
  return path.map((token) => `/${escapeToken(String(token))}`).join('');
}

const TOKEN_LENGTH_MAX = 100;

function escapeToken(token: string): string {
  return token.slice(0, TOKEN_LENGTH_MAX).replaceAll('~', '~0').replaceAll('/', '~1');
}
