import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import { inTenant } from '../../db/transaction.ts';
import { businessDayAt } from '../../ledger/business-day.ts';
import type { Wisher } from '../../loans/applications.ts';
import { cancelLoan } from '../../loans/cancellation.ts';
import { ASSET_CLASSES } from '../../loans/delinquency.ts';
import { duesOf } from '../../loans/dues.ts';
import { LOAN_STATES } from '../../loans/states.ts';
import { type LoanView, scheduleOf } from '../../loans/views.ts';
import { REPLAYED_HEADER } from '../accepting.ts';
import { type Api, type ApiParts, actorOf, wisherOf } from '../ports.ts';
import { businessDate, idParams, problemResponses, reasonBody, timestamp, uuid } from '../schemas.ts';
import { existingLoan } from './existing-loan.ts';

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
    dues: z
      .strictObject({
        as_of: businessDate,
        penal: z.string(),
        fees: z.string(),
        interest: z.string(),
        principal: z.string(),
        total: z.string(),
        advance: z.string().describe('paid ahead, for the next due date'),
        days_past_due: z.int(),
        oldest_due_on: businessDate.nullable(),
        asset_class: z.enum(ASSET_CLASSES),
      })
      .describe('what is due on the day asked, penal charges of that day included'),
    links: z.strictObject({
      self: z.string(),
      schedule: z.string(),
      ledger: z.string(),
      repayments: z.string(),
      accruals: z.string(),
      history: z.string(),
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
    fees: z.string(),
    penal: z.string().describe('penal charges so far with tax, less what was waived'),
    total: z.string(),
    paid_principal: z.string(),
    paid_interest: z.string(),
    paid_fees: z.string(),
    paid_penal: z.string(),
    state: z.enum(['scheduled', 'due', 'paid']),
    paid_on: businessDate.nullable(),
  })
  .meta({ id: 'Instalment' });
const scheduleSchema = z.strictObject({ loan: uuid, instalments: z.array(instalmentSchema) });

export function loanRoutes(app: Api, parts: ApiParts): void {
  showRoute(app, parts);
  scheduleRoute(app, parts);
  cancelRoute(app, parts);
}

function showRoute(app: Api, { pool, clock }: ApiParts): void {
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
        resourceOf(tx, await existingLoan(tx, request.params.id), wisherOf(request, clock)),
      ),
  });
}

function scheduleRoute(app: Api, { pool, clock }: ApiParts): void {
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
        const { id } = await existingLoan(tx, request.params.id);
        const { today } = await businessDayAt(tx, actorOf(request).tenant, clock.now());
        return { loan: id, instalments: [...(await scheduleOf(tx, id, today))] };
      }),
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
      return inTenant(pool, wisher.tenant, async (tx) => {
        const { loan, replayed } = await cancelLoan(tx, wisher, { ...request.body, id: request.params.id });
        if (replayed) reply.header(REPLAYED_HEADER, 'true');
        return resourceOf(tx, loan, wisher);
      });
    },
  });
}

async function resourceOf(
  tx: Transaction,
  loan: LoanView,
  { tenant, now }: Wisher,
): Promise<z.output<typeof loanSchema>> {
  const { application_id, wallet_id, product_version: _, opened_at, cancelled_at, ...fields } = loan;
  const self = `/v1/loans/${loan.id}`;
  return {
    ...fields,
    dues: (await duesOf(tx, tenant, loan.id, now))!,
    opened_at: opened_at.toISOString(),
    cancelled_at: cancelled_at?.toISOString() ?? null,
    links: {
      self,
      schedule: `${self}/schedule`,
      ledger: `${self}/ledger`,
      repayments: `${self}/repayments`,
      accruals: `${self}/accruals`,
      history: `${self}/history`,
      wallet: `/v1/wallets/${wallet_id}`,
      ...(application_id ? { application: `/v1/loan-applications/${application_id}` } : {}),
    },
  };
}
