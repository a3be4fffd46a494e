import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { inTenant } from '../../db/transaction.ts';
import { actorLabel } from '../../identity/actor.ts';
import { CHANNELS, type Channel } from '../../notifications/channels.ts';
import type { Category } from '../../notifications/payload.ts';
import { proofSchema } from '../../notifications/proof/bundle.ts';
import { makeProof } from '../../notifications/proof/make.ts';
import {
  channelsOf,
  checkRequest,
  jobsOf,
  type NotificationRequest,
  type NotificationType,
  notificationId,
  notificationRequest,
  TYPES,
} from '../../notifications/request.ts';
import { sentFile } from '../../notifications/sending/files.ts';
import { ATTEMPT_OUTCOMES } from '../../notifications/sending/rows.ts';
import {
  acceptedBefore,
  type ChannelStory,
  notificationStory,
  STORY_STATES,
} from '../../notifications/show.ts';
import type { Acceptance } from '../../runtime/types.ts';
import { idempotencyKey, REPLAYED_HEADER, refusalOf, traceOf } from '../accepting.ts';
import { type Api, type ApiParts, actorOf } from '../ports.ts';
import { Problem } from '../problem.ts';
import { idParams, jobLinks, keyHeader, problemResponses, timestamp, uuid } from '../schemas.ts';

const tags = ['notifications'];
const URL = '/v1/notifications';

const acceptedNotification = z
  .strictObject({
    id: uuid,
    type: z.enum(TYPES),
    jobs: z.array(z.strictObject({ channel: z.enum(CHANNELS), id: uuid })),
    links: jobLinks,
  })
  .meta({ id: 'AcceptedNotification', description: 'Safely written down; sent once by each channel.' });

const story = z
  .strictObject({
    channel: z.enum(CHANNELS),
    state: z.enum(STORY_STATES as unknown as [string, ...string[]]),
    code: z.string().nullable().describe('why it was stopped, held, or could not be sent'),
    message: z.string().nullable(),
    job: uuid,
    accepted_at: timestamp,
    template: z.string().nullable(),
    template_version: z.int().nullable(),
    locale: z.string().nullable(),
    content_sha256: z.string().nullable(),
    provider: z.string().nullable(),
    provider_id: z.string().nullable(),
    sent_at: timestamp.nullable(),
    attempts: z.array(
      z.strictObject({
        number: z.int(),
        provider: z.string(),
        began_at: timestamp,
        ended_at: timestamp.nullable(),
        outcome: z.enum(ATTEMPT_OUTCOMES).nullable().describe('null: under way, or cut off'),
        code: z.string().nullable(),
        message: z.string().nullable(),
        files: z
          .array(sentFile)
          .readonly()
          .nullable()
          .describe('what went with it; null: that was not written down yet'),
      }),
    ),
    receipts: z.array(
      z.strictObject({
        id: uuid,
        provider: z.string(),
        event: z.string().describe('in the provider’s word'),
        way: z.enum(['told', 'asked']),
        outcome: z.string().describe('the state that the message was moved to; same: none'),
        received_at: timestamp,
      }),
    ),
  })
  .meta({ id: 'NotificationChannel' });
const notificationSchema = z
  .strictObject({ id: uuid, channels: z.array(story) })
  .meta({ id: 'Notification' });

export function notificationRoutes(app: Api, parts: ApiParts): void {
  acceptRoute(app, parts);
  showRoute(app, parts);
  proofRoute(app, parts);
}

function acceptRoute(app: Api, parts: ApiParts): void {
  app.route({
    method: 'POST',
    url: URL,
    config: { action: 'notifications.accept', scope: 'notifications:send', confidential: true },
    schema: {
      summary: 'Notify a borrower by mail, SMS, push, or all of them',
      description:
        'Answers as soon as it is written down, and never waits for a provider. Each channel is a job of its own.',
      tags,
      headers: keyHeader,
      body: notificationRequest,
      response: { 202: acceptedNotification, ...problemResponses },
    },
    handler: async (request, reply) => {
      const actor = actorOf(request);
      const { tenant } = actor;
      const wish = request.body;
      checkRequest(wish);
      const key = idempotencyKey(request);
      const id = notificationId(tenant, key);
      const usual = await categoriesOf(parts, tenant, wish);
      // A template may have come to be of another category: the same request is the same all the same.
      const before = key === undefined ? {} : await categoriesBefore(parts, tenant, { id, type: wish.type });
      const jobs = jobsOf(id, wish, { ...usual, ...before });
      const acceptances = await parts.runtime.submit(tenant, actorLabel(actor), jobs, traceOf(request));
      const accepted = acceptances.map(acceptedOrThrown);
      if (acceptances.every(({ status }) => status === 'replayed')) reply.header(REPLAYED_HEADER, 'true');
      request.audit_subject = id;
      request.audit_arguments = { type: wish.type, template: wish.template };
      reply.code(202);
      const channels = channelsOf(wish.type);
      return {
        ...{ id, type: wish.type, links: { self: `${URL}/${id}` } },
        jobs: accepted.map((job, index) => ({ channel: channels[index]!, id: job.id })),
      };
    },
  });
}

type Categories = Partial<Record<Channel, Category>>;

/** Of the templates. A request is refused while somebody listens rather than when nobody does. @throws TemplateError */
async function categoriesOf(
  { templates }: ApiParts,
  tenant: string,
  { template, locale, type, data = {} }: NotificationRequest,
): Promise<Categories> {
  if (template === undefined) return {};
  const origins = await templates.checkRenders(tenant, {
    template,
    locale,
    channels: channelsOf(type),
    data,
  });
  return Object.fromEntries(Object.entries(origins).map(([channel, { category }]) => [channel, category]));
}

/**
 * What the messages of a key that came before were accepted as.
 * @throws Problem idempotency-conflict where it was another set of channels: those jobs would be of other kinds
 */
async function categoriesBefore(
  { pool }: ApiParts,
  tenant: string,
  { id, type }: { id: string; type: NotificationType },
): Promise<Categories> {
  const before = await inTenant(pool, tenant, (tx) => acceptedBefore(tx, id));
  const other = before.find((each) => each.type !== type);
  if (other) throw new Problem('idempotency-conflict', `The key came before, for ${other.type}.`);
  return Object.fromEntries(before.map(({ channel, category }) => [channel, category]));
}

function acceptedOrThrown(acceptance: Acceptance) {
  if (acceptance.status !== 'refused') return acceptance.job;
  // The job's key is made of the caller's, who has never seen it.
  if (acceptance.code === 'idempotency-conflict') {
    throw new Problem('idempotency-conflict', 'The key came before, with something else in it.');
  }
  throw refusalOf(acceptance, '');
}

function showRoute(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'GET',
    url: `${URL}/:id`,
    config: { action: 'notifications.show', scope: 'notifications:read' },
    schema: {
      summary: 'A notification: how each channel stands, and every try to send it',
      tags,
      params: idParams,
      response: { 200: notificationSchema, ...problemResponses },
    },
    handler: async (request) => {
      const { tenant } = actorOf(request);
      const { id } = request.params;
      const stories = await inTenant(pool, tenant, (tx) => notificationStory(tx, id));
      if (!stories) throw new Problem('not-found', `There is no notification ${id}.`);
      return { id, channels: stories.map(storyResource) };
    },
  });
}

function proofRoute(app: Api, { pool, clock }: ApiParts): void {
  app.route({
    method: 'GET',
    url: `${URL}/:id/proof`,
    config: { action: 'notifications.proof', scope: 'notifications:proof' },
    schema: {
      summary:
        'What can be shown of a notification to whoever doubts it: content, tries, receipts as they came',
      description:
        'Chained by hashes: `kist notify verify` finds what was changed, without a database. The audit trail keeps ' +
        'the last hash of each bundle that was made.',
      tags,
      params: idParams,
      response: { 200: proofSchema.meta({ id: 'NotificationProof' }), ...problemResponses },
    },
    handler: async (request) => {
      const { tenant } = actorOf(request);
      const { id } = request.params;
      const audit = uuidv7();
      const made_at = clock.now().toISOString();
      const proof = await inTenant(pool, tenant, (tx) =>
        makeProof(tx, { tenant, notification: id, made_at, audit }),
      );
      if (!proof) throw new Problem('not-found', `There is no notification ${id}.`);
      request.audit_id = audit;
      request.audit_arguments = { id, sha256: proof.sha256 };
      return proof;
    },
  });
}

function storyResource({
  channel,
  state,
  job,
  message,
  attempts,
  receipts,
}: ChannelStory): z.output<typeof story> {
  return {
    ...{ channel, state, job: job.id, accepted_at: job.accepted_at.toISOString() },
    code: job.code ?? message?.code ?? null,
    message: job.message,
    template: message?.template ?? null,
    template_version: message?.template_version ?? null,
    locale: message?.locale ?? null,
    content_sha256: message?.content_sha256 ?? null,
    provider: message?.provider ?? null,
    provider_id: message?.provider_id ?? null,
    sent_at: message?.sent_at?.toISOString() ?? null,
    attempts: attempts.map(({ began_at, ended_at, ...attempt }) => ({
      ...attempt,
      began_at: began_at.toISOString(),
      ended_at: ended_at?.toISOString() ?? null,
    })),
    receipts: receipts.map(({ id, provider, event, way, outcome, received_at }) => ({
      ...{ id, provider, event, way, outcome, received_at: received_at.toISOString() },
    })),
  };
}
