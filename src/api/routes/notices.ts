import { z } from 'zod';
import { inTenant } from '../../db/transaction.ts';
import { actorLabel } from '../../identity/actor.ts';
import { CHANNELS } from '../../notifications/channels.ts';
import { MOMENTS } from '../../notifications/notices/built-in.ts';
import {
  noticeRule,
  noticeSwitch,
  noticesOf,
  removeRule,
  ruleName,
  setRule,
  switchNotices,
} from '../../notifications/notices/rules.ts';
import { sendStatement } from '../../notifications/notices/statement.ts';
import { CATEGORIES } from '../../notifications/payload.ts';
import { acceptedOf } from '../accepting.ts';
import { type Api, type ApiParts, actorOf } from '../ports.ts';
import { acceptedSchema, businessDateInput, idParams, problemResponses } from '../schemas.ts';
import { documentErrors } from '../sending-documents.ts';

const tags = ['notifications'];
const URL = '/v1/notices';
const params = z.strictObject({ name: ruleName });

const ruleSchema = z
  .strictObject({
    name: z.string(),
    event_type: z.string(),
    moment: z.enum(MOMENTS).nullable(),
    template: z.string(),
    channels: z.array(z.enum(CHANNELS)),
    category: z.enum(CATEGORIES),
    enabled: z.boolean(),
  })
  .meta({
    id: 'NoticeRule',
    description: 'When this happens, the borrower is told that, by these channels.',
  });

const noticesSchema = z
  .strictObject({ enabled: z.boolean(), rules: z.array(ruleSchema) })
  .meta({ id: 'Notices' });

/** What borrowers are told by themselves. */
export function noticeRoutes(app: Api, parts: ApiParts): void {
  switchRoutes(app, parts);
  ruleRoutes(app, parts);
  statementRoute(app, parts);
}

function switchRoutes(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'GET',
    url: URL,
    config: { action: 'notices.show', scope: 'notifications:read' },
    schema: {
      summary: 'What borrowers are told of their loans, and by which rules',
      tags,
      response: { 200: noticesSchema, ...problemResponses },
    },
    handler: async (request) => resourceOf(await inTenant(pool, actorOf(request).tenant, noticesOf)),
  });

  app.route({
    method: 'PUT',
    url: URL,
    config: { action: 'notices.switch', scope: 'notifications:manage' },
    schema: {
      summary: 'Switch the notices of a loan’s life on or off',
      description:
        'Switched on, there is a rule for each of them; those that were changed stay so, but for the channels where such are given. Refused where an enabled one would have no wording for one of them.',
      tags,
      body: noticeSwitch,
      response: { 200: noticesSchema, ...problemResponses },
    },
    handler: async (request) => {
      const actor = actorOf(request);
      return resourceOf(
        await inTenant(pool, actor.tenant, async (tx) => {
          await switchNotices(tx, request.body, actorLabel(actor));
          return noticesOf(tx);
        }),
      );
    },
  });
}

function ruleRoutes(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'PUT',
    url: `${URL}/rules/:name`,
    config: { action: 'notices.set-rule', scope: 'notifications:manage' },
    schema: {
      summary: 'Make or change a rule; it counts from the next event on',
      tags,
      params,
      body: noticeRule,
      response: { 200: ruleSchema, ...problemResponses },
    },
    handler: async (request) => {
      const actor = actorOf(request);
      const { name } = request.params;
      return inTenant(pool, actor.tenant, (tx) => setRule(tx, name, request.body, actorLabel(actor)));
    },
  });

  app.route({
    method: 'DELETE',
    url: `${URL}/rules/:name`,
    config: { action: 'notices.remove-rule', scope: 'notifications:manage' },
    schema: {
      summary: 'Remove a rule; a built-in one comes back, as it was, when notices are switched on again',
      tags,
      params,
      response: { 204: z.null(), ...problemResponses },
    },
    handler: async (request, reply) => {
      await inTenant(pool, actorOf(request).tenant, (tx) => removeRule(tx, request.params.name));
      reply.code(204);
      return null;
    },
  });
}

function statementRoute(app: Api, { runtime, clock }: ApiParts): void {
  app.route({
    method: 'POST',
    url: '/v1/loans/:id/statement-notice',
    config: { action: 'loans.send-statement', scope: 'notifications:send' },
    schema: {
      summary: 'Send a loan’s statement to its borrower, by the rule for loan.statement-ready',
      description: 'The mail has it as a PDF. The job tells to which messages it came.',
      tags,
      params: idParams,
      body: z
        .strictObject({ from: businessDateInput.optional(), to: businessDateInput.optional() })
        .nullish()
        .meta({ description: 'the days it is about; all of them if left out' }),
      response: { 202: acceptedSchema, ...problemResponses },
    },
    handler: async (request, reply) => {
      const actor = actorOf(request);
      const wish = { loan: request.params.id, ...request.body };
      const asked = { tenant: actor.tenant, now: clock.now() };
      const job = await documentErrors(
        runtime.transact(actor.tenant, actorLabel(actor), (tx, accept) =>
          sendStatement(tx, accept, asked, wish),
        ),
      );
      request.audit_subject = wish.loan;
      reply.code(202);
      return acceptedOf(job);
    },
  });
}

function resourceOf({
  enabled,
  rules,
}: Awaited<ReturnType<typeof noticesOf>>): z.output<typeof noticesSchema> {
  return { enabled, rules: [...rules] };
}
