import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import { inTenant } from '../../db/transaction.ts';
import { actorLabel } from '../../identity/actor.ts';
import { localeName, templateName } from '../../notifications/payload.ts';
import { checkWording } from '../../notifications/templates/check-wording.ts';
import { templateWording } from '../../notifications/templates/parts.ts';
import { previewTemplate } from '../../notifications/templates/preview.ts';
import { chooseLocale, takeBack, word } from '../../notifications/templates/reword.ts';
import {
  isWorded,
  type TemplateVersion,
  templateSettings,
  templateSettingsOf,
  versionsOf,
} from '../../notifications/templates/rows.ts';
import { listStandings, listTemplates } from '../../notifications/templates/views.ts';
import { type Api, type ApiParts, actorOf } from '../ports.ts';
import { Problem } from '../problem.ts';
import { pageLimit, problemResponses } from '../schemas.ts';
import {
  previewRequest,
  previewSchema,
  templateListSchema,
  templateSchema,
  versionSchema,
} from '../template-schemas.ts';

const tags = ['notifications'];
const VERSION_MAX = 1_000_000;
const nameParams = z.strictObject({ name: templateName });
const wordingParams = z.strictObject({ name: templateName, locale: localeName });
/** What a tenant's messages say: versions of its own, and the wordings that everybody has. */
export function templateRoutes(app: Api, parts: ApiParts): void {
  readRoutes(app, parts);
  putRoute(app, parts);
  takeBackRoute(app, parts);
  versionsRoute(app, parts);
  previewRoute(app, parts);
  settingsRoutes(app, parts);
}

function readRoutes(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'GET',
    url: '/v1/templates',
    config: { action: 'templates.list', scope: 'notifications:read' },
    schema: {
      summary: 'Every template that messages can be sent by',
      tags,
      response: { 200: templateListSchema, ...problemResponses },
    },
    handler: async (request) => {
      return { templates: await inTenant(pool, actorOf(request).tenant, listStandings) };
    },
  });
  app.route({
    method: 'GET',
    url: '/v1/templates/:name',
    config: { action: 'templates.show', scope: 'notifications:read' },
    schema: {
      summary: 'A template with its newest wording in every locale, and the variables it needs',
      tags,
      params: nameParams,
      response: { 200: templateSchema, ...problemResponses },
    },
    handler: async (request) => {
      const { name } = request.params;
      const [template] = await inTenant(pool, actorOf(request).tenant, (tx) => listTemplates(tx, name));
      if (!template) throw new Problem('not-found', `There is no template ${name}.`);
      return template;
    },
  });
}

function putRoute(app: Api, { pool, templates }: ApiParts): void {
  app.route({
    method: 'PUT',
    url: '/v1/templates/:name/:locale',
    config: { action: 'templates.write', scope: 'notifications:manage' },
    schema: {
      summary: 'Word a template in a locale: a new version, which every message is written from at once',
      description:
        'What cannot be read is refused with line and column, and so is leaving out a channel that an enabled rule of notices needs. Sent again with the same wording, it changes nothing.',
      tags,
      params: wordingParams,
      body: templateWording,
      response: {
        200: versionSchema.describe('the newest version says the same already'),
        201: versionSchema,
        ...problemResponses,
      },
    },
    handler: async (request, reply) => {
      const { name, locale } = request.params;
      const wording = request.body;
      request.audit_subject = `${name}/${locale}`;
      request.audit_arguments = { category: wording.category, channels: Object.keys(wording.parts) };
      checkWording(wording, locale);
      const actor = actorOf(request);
      const { version, added } = await inTenant(pool, actor.tenant, (tx) =>
        word(tx, { name, locale, wording, actor: actorLabel(actor) }),
      );
      templates.forget(actor.tenant, name);
      return reply.code(added ? 201 : 200).send(versionResource(version));
    },
  });
}

function takeBackRoute(app: Api, { pool, templates }: ApiParts): void {
  app.route({
    method: 'DELETE',
    url: '/v1/templates/:name/:locale',
    config: { action: 'templates.take-back', scope: 'notifications:manage' },
    schema: {
      summary:
        'Take the tenant’s own wording in a locale back: the next of the fallback order counts at once',
      description:
        'A version that says so; those before stay. Refused where an enabled rule of notices would be left without a wording.',
      tags,
      params: wordingParams,
      response: { 200: versionSchema, ...problemResponses },
    },
    handler: async (request) => {
      const { name, locale } = request.params;
      request.audit_subject = `${name}/${locale}`;
      const actor = actorOf(request);
      const version = await inTenant(pool, actor.tenant, (tx) =>
        takeBack(tx, { name, locale, actor: actorLabel(actor) }),
      );
      templates.forget(actor.tenant, name);
      return versionResource(version);
    },
  });
}

function versionsRoute(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'GET',
    url: '/v1/templates/:name/:locale/versions',
    config: { action: 'templates.versions', scope: 'notifications:read' },
    schema: {
      summary: 'Every version of the tenant’s own wording, newest first',
      tags,
      params: wordingParams,
      querystring: z.strictObject({
        before: z.coerce
          .number()
          .int()
          .min(1)
          .max(VERSION_MAX)
          .optional()
          .describe('versions older than this'),
        limit: pageLimit,
      }),
      response: { 200: z.strictObject({ versions: z.array(versionSchema) }), ...problemResponses },
    },
    handler: async (request) => {
      const asked = { ...request.params, ...request.query };
      const versions = await inTenant(pool, actorOf(request).tenant, (tx) => versionsOf(tx, asked));
      return { versions: versions.map(versionResource) };
    },
  });
}

function previewRoute(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'POST',
    url: '/v1/templates/:name/preview',
    config: { action: 'templates.preview', scope: 'notifications:read', confidential: true },
    schema: {
      summary: 'The message that a template makes, or a draft of it; nothing is sent',
      tags,
      params: nameParams,
      body: previewRequest,
      response: { 200: previewSchema, ...problemResponses },
    },
    handler: async (request) => {
      const { name } = request.params;
      const { parts: draft, ...asked } = request.body;
      request.audit_subject = name;
      const { tenant } = actorOf(request);
      return inTenant(pool, tenant, (tx) => previewTemplate(tx, { template: name, draft, ...asked }));
    },
  });
}

function settingsRoutes(app: Api, { pool }: ApiParts): void {
  const response = { 200: templateSettings.meta({ id: 'TemplateSettings' }), ...problemResponses };
  app.route({
    method: 'GET',
    url: '/v1/template-settings',
    config: { action: 'template-settings.show', scope: 'notifications:read' },
    schema: { summary: 'In which locale the tenant writes where nobody says', tags, response },
    handler: (request) => inTenant(pool, actorOf(request).tenant, templateSettingsOf),
  });
  app.route({
    method: 'PUT',
    url: '/v1/template-settings',
    config: { action: 'template-settings.change', scope: 'notifications:manage' },
    schema: {
      summary: 'Choose the locale that is written in where nobody says',
      description: 'Refused where an enabled rule of notices would be left without a wording.',
      tags,
      body: templateSettings,
      response,
    },
    handler: (request) => {
      const actor = actorOf(request);
      return inTenant(pool, actor.tenant, async (tx: Transaction) => {
        await chooseLocale(tx, request.body, actorLabel(actor));
        return request.body;
      });
    },
  });
}

function versionResource(version: TemplateVersion): z.output<typeof versionSchema> {
  return { ...version, taken_back: !isWorded(version), made_at: version.made_at.toISOString() };
}
