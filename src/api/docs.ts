import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import { escapeHtml } from '../html/escape.ts';
import { ERRORS } from './errors.ts';
import { DOCUMENT, transformObject } from './openapi.ts';
import { page } from './pages.ts';
import type { Api } from './ports.ts';

const DOCS_POLICY = [
  "default-src 'self'",
  "img-src 'self' data:",
  "style-src 'self' 'unsafe-inline'",
  "frame-ancestors 'self'",
  "object-src 'none'",
  "base-uri 'self'",
].join('; ');

/** /openapi.json, the human page at /docs, and the errors at /docs/errors. Nothing is fetched from elsewhere. */
export function registerDocs(app: Api): void {
  app.register(swagger, {
    openapi: structuredClone(DOCUMENT) as never,
    transform: jsonSchemaTransform,
    transformObject,
  });
  app.register(swaggerUi, {
    routePrefix: '/docs',
    uiConfig: { docExpansion: 'list', deepLinking: true, validatorUrl: null },
    staticCSP: DOCS_POLICY,
    theme: {
      title: 'Kist API',
      css: [{ filename: 'kist.css', content: '.swagger-ui .topbar{display:none}' }],
    },
  });
  app.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) =>
    reply.type('application/json').serializer(String).send(documentText(app)),
  );
  app.get('/docs/errors', { schema: { hide: true } }, async (_request, reply) =>
    reply.type('text/html; charset=utf-8').serializer(String).send(errorsPage()),
  );
}

let rendered: { app: Api; text: string } | null = null;

function documentText(app: Api): string {
  if (rendered?.app !== app) rendered = { app, text: JSON.stringify(app.swagger()) };
  return rendered.text;
}

function errorsPage(): string {
  const rows = Object.entries(ERRORS).map(
    ([code, { status, title, cause, remedy }]) =>
      `<section id="${code}"><h2><code>${code}</code> <small>${status}</small></h2>
<p>${escapeHtml(title)}</p><dl><dt>Cause</dt><dd>${escapeHtml(cause)}</dd><dt>Remedy</dt><dd>${escapeHtml(remedy)}</dd></dl></section>`,
  );
  return page('Errors', `<h1>Errors</h1>${rows.join('\n')}`, 'wide');
}
