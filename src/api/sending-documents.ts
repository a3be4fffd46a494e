import { negotiate } from '@fastify/accept-negotiator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Document, FORMATS, type Format, print } from '../documents/documents.ts';
import { DocumentError } from '../documents/errors.ts';
import { Problem } from './problem.ts';

const TYPES: Record<Format, string> = {
  json: 'application/json',
  html: 'text/html',
  pdf: 'application/pdf',
};

/** For browsers, which ask for what they like best. */
export const formatQuery = z
  .enum(FORMATS)
  .optional()
  .describe('instead of the Accept header: json, html or pdf');

/** What a route that answers a document may answer with. */
export function documentResponse<Schema extends z.ZodType>(schema: Schema) {
  return {
    description: 'The document as data, as a page that prints on A4, or as a PDF',
    content: {
      'application/json': { schema },
      'text/html': { schema: z.string() },
      'application/pdf': { schema: z.string().meta({ format: 'binary' }) },
    },
  };
}

/** Answers with the document as the caller prefers it; as JSON where the caller has no preference. */
export async function sendDocument(
  request: FastifyRequest,
  reply: FastifyReply,
  document: Document,
  wanted: Format | undefined,
): Promise<FastifyReply> {
  const format = wanted ?? preferred(request.headers.accept);
  reply.header('vary', 'accept').header('cache-control', 'no-store');
  if (format === 'json') return reply.send(document.content);
  const printed = await print(document, format);
  if (printed.type === 'application/pdf') {
    const disposition = `inline; filename="${document.name}.pdf"`;
    return reply.type(printed.type).header('content-disposition', disposition).send(printed.body);
  }
  return reply
    .type(`${printed.type}; charset=utf-8`)
    .header('content-security-policy', printed.policy)
    .serializer(String)
    .send(printed.body);
}

function preferred(accept: string | undefined): Format {
  const type = negotiate(accept ?? '*/*', Object.values(TYPES));
  return FORMATS.find((format) => TYPES[format] === type) ?? 'json';
}

/** @throws Problem not-found, or what a document that cannot be made is as a problem */
export async function existing<D extends Document>(making: Promise<D | null>, what: string): Promise<D> {
  const document = await documentErrors(making);
  if (!document) throw new Problem('not-found', `There is no ${what}.`);
  return document;
}

/** @throws Problem what a document that cannot be made is as a problem */
export function documentErrors<T>(making: Promise<T>): Promise<T> {
  return making.catch((error: unknown) => {
    throw error instanceof DocumentError ? problemOf(error) : error;
  });
}

function problemOf(error: DocumentError): Problem {
  if (error.code === 'no-terms') return new Problem('illegal-transition', error.message, { cause: error });
  const errors = [{ pointer: '/from', message: error.message, in: 'query' as const }];
  return new Problem('invalid-request', error.message, { errors, cause: error });
}
