import { z } from 'zod';
import { inTenant } from '../../db/transaction.ts';
import { type ChainedJournal, chainOf } from '../../ledger/statements.ts';
import {
  type AccrualPlace,
  accrualsOf,
  accrualView,
  BEFORE_ALL,
  happeningView,
  historyOf,
} from '../../loans/history.ts';
import { nextPage } from '../paging.ts';
import { type Api, type ApiParts, actorOf } from '../ports.ts';
import { businessDate, idParams, pageLimit, problemResponses, timestamp, uuid } from '../schemas.ts';
import { existingLoan } from './existing-loan.ts';

const tags = ['loans'];
/** Names the last row of a page. */
const CURSOR = /^(\d{4}-\d{2}-\d{2})\.(interest|penal)\.(\d{1,4})\.([0-9a-f-]{36})$/;

const journalSchema = z
  .strictObject({
    id: uuid,
    seq: z.string().describe('place in the chain'),
    kind: z.string(),
    key: z.string(),
    business_date: businessDate,
    posted_at: timestamp,
    reverses: uuid.nullable(),
    prev_hash: z.string(),
    hash: z.string().describe('SHA-256 of prev_hash and the journal, hex'),
    entries: z.array(
      z.strictObject({
        account: uuid,
        code: z.string(),
        direction: z.enum(['debit', 'credit']),
        amount: z.string(),
        currency: z.string(),
      }),
    ),
  })
  .meta({ id: 'Journal' });
const chainSchema = z.strictObject({
  loan: uuid,
  journals: z.array(journalSchema),
  next: z.string().nullable(),
});

const accrualSchema = accrualView
  .extend({ posted_at: timestamp })
  .meta({ id: 'Accrual', description: 'What a chargeable day added; one that corrects is a difference' });
const accrualsSchema = z.strictObject({
  loan: uuid,
  accruals: z.array(accrualSchema),
  next: z.string().nullable(),
});

const happeningSchema = happeningView.extend({ posted_at: timestamp }).meta({ id: 'LoanHappening' });
const historySchema = z.strictObject({
  loan: uuid,
  history: z.array(happeningSchema),
  next: z.string().nullable(),
});

/** What became of a loan: its journals, what its days added, what was done to it. */
export function loanHistoryRoutes(app: Api, parts: ApiParts): void {
  chainRoute(app, parts);
  accrualsRoute(app, parts);
  historyRoute(app, parts);
}

function chainRoute(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'GET',
    url: '/v1/loans/:id/ledger',
    config: { action: 'loans.ledger', scope: 'ledger:read' },
    schema: {
      summary: 'The journals of a loan, oldest first, with the hashes that chain them',
      tags,
      params: idParams,
      querystring: z.strictObject({
        after: z
          .string()
          .regex(/^\d{1,18}$/, 'must be the seq of a journal')
          .default('0')
          .describe('the page begins after this seq; taken from `next`'),
        limit: pageLimit,
      }),
      response: { 200: chainSchema, ...problemResponses },
    },
    handler: (request) => {
      const { after, limit } = request.query;
      return inTenant(pool, actorOf(request).tenant, async (tx) => {
        const { id } = await existingLoan(tx, request.params.id);
        const journals = await chainOf(tx, id, { after_seq: BigInt(after), limit: limit + 1 });
        const page = journals.slice(0, limit);
        const last = page.at(-1);
        const isMore = journals.length > limit && last !== undefined;
        const next = isMore ? nextPage(`/v1/loans/${id}/ledger`, { limit }, String(last.seq)) : null;
        return { loan: id, journals: page.map(journalOf), next };
      });
    },
  });
}

function accrualsRoute(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'GET',
    url: '/v1/loans/:id/accruals',
    config: { action: 'loans.accruals', scope: 'loans:read' },
    schema: {
      summary: 'What each chargeable day added to a loan, as known now or as known at an instant',
      tags,
      params: idParams,
      querystring: z.strictObject({
        known_at: timestamp.optional().describe('only what had been written by then'),
        after: z
          .string()
          .regex(CURSOR, 'must be taken from `next`')
          .optional()
          .describe('the page begins after this row; taken from `next`'),
        limit: pageLimit,
      }),
      response: { 200: accrualsSchema, ...problemResponses },
    },
    handler: (request) => {
      const { known_at, after, limit } = request.query;
      return inTenant(pool, actorOf(request).tenant, async (tx) => {
        const { id } = await existingLoan(tx, request.params.id);
        const rows = await accrualsOf(tx, id, {
          ...{ after: placeOf(after), limit: limit + 1, known_at: known_at ? new Date(known_at) : null },
        });
        const page = rows.slice(0, limit);
        const last = page.at(-1);
        const query = { limit, ...(known_at ? { known_at } : {}) };
        const is_more = rows.length > limit && last !== undefined;
        return {
          loan: id,
          accruals: page.map((row) => ({ ...row, posted_at: row.posted_at.toISOString() })),
          next: is_more ? nextPage(`/v1/loans/${id}/accruals`, query, cursorOf(last)) : null,
        };
      });
    },
  });
}

function placeOf(cursor: string | undefined): AccrualPlace {
  const [, chargeable_day, component, instalment, journal_id] = CURSOR.exec(cursor ?? '') ?? [];
  if (!chargeable_day || !journal_id) return BEFORE_ALL;
  return {
    ...{ chargeable_day, component: component === 'penal' ? 'penal' : 'interest' },
    ...{ instalment: Number(instalment), journal_id },
  };
}

function cursorOf({ chargeable_day, component, instalment, journal_id }: AccrualPlace): string {
  return [chargeable_day, component, instalment, journal_id].join('.');
}

function historyRoute(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'GET',
    url: '/v1/loans/:id/history',
    config: { action: 'loans.history', scope: 'loans:read' },
    schema: {
      summary:
        'What was done to a loan, in the order of the books: payments, reversals, changes of its schedule',
      tags,
      params: idParams,
      querystring: z.strictObject({
        after: z.coerce
          .number()
          .int()
          .min(0)
          .max(1_000_000)
          .default(0)
          .describe('the page begins after this seq'),
        limit: pageLimit,
      }),
      response: { 200: historySchema, ...problemResponses },
    },
    handler: (request) => {
      const { after, limit } = request.query;
      return inTenant(pool, actorOf(request).tenant, async (tx) => {
        const { id } = await existingLoan(tx, request.params.id);
        const rows = await historyOf(tx, id, { after, limit: limit + 1 });
        const page = rows.slice(0, limit);
        const last = page.at(-1);
        return {
          loan: id,
          history: page.map((row) => ({ ...row, posted_at: row.posted_at.toISOString() })),
          next:
            rows.length > limit && last
              ? nextPage(`/v1/loans/${id}/history`, { limit }, String(last.seq))
              : null,
        };
      });
    },
  });
}

function journalOf({ seq, posted_at, ...journal }: ChainedJournal): z.output<typeof journalSchema> {
  return { ...journal, seq: String(seq), posted_at: posted_at.toISOString() };
}
