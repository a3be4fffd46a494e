import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { inTenant } from '../../db/transaction.ts';
import { actorLabel } from '../../identity/actor.ts';
import { DAY_STATES } from '../../loans/day/begin.ts';
import {
  closeRefusal,
  type DayView,
  dayWithReport,
  listDays,
  loansSetAsideAfter,
} from '../../loans/day/views.ts';
import { answerAcceptance, idempotencyKey, traceOf } from '../accepting.ts';
import { nextPage } from '../paging.ts';
import { type Api, type ApiParts, actorOf } from '../ports.ts';
import { Problem } from '../problem.ts';
import {
  acceptedSchema,
  businessDate,
  businessDateInput,
  keyHeader,
  pageLimit,
  pageQuery,
  problemResponses,
  timestamp,
  uuid,
} from '../schemas.ts';

const tags = ['business days'];

const dayFields = {
  business_date: businessDate,
  state: z.enum(DAY_STATES).describe('carrying, checking, shut (takes no more journals), closed'),
  begun_at: timestamp,
  closed_at: timestamp.nullable(),
  chunks: z.int(),
  chunks_done: z.int(),
  loans: z.int().describe('that the day had work with'),
  refused: z.int().describe('of these, set aside'),
  links: z.strictObject({ self: z.string() }),
};
const daySchema = z.strictObject(dayFields).meta({ id: 'BusinessDay' });
const reportSchema = z
  .strictObject({
    ...dayFields,
    report: z.string().nullable().describe('JSON, to the letter: the signature is over these octets'),
    key_id: z
      .string()
      .nullable()
      .describe('names the key: the first 16 hex digits of the SHA-256 of its DER'),
    signature: z.string().nullable().describe('Ed25519, base64'),
  })
  .meta({ id: 'BusinessDayWithReport' });
const asideSchema = z
  .strictObject({
    loan: uuid,
    business_date: businessDate,
    code: z.string(),
    message: z.string(),
    since: timestamp,
  })
  .meta({ id: 'LoanSetAside' });

const dateParams = z.strictObject({ date: businessDateInput });

export function businessDayRoutes(app: Api, parts: ApiParts): void {
  listRoute(app, parts);
  showRoute(app, parts);
  closeRoute(app, parts);
  setAsideRoute(app, parts);
}

function listRoute(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'GET',
    url: '/v1/business-days',
    config: { action: 'business-days.list', scope: 'days:read' },
    schema: {
      summary: 'Business days that were closed or are being closed, newest first',
      tags,
      querystring: z.strictObject({
        after: businessDateInput.optional().describe('the page begins before this date; taken from `next`'),
        limit: pageLimit,
      }),
      response: {
        200: z.strictObject({ business_days: z.array(daySchema), next: z.string().nullable() }),
        ...problemResponses,
      },
    },
    handler: async (request) => {
      const { after, limit } = request.query;
      const { tenant } = actorOf(request);
      const days = await inTenant(pool, tenant, (tx) => listDays(tx, { after, limit: limit + 1 }));
      const page = days.slice(0, limit);
      const last = page.at(-1);
      const isMore = days.length > limit && last !== undefined;
      return {
        business_days: page.map(resourceOf),
        next: isMore ? nextPage('/v1/business-days', { limit }, last.business_date) : null,
      };
    },
  });
}

function showRoute(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'GET',
    url: '/v1/business-days/:date',
    config: { action: 'business-days.show', scope: 'days:read' },
    schema: {
      summary: 'A business day with its signed report',
      tags,
      params: dateParams,
      response: { 200: reportSchema, ...problemResponses },
    },
    handler: async (request) => {
      const { date } = request.params;
      const day = await inTenant(pool, actorOf(request).tenant, (tx) => dayWithReport(tx, date));
      if (!day) throw new Problem('not-found', `${date} was not begun to be closed.`);
      const { report, key_id, signature } = day;
      return { ...resourceOf(day), report, key_id, signature: signature?.toString('base64') ?? null };
    },
  });
}

function closeRoute(app: Api, { pool, runtime, clock }: ApiParts): void {
  app.route({
    method: 'POST',
    url: '/v1/business-days/:date/close',
    config: { action: 'business-days.close', scope: 'days:close' },
    schema: {
      summary: 'Closes a business day, or goes on closing it; a second time changes nothing',
      tags,
      params: dateParams,
      headers: keyHeader,
      response: {
        202: acceptedSchema,
        ...problemResponses,
      },
    },
    handler: async (request, reply) => {
      const actor = actorOf(request);
      const { date } = request.params;
      const refusal = await inTenant(pool, actor.tenant, (tx) =>
        closeRefusal(tx, actor.tenant, date, clock.now()),
      );
      if (refusal) throw new Problem(refusal.code, refusal.message);
      const key = idempotencyKey(request) ?? `${date}/${uuidv7()}`;
      const job = { kind: 'day.close', key, payload: { business_date: date } };
      const [acceptance] = await runtime.submit(actor.tenant, actorLabel(actor), [job], traceOf(request));
      return answerAcceptance(acceptance!, request, reply, '');
    },
  });
}

function setAsideRoute(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'GET',
    url: '/v1/loans-set-aside',
    config: { action: 'loans-set-aside.list', scope: 'days:read' },
    schema: {
      summary: 'Loans that the close of a day could not carry, and why; each is tried again by itself',
      tags,
      querystring: z.strictObject(pageQuery),
      response: {
        200: z.strictObject({ loans: z.array(asideSchema), next: z.string().nullable() }),
        ...problemResponses,
      },
    },
    handler: async (request) => {
      const { after, limit } = request.query;
      const { tenant } = actorOf(request);
      const loans = await inTenant(pool, tenant, (tx) => loansSetAsideAfter(tx, { after, limit: limit + 1 }));
      const page = loans.slice(0, limit);
      const isMore = loans.length > limit;
      return {
        loans: page.map((each) => ({ ...each, since: each.since.toISOString() })),
        next: isMore ? nextPage('/v1/loans-set-aside', { limit }, page.at(-1)!.loan) : null,
      };
    },
  });
}

function resourceOf({ business_date, state, begun_at, closed_at, ...counts }: DayView) {
  const { chunks, chunks_done, loans, refused } = counts;
  return {
    ...{ business_date, state, begun_at: begun_at.toISOString() },
    ...{ closed_at: closed_at?.toISOString() ?? null, chunks, chunks_done, loans, refused },
    links: { self: `/v1/business-days/${business_date}` },
  };
}
