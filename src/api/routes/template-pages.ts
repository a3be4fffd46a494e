import formbody from '@fastify/formbody';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import { inTenant } from '../../db/transaction.ts';
import { assertCsrfToken, assertSameOrigin } from '../../identity/csrf.ts';
import { SESSION_COOKIE } from '../../identity/sessions.ts';
import { listTenants } from '../../identity/tenants.ts';
import { CHANNELS } from '../../notifications/channels.ts';
import { localeName, templateName } from '../../notifications/payload.ts';
import { TemplateError } from '../../notifications/templates/errors.ts';
import { LAST_LOCALE } from '../../notifications/templates/locales.ts';
import { templateData } from '../../notifications/templates/parts.ts';
import { type Preview, previewTemplate } from '../../notifications/templates/preview.ts';
import { templateSettingsOf } from '../../notifications/templates/rows.ts';
import { listTemplates, sampleOf, type TemplateView } from '../../notifications/templates/views.ts';
import { MAIL_POLICY, sendPage } from '../pages.ts';
import type { Api, ApiParts } from '../ports.ts';
import { Problem } from '../problem.ts';
import { type Look, TEMPLATES_PATH, templatesPage } from '../template-html.ts';
import { type Visitor, visit } from '../visiting.ts';

const FORM_BYTES_MAX = 64 * 1024;
const PLACE = { path: TEMPLATES_PATH, scope: 'notifications:read' };

const lookFields = {
  template: templateName.optional().catch(undefined),
  locale: localeName.optional().catch(undefined),
  channel: z.enum(CHANNELS).optional().catch(undefined),
};
const lookQuery = z.object(lookFields);
const dataForm = z.object({
  csrf_token: z.string().max(200),
  tenant: z.string().max(31),
  data: z.string().max(FORM_BYTES_MAX),
  ...lookFields,
});

/** For operators in a browser: every message as it will be read, before it is sent. Needs no script. */
export function templatePages(app: Api, parts: ApiParts): void {
  app.register(async (pages) => {
    await pages.register(formbody, { bodyLimit: FORM_BYTES_MAX });
    lookPage(pages, parts);
    tryPage(pages, parts);
  });
}

function lookPage(app: FastifyInstance, parts: ApiParts): void {
  const config = { action: 'templates.look-page', scope: null, open: true };
  app.get(TEMPLATES_PATH, { config, schema: { hide: true } }, async (request, reply) => {
    const visitor = await visit(parts, request, reply, PLACE);
    if (!visitor) return reply;
    return show(parts, visitor, reply, lookQuery.parse(request.query));
  });
}

/** A form, though nothing changes: what messages are filled with has no place in an address. */
function tryPage(app: FastifyInstance, parts: ApiParts): void {
  const config = { action: 'templates.try-page', scope: null, open: true, confidential: true };
  app.post(TEMPLATES_PATH, { config, schema: { hide: true } }, async (request: FastifyRequest, reply) => {
    assertSameOrigin(request);
    const form = dataForm.safeParse(request.body);
    if (!form.success) throw new Problem('invalid-request', 'The form is not as this page made it.');
    const { csrf_token, tenant, data, ...look } = form.data;
    const visitor = await visit(parts, request, reply, PLACE, tenant);
    if (!visitor) return reply;
    assertCsrfToken(request.method, request.cookies[SESSION_COOKIE] ?? '', csrf_token);
    return show(parts, visitor, reply, look, data);
  });
}

async function show(
  { pool }: ApiParts,
  { actor, session }: Visitor,
  reply: FastifyReply,
  wanted: z.output<typeof lookQuery>,
  written?: string,
): Promise<FastifyReply> {
  const [templates, look, data, preview] = await inTenant(pool, actor.tenant, async (tx) => {
    const all = await listTemplates(tx);
    const looked = await lookOf(tx, all, wanted);
    const text = written ?? exampleText(all, looked);
    return [all, looked, text, await previewOf(tx, looked, text)] as const;
  });
  const tenants = actor.platform ? (await listTenants(pool)).map(({ tenant }) => tenant) : [];
  const { tenant } = actor;
  const { csrf_token } = session;
  const html = templatesPage({ tenant, tenants, csrf_token, templates, look, data, preview });
  return sendPage(reply, html, MAIL_POLICY);
}

/** What is not said is the first there is, in the tenant's own locale. */
async function lookOf(
  tx: Transaction,
  templates: readonly TemplateView[],
  { template, locale, channel }: z.output<typeof lookQuery>,
): Promise<Look> {
  const view = templates.find(({ name }) => name === template) ?? templates[0]!;
  return {
    template: view.name,
    locale: locale ?? (await templateSettingsOf(tx)).locale ?? LAST_LOCALE,
    channel: channel ?? view.wordings[0]!.channels[0]!,
  };
}

function exampleText(templates: readonly TemplateView[], { template }: Look): string {
  return JSON.stringify(sampleOf(templates.find(({ name }) => name === template)!), null, 2);
}

/** The message, or what is wrong with its data. */
async function previewOf(tx: Transaction, look: Look, text: string): Promise<Preview | string> {
  const data = templateData.safeParse(jsonOf(text));
  if (!data.success) return 'The data is no JSON object of the template’s variables.';
  try {
    const { channels } = await previewTemplate(tx, { ...look, data: data.data });
    return channels[look.channel]!;
  } catch (error) {
    if (error instanceof TemplateError) return error.message;
    throw error;
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
