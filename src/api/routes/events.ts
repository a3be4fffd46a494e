import { z } from 'zod';
import { inTenant } from '../../db/transaction.ts';
import { eventOf, listEvents } from '../../events/views.ts';
import { nextPage } from '../paging.ts';
import { type Api, type ApiParts, actorOf } from '../ports.ts';
import { Problem } from '../problem.ts';
import { businessDate, idParams, pageQuery, problemResponses, text, timestamp, uuid } from '../schemas.ts';

const TYPE_LENGTH_MAX = 100;
const tags = ['events'];

/** As endpoints get it: the body of a webhook. */
export const eventSchema = z
  .strictObject({
    id: uuid,
    type: z.string().describe('`noun.past-verb`, for instance `loan.closed`'),
    timestamp: timestamp,
    subject: uuid.describe('whose event it is; order is kept among those of one subject'),
    sequence: z.int().describe('counts the events of the subject from 1'),
    business_date: businessDate,
    journal: uuid.nullable().describe('the journal that it tells of'),
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'Event' });

/** Events are written where an enabled endpoint asks for their type; nothing is told of the time before. */
export function eventRoutes(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'GET',
    url: '/v1/events',
    config: { action: 'events.list', scope: 'events:read' },
    schema: {
      summary: 'What happened, newest first, as far as an endpoint asked for it',
      tags,
      querystring: z.strictObject({
        subject: uuid.optional().describe('of this loan, wallet, application … alone'),
        type: text(TYPE_LENGTH_MAX).optional(),
        ...pageQuery,
      }),
      response: {
        200: z.strictObject({ events: z.array(eventSchema), next: z.string().nullable() }),
        ...problemResponses,
      },
    },
    handler: async (request) => {
      const { subject, type, after, limit } = request.query;
      const filter = { subject, types: type ? [type] : undefined, after, limit };
      const events = await inTenant(pool, actorOf(request).tenant, (tx) => listEvents(tx, filter));
      const last = events.length === limit ? events.at(-1)!.id : null;
      return { events, next: last && nextPage('/v1/events', request.query, last) };
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/events/:id',
    config: { action: 'events.show', scope: 'events:read' },
    schema: {
      summary: 'One event',
      tags,
      params: idParams,
      response: { 200: eventSchema, ...problemResponses },
    },
    handler: async (request) => {
      const { id } = request.params;
      const event = await inTenant(pool, actorOf(request).tenant, (tx) => eventOf(tx, id));
      if (!event) throw new Problem('not-found', `There is no event ${id}.`);
      return event;
    },
  });
}
