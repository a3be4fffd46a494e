import { z } from 'zod';
import { inTenant } from '../../db/transaction.ts';
import { HOLD_STATES, type Hold, holdOf, holdsOf } from '../../wallets/holds.ts';
import { walletOf } from '../../wallets/wallets.ts';
import { nextPage } from '../paging.ts';
import { type Api, type ApiParts, actorOf } from '../ports.ts';
import { Problem } from '../problem.ts';
import { idParams, pageQuery, problemResponses, timestamp, uuid } from '../schemas.ts';
import { jobOfRoute } from './job-of.ts';

const tags = ['wallets'];

const holdSchema = z
  .strictObject({
    id: uuid,
    wallet: uuid,
    state: z.enum(HOLD_STATES),
    amount: z.string(),
    currency: z.string(),
    reference: z.string(),
    held_at: timestamp,
    expires_at: timestamp
      .nullable()
      .describe('from then on it cannot be captured; the close of day gives it back'),
    ended_at: timestamp.nullable(),
    ended_by: uuid.nullable().describe('the journal that ended it'),
    captured: z.string().nullable().describe('what went elsewhere; the rest went back'),
  })
  .meta({ id: 'Hold' });

export function holdRoutes(app: Api, parts: ApiParts): void {
  showRoute(app, parts);
  listRoute(app, parts);
  for (const [kind, url, names] of [
    ['wallet.hold', '/v1/wallets/:id/holds', 'wallet'],
    ['wallet.release', '/v1/holds/:id/release', 'hold'],
    ['wallet.capture', '/v1/holds/:id/capture', 'hold'],
  ] as const) {
    jobOfRoute(app, parts, { kind, url, names, action: kind.replace('wallet.', 'holds.'), tags });
  }
}

function showRoute(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'GET',
    url: '/v1/holds/:id',
    config: { action: 'holds.show', scope: 'wallets:read' },
    schema: {
      summary: 'Money set aside in a wallet, and what became of it',
      tags,
      params: idParams,
      response: { 200: holdSchema, ...problemResponses },
    },
    handler: async (request) => {
      const { id } = request.params;
      const hold = await inTenant(pool, actorOf(request).tenant, (tx) => holdOf(tx, id));
      if (!hold) throw new Problem('not-found', `There is no hold ${id}.`);
      return resourceOf(hold);
    },
  });
}

function listRoute(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'GET',
    url: '/v1/wallets/:id/holds',
    config: { action: 'holds.list', scope: 'wallets:read' },
    schema: {
      summary: 'The holds of a wallet, newest first',
      tags,
      params: idParams,
      querystring: z.strictObject(pageQuery),
      response: {
        200: z.strictObject({ holds: z.array(holdSchema), next: z.string().nullable() }),
        ...problemResponses,
      },
    },
    handler: (request) => {
      const { id } = request.params;
      const { after, limit } = request.query;
      return inTenant(pool, actorOf(request).tenant, async (tx) => {
        if (!(await walletOf(tx, id))) throw new Problem('not-found', `There is no wallet ${id}.`);
        const holds = await holdsOf(tx, id, { after, limit: limit + 1 });
        const page = holds.slice(0, limit);
        const last = page.at(-1);
        const next =
          holds.length > limit && last ? nextPage(`/v1/wallets/${id}/holds`, { limit }, last.id) : null;
        return { holds: page.map(resourceOf), next };
      });
    },
  });
}

function resourceOf({ held_at, expires_at, ended_at, ...hold }: Hold): z.output<typeof holdSchema> {
  return {
    ...hold,
    held_at: held_at.toISOString(),
    expires_at: expires_at?.toISOString() ?? null,
    ended_at: ended_at?.toISOString() ?? null,
  };
}
