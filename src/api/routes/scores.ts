import { z } from 'zod';
import { inTenant } from '../../db/transaction.ts';
import { SCORE_REASONS, scoreOf } from '../../loans/score/scores.ts';
import { nextPage } from '../paging.ts';
import { type Api, type ApiParts, actorOf } from '../ports.ts';
import { Problem } from '../problem.ts';
import { businessDate, idParams, pageLimit, problemResponses, timestamp, uuid } from '../schemas.ts';

const scoreSchema = z
  .strictObject({
    borrower: uuid,
    score: z.int(),
    moves: z.array(
      z.strictObject({
        number: z.int(),
        reason: z.enum(SCORE_REASONS),
        cause: z.string().describe('`journal/<id>`, or `missed-due/<loan>/<instalment>`'),
        points: z.int().describe('what the product’s rules give'),
        moved: z.int().describe('what the limits left of it'),
        score: z.int().describe('where that led'),
        business_date: businessDate,
        at: timestamp,
      }),
    ),
    next: z.string().nullable(),
  })
  .meta({ id: 'BorrowerScore' });

export function scoreRoutes(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'GET',
    url: '/v1/borrowers/:id/score',
    config: { action: 'borrowers.score', scope: 'loans:read' },
    schema: {
      summary: 'A borrower’s score and what moved it, latest first',
      description: 'The id is that of the borrower’s wallet. The score follows the books within a second.',
      tags: ['loans'],
      params: idParams,
      querystring: z.strictObject({
        after: z.coerce.number().int().min(1).max(2_147_483_647).optional().describe('taken from `next`'),
        limit: pageLimit,
      }),
      response: { 200: scoreSchema, ...problemResponses },
    },
    handler: async (request) => {
      const { id } = request.params;
      const { after, limit } = request.query;
      const found = await inTenant(pool, actorOf(request).tenant, (tx) =>
        scoreOf(tx, id, { before: after, limit: limit + 1 }),
      );
      if (!found) throw new Problem('not-found', `Nothing has moved a score of ${id} yet.`);
      const page = found.moves.slice(0, limit);
      const last = page.at(-1);
      const next =
        found.moves.length > limit && last
          ? nextPage(`/v1/borrowers/${id}/score`, { limit }, String(last.number))
          : null;
      const moves = page.map((move) => ({ ...move, at: move.at.toISOString() }));
      return { borrower: id, score: found.score, moves, next };
    },
  });
}
