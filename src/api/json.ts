import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type FieldError, Problem } from './problem.ts';
import { pointerTo } from './validation.ts';

/** Escapes that may make text which Postgres cannot keep: U+0000, or half of a surrogate pair. */
const SUSPICIOUS_ESCAPE = /\\u(?:0000|[dD][89a-fA-F])/;
/** No request of ours is nested deeper; the search for bad text must end. */
const DEPTH_MAX = 32;
const UNKEEPABLE = 'holds U+0000 or half of a surrogate pair, which is not text';

/**
 * Parses bodies as JSON, refusing prototype poisoning (Fastify's own parser does) and text that the
 * database cannot keep: here, once, by a glance at the raw text that ordinary bodies pass. Nesting is
 * bounded where something recurs: by the schemas, the fingerprint of a payload, and redaction.
 */
export function registerJsonParser(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('text/plain');
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'string' },
    (request: FastifyRequest, text: string, done) => {
      parse(request, text, (error: Error | null, body?: unknown) => {
        if (error) done(error);
        else if (SUSPICIOUS_ESCAPE.test(text)) checkText(body, done);
        else done(null, body);
      });
    },
  );
}

function checkText(body: unknown, done: (error: Error | null, body?: unknown) => void): void {
  const error = unkeepableText(body, []);
  if (error) done(new Problem('invalid-request', `${error.pointer}: ${error.message}`, { errors: [error] }));
  else done(null, body);
}

/** The first string, or name of a field, that holds U+0000 or half of a surrogate pair. */
function unkeepableText(value: unknown, path: string[]): FieldError | undefined {
  if (typeof value === 'string') {
    return keepable(value) ? undefined : { pointer: pointerTo(path), message: UNKEEPABLE };
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (path.length > DEPTH_MAX) return { pointer: pointerTo(path), message: 'nested too deep' };
  for (const [name, child] of Object.entries(value)) {
    if (!keepable(name)) return { pointer: pointerTo(path), message: `the name of a field ${UNKEEPABLE}` };
    const error = unkeepableText(child, [...path, name]);
    if (error) return error;
  }
  return undefined;
}

/** Whether Postgres can keep the text as it is. */
export function keepable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}
