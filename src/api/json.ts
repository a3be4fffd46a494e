import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type FieldError, Problem } from './problem.ts';
import { pointerTo } from './validation.ts';

/** Escapes that may make text which Postgres cannot keep: U+0000, or half of a surrogate pair. */
const SUSPICIOUS_ESCAPE = /\\u(?:0000|[dD][89a-fA-F])/;
/** Nesting no request of ours needs; deeper ones are attacks on recursion. */
const DEPTH_MAX = 32;
const UNKEEPABLE = 'holds U+0000 or half of a surrogate pair, which is not text';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * Parses bodies as JSON, refusing prototype poisoning (Fastify's own parser does), text that the database
 * cannot keep, and absurd nesting: here, once, by a glance at the raw text that ordinary bodies pass.
 */
export function registerJsonParser(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('text/plain');
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'string' },
    (request: FastifyRequest, text: string, done) => {
      if (tooDeep(text)) {
        done(new Problem('malformed-json', `Nested deeper than ${DEPTH_MAX} levels.`));
        return;
      }
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

/** Counts brackets that are open at once, outside strings: one pass, a tenth of a millisecond for 100 KB. */
function tooDeep(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charCodeAt(index);
    if (inString) {
      if (character === BACKSLASH) index += 1;
      else if (character === QUOTE) inString = false;
    } else if (character === QUOTE) inString = true;
    else if (character === OPEN_BRACKET || character === OPEN_BRACE) {
      depth += 1;
      if (depth > DEPTH_MAX) return true;
    } else if (character === CLOSE_BRACKET || character === CLOSE_BRACE) depth -= 1;
  }
  return false;
}

/** The first string, or name of a field, that holds U+0000 or half of a surrogate pair. */
function unkeepableText(value: unknown, path: string[]): FieldError | undefined {
  if (typeof value === 'string') {
    return keepable(value) ? undefined : { pointer: pointerTo(path), message: UNKEEPABLE };
  }
  if (typeof value !== 'object' || value === null) return undefined;
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
