import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import { inTenant } from '../../db/transaction.ts';
import { type ChainedJournal, chainOf } from '../../ledger/statements.ts';
import { cancelLoan } from '../../loans/cancellation.ts';
import { LOAN_STATES } from '../../loans/states.ts';
import { type LoanView, loanOf, scheduleOf } from '../../loans/views.ts';
import { acceptJob, publicKind, REPLAYED_HEADER } from '../accepting.ts';
import { nextPage } from '../paging.ts';
import { type Api, type ApiParts, actorOf, wisherOf } from '../ports.ts';
import { Problem } from '../problem.ts';
import {
  acceptedSchema,
  businessDate,
  idParams,
  keyHeader,
  pageLimit,
  problemResponses,
  reasonBody,
  timestamp,
  uuid,
} from '../schemas.ts';

const REPAYMENT_KIND = 'loan.repay';
const tags = ['loans'];

const loanSchema = z
  .strictObject({
    id: uuid,
    state: z.enum(LOAN_STATES),
    product: z.string(),
    currency: z.string(),
    principal: z.string(),
    annual_rate: z.string().describe('a fraction: 0.18 is 18 % a year'),
    tenure_months: z.int(),
    opened_at: timestamp,
    disbursed_on: businessDate.nullable(),
    closed_on: businessDate.nullable().describe('the day of its end, whichever end that was'),
    cancelled_by: z.string().nullable(),
    cancelled_at: timestamp.nullable(),
    cancellation_reason: z.string().nullable(),
    next_due_on: businessDate.nullable().describe('of the oldest instalment not paid in full'),
    principal_outstanding: z.string(),
    interest_due: z.string(),
    instalments_paid: z.int(),
    links: z.strictObject({
      self: z.string(),
      schedule: z.string(),
      ledger: z.string(),
      repayments: z.string(),
      wallet: z.string(),
      application: z.string().optional(),
    }),
  })
  .meta({ id: 'Loan' });

const instalmentSchema = z
  .strictObject({
    number: z.int(),
    due_on: businessDate,
    principal: z.string(),
    interest: z.string(),
    total: z.string(),
    paid_principal: z.string(),
    paid_interest: z.string(),
    state: z.enum(['scheduled', 'due', 'paid']),
    paid_on: businessDate.nullable(),
  })
  .meta({ id: 'Instalment' });
const scheduleSchema = z.strictObject({ loan: uuid, instalments: z.array(instalmentSchema) });

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

export function loanRoutes(app: Api, parts: ApiParts): void {
  showRoute(app, parts);
  scheduleRoute(app, parts);
  chainRoute(app, parts);
  repaymentRoute(app, parts);
  cancelRoute(app, parts);
}

function showRoute(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'GET',
    url: '/v1/loans/:id',
    config: { action: 'loans.show', scope: 'loans:read' },
    schema: {
      summary: 'A loan and how it stands',
      tags,
      params: idParams,
      response: { 200: loanSchema, ...problemResponses },
    },
    handler: (request) =>
      inTenant(pool, actorOf(request).tenant, async (tx) =>
        resourceOf(await existing(tx, request.params.id)),
      ),
  });
}

function scheduleRoute(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'GET',
    url: '/v1/loans/:id/schedule',
    config: { action: 'loans.schedule', scope: 'loans:read' },
    schema: {
      summary: 'The instalments of a loan; none before its disbursal',
      tags,
      params: idParams,
      response: { 200: scheduleSchema, ...problemResponses },
    },
    handler: (request) =>
      inTenant(pool, actorOf(request).tenant, async (tx) => {
        const { id } = await existing(tx, request.params.id);
        return { loan: id, instalments: [...(await scheduleOf(tx, id))] };
      }),
  });
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
        const { id } = await existing(tx, request.params.id);
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

/** A repayment is a job of the loan's; its body is that job's payload without the loan. */
function repaymentRoute(app: Api, { runtime }: ApiParts): void {
  const definition = publicKind(runtime.registry, REPAYMENT_KIND);
  if (!(definition?.payload instanceof z.ZodObject)) return;
  app.route({
    method: 'POST',
    url: '/v1/loans/:id/repayments',
    config: { action: 'loans.repay', scope: 'loans:write' },
    schema: {
      summary: definition.summary,
      tags,
      params: idParams,
      headers: keyHeader,
      body: definition.payload.omit({ loan: true }),
      response: { 202: acceptedSchema, ...problemResponses },
    },
    handler: (request, reply) =>
      acceptJob(runtime, definition, { ...request.body, loan: request.params.id }, request, reply),
  });
}

function cancelRoute(app: Api, { pool, clock }: ApiParts): void {
  app.route({
    method: 'POST',
    url: '/v1/loans/:id/cancel',
    config: { action: 'loans.cancel', scope: 'loans:write' },
    schema: {
      summary: 'Cancel a loan that is not paid out yet; its disbursal then finds nothing to do',
      tags,
      params: idParams,
      body: reasonBody,
      response: { 200: loanSchema, ...problemResponses },
    },
    handler: async (request, reply) => {
      const wisher = wisherOf(request, clock);
      const { loan, replayed } = await inTenant(pool, wisher.tenant, (tx) =>
        cancelLoan(tx, wisher, { ...request.body, id: request.params.id }),
      );
      if (replayed) reply.header(REPLAYED_HEADER, 'true');
      return resourceOf(loan);
    },
  });
}

async function existing(tx: Transaction, id: string): Promise<LoanView> {
  const loan = await loanOf(tx, id);
  if (!loan) throw new Problem('not-found', `There is no loan ${id}.`);
  return loan;
}

function resourceOf(loan: LoanView): z.output<typeof loanSchema> {
  const { application_id, wallet_id, product_version: _, opened_at, cancelled_at, ...fields } = loan;
  const self = `/v1/loans/${loan.id}`;
  return {
    ...fields,
    opened_at: opened_at.toISOString(),
    cancelled_at: cancelled_at?.toISOString() ?? null,
    links: {
      self,
      schedule: `${self}/schedule`,
      ledger: `${self}/ledger`,
      repayments: `${self}/repayments`,
      wallet: `/v1/wallets/${wallet_id}`,
      ...(application_id ? { application: `/v1/loan-applications/${application_id}` } : {}),
    },
  };
}

function journalOf({ seq, posted_at, ...journal }: ChainedJournal): z.output<typeof journalSchema> {
  return { ...journal, seq: String(seq), posted_at: posted_at.toISOString() };
}
