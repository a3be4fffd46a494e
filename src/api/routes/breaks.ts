import { z } from 'zod';
import { addDays } from '../../calendar/business-date.ts';
import type { Transaction } from '../../db/pools.ts';
import { inTenant } from '../../db/transaction.ts';
import { currencyOf } from '../../ledger/accounts.ts';
import { businessDateAt } from '../../ledger/business-day.ts';
import { assignBreak, type Break, breakOf, listBreaks } from '../../payments/reconciliation/breaks.ts';
import { lateAmong } from '../../payments/reconciliation/late-payouts.ts';
import { RESULTS, SUBJECT_KINDS } from '../../payments/reconciliation/results.ts';
import { nextPage } from '../paging.ts';
import { ownerBody, ownerName } from '../payment-schemas.ts';
import { type Api, type ApiParts, actorOf } from '../ports.ts';
import { Problem } from '../problem.ts';
import { BREAK_STATES, breakResource, breakSchema } from '../reconciliation-schemas.ts';
import { idParams, pageQuery, problemResponses } from '../schemas.ts';

const tags = ['payments'];
const URL = '/v1/breaks';
const AGE_DAYS_MAX = 3_650;

/** What does not agree in the reconciliation. It is resolved by proposing `break.resolve`, or goes by itself. */
export function breakRoutes(app: Api, parts: ApiParts): void {
  listRoute(app, parts);
  showRoute(app, parts);
  assignRoute(app, parts);
}

function listRoute(app: Api, { pool, clock }: ApiParts): void {
  app.route({
    method: 'GET',
    url: URL,
    config: { action: 'breaks.list', scope: 'payments:read' },
    schema: {
      summary: 'What does not agree with the gateway’s statements or the bank’s, the oldest first',
      tags,
      querystring: z.strictObject({
        state: z.enum(BREAK_STATES).optional(),
        kind: z.enum(SUBJECT_KINDS).optional(),
        result: z.enum(RESULTS).optional(),
        owner: ownerName.optional(),
        min_age_days: z.coerce.number().int().min(0).max(AGE_DAYS_MAX).optional(),
        ...pageQuery,
      }),
      response: {
        200: z.strictObject({ breaks: z.array(breakSchema), next: z.string().nullable() }),
        ...problemResponses,
      },
    },
    handler: (request) => {
      const { tenant } = actorOf(request);
      const { limit, kind, min_age_days, ...filter } = request.query;
      const now = clock.now();
      return inTenant(pool, tenant, async (tx) => {
        const today = await businessDateAt(tx, tenant, now);
        const seen_by = min_age_days === undefined ? undefined : addDays(today, -min_age_days);
        const found = await listBreaks(tx, { ...filter, subject_kind: kind, seen_by, limit: limit + 1 });
        const page = found.slice(0, limit);
        const next = found.length > limit ? nextPage(URL, request.query, page.at(-1)!.id) : null;
        return { breaks: await shown(tx, { tenant, now }, page), next };
      });
    },
  });
}

function showRoute(app: Api, { pool, clock }: ApiParts): void {
  app.route({
    method: 'GET',
    url: `${URL}/:id`,
    config: { action: 'breaks.show', scope: 'payments:read' },
    schema: {
      summary: 'A break: the lines it rests on, its age, and the move that would mend it',
      tags,
      params: idParams,
      response: { 200: breakSchema, ...problemResponses },
    },
    handler: (request) => {
      const { tenant } = actorOf(request);
      const { id } = request.params;
      return inTenant(pool, tenant, async (tx) => {
        const broken = await breakOf(tx, id);
        if (!broken) throw new Problem('not-found', `There is no break ${id}.`);
        return (await shown(tx, { tenant, now: clock.now() }, [broken]))[0]!;
      });
    },
  });
}

function assignRoute(app: Api, { pool, clock }: ApiParts): void {
  app.route({
    method: 'POST',
    url: `${URL}/:id/assign`,
    config: { action: 'breaks.assign', scope: 'payments:write' },
    schema: {
      summary: 'Say who looks after it',
      tags,
      params: idParams,
      body: ownerBody,
      response: { 200: breakSchema, ...problemResponses },
    },
    handler: (request) => {
      const { tenant } = actorOf(request);
      return inTenant(pool, tenant, async (tx) => {
        const assigned = await assignBreak(tx, { id: request.params.id, owner: request.body.owner });
        return (await shown(tx, { tenant, now: clock.now() }, [assigned]))[0]!;
      });
    },
  });
}

/** With their ages, and what banks owe for the payouts among them. */
async function shown(
  tx: Transaction,
  { tenant, now }: { tenant: string; now: Date },
  breaks: readonly Break[],
): Promise<z.output<typeof breakSchema>[]> {
  const today = await businessDateAt(tx, tenant, now);
  const currency = await currencyOf(tx);
  const payouts = breaks.filter(({ subject_kind, subject }) => subject_kind === 'payout' && isOurs(subject));
  const late = await lateAmong(
    tx,
    { now },
    payouts.map(({ subject }) => subject),
  );
  return breaks.map((each) => breakResource(each, { today, currency }, late.get(each.subject)));
}

/** A stranger goes by the gateway's name. */
function isOurs(subject: string): boolean {
  return z.uuid().safeParse(subject).success;
}
