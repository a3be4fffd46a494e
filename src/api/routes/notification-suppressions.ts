import { z } from 'zod';
import { inTenant } from '../../db/transaction.ts';
import { CHANNELS } from '../../notifications/channels.ts';
import {
  shownSuppression,
  stopsField,
  suppressAsAsked,
  suppressionWish,
} from '../../notifications/rules/asked-suppression.ts';
import {
  liftSuppression,
  listSuppressions,
  SUPPRESSION_REASONS,
  type Suppression,
} from '../../notifications/rules/suppression.ts';
import { nextPage } from '../paging.ts';
import { type Api, type ApiParts, actorOf } from '../ports.ts';
import { Problem } from '../problem.ts';
import { idParams, pageQuery, problemResponses, timestamp, uuid } from '../schemas.ts';

const tags = ['notifications'];
const URL = '/v1/notification-suppressions';

const suppressionSchema = z
  .strictObject({
    id: uuid,
    channel: z.enum(CHANNELS),
    address: z.string().describe('masked'),
    reason: z.enum(SUPPRESSION_REASONS),
    detail: z.string().nullable(),
    stops: stopsField,
    since: timestamp,
  })
  .meta({ id: 'NotificationSuppression' });

/** Addresses to which nothing more is sent, or only what must be. */
export function notificationSuppressionRoutes(app: Api, parts: ApiParts): void {
  listRoute(app, parts);
  suppressRoute(app, parts);
  liftRoute(app, parts);
}

function listRoute(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'GET',
    url: URL,
    config: { action: 'notification-suppressions.list', scope: 'notifications:read' },
    schema: {
      summary: 'Addresses to which some or all is no longer sent, newest first; masked',
      tags,
      querystring: z.strictObject({ channel: z.enum(CHANNELS).optional(), ...pageQuery }),
      response: {
        200: z.strictObject({ suppressions: z.array(suppressionSchema), next: z.string().nullable() }),
        ...problemResponses,
      },
    },
    handler: (request) => {
      const { limit, ...filter } = request.query;
      return inTenant(pool, actorOf(request).tenant, async (tx) => {
        const found = await listSuppressions(tx, { ...filter, limit: limit + 1 });
        const page = found.slice(0, limit);
        const next = found.length > limit ? nextPage(URL, request.query, page.at(-1)!.id) : null;
        return { suppressions: page.map(suppressionResource), next };
      });
    },
  });
}

function suppressRoute(app: Api, { pool, clock }: ApiParts): void {
  app.route({
    method: 'POST',
    url: URL,
    config: { action: 'notification-suppressions.add', scope: 'notifications:operate', confidential: true },
    schema: {
      summary: 'Send nothing more to an address, or only what must be told',
      description: 'Answers with what holds for the address, which may be an older and wider one.',
      tags,
      body: suppressionWish,
      response: { 200: suppressionSchema, ...problemResponses },
    },
    handler: async (request) => {
      const { tenant } = actorOf(request);
      const suppression = await inTenant(pool, tenant, (tx) =>
        suppressAsAsked(tx, request.body, clock.now()),
      );
      request.audit_subject = suppression.id;
      return suppressionResource(suppression);
    },
  });
}

function liftRoute(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'DELETE',
    url: `${URL}/:id`,
    config: { action: 'notification-suppressions.lift', scope: 'notifications:operate' },
    schema: {
      summary: 'Send to an address again; what was given up meanwhile stays so',
      tags,
      params: idParams,
      response: { 204: z.undefined().describe('it is lifted'), ...problemResponses },
    },
    handler: async (request, reply) => {
      const { id } = request.params;
      const lifted = await inTenant(pool, actorOf(request).tenant, (tx) => liftSuppression(tx, id));
      if (!lifted) throw new Problem('not-found', `There is no suppression ${id}.`);
      return reply.code(204).send();
    },
  });
}

function suppressionResource(suppression: Suppression): z.output<typeof suppressionSchema> {
  const { since, ...shown } = shownSuppression(suppression);
  return { ...shown, since: since.toISOString() };
}
