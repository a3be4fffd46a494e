import { z } from 'zod';
import { approveLoan } from '../../approvals/approve-loan.ts';
import { inTenant } from '../../db/transaction.ts';
import { applicationRequest } from '../../loans/application-request.ts';
import {
  type Application,
  applicationOf,
  createApplication,
  rejectApplication,
} from '../../loans/applications.ts';
import { cancelApplication } from '../../loans/cancellation.ts';
import { APPLICATION_STATES } from '../../loans/states.ts';
import { REPLAYED_HEADER } from '../accepting.ts';
import { assertNotRefused } from '../approving.ts';
import { type Api, type ApiParts, actorOf, wisherOf } from '../ports.ts';
import { Problem } from '../problem.ts';
import { businessDate, idParams, problemResponses, reasonBody, timestamp, uuid } from '../schemas.ts';

const tags = ['loans'];

const applicationSchema = z
  .strictObject({
    id: uuid,
    reference: z.string(),
    state: z.enum(APPLICATION_STATES),
    product: z.string(),
    applicant: z.strictObject({ reference: z.string(), name: z.string() }),
    currency: z.string(),
    amount: z.string(),
    tenure_months: z.int(),
    monthly_income: z.string(),
    monthly_obligations: z.string(),
    applied_on: businessDate,
    applied_at: timestamp,
    applied_by: z.string(),
    decision: z.unknown().describe('what the rules said, with what they looked at'),
    decided_at: timestamp.nullable(),
    judged_by: z.string().nullable().describe('the person who approved or rejected it'),
    judged_at: timestamp.nullable(),
    judgement_reason: z.string().nullable(),
    cancelled_by: z.string().nullable(),
    cancelled_at: timestamp.nullable(),
    cancellation_reason: z.string().nullable(),
    links: z.strictObject({
      self: z.string(),
      loan: z.string().optional(),
      wallet: z.string().optional(),
      job: z.string().optional().describe('the job that this request had accepted'),
      approval: z.string().optional().describe('above the limit: what others must agree to'),
    }),
  })
  .meta({ id: 'LoanApplication' });
type ApplicationResource = z.output<typeof applicationSchema>;

export function loanApplicationRoutes(app: Api, parts: ApiParts): void {
  applyRoute(app, parts);
  showRoute(app, parts);
  approveRoute(app, parts);
  rejectRoute(app, parts);
  cancelRoute(app, parts);
}

function applyRoute(app: Api, { runtime, clock, config }: ApiParts): void {
  const limits = { backlog_max: config.KIST_CREDIT_BACKLOG_MAX };
  app.route({
    method: 'POST',
    url: '/v1/loan-applications',
    config: { action: 'loan-applications.apply', scope: 'loans:write' },
    schema: {
      summary: 'Apply for a loan; its credit check is accepted with it',
      description: '`reference` is the idempotency key: the same again is the same application.',
      tags,
      body: applicationRequest,
      response: { 202: applicationSchema, ...problemResponses },
    },
    handler: async (request, reply) => {
      const wisher = wisherOf(request, clock);
      const { application, replayed, credit_check } = await runtime.transact(
        wisher.tenant,
        wisher.actor,
        (tx, accept) => createApplication(tx, accept, wisher, request.body, limits),
      );
      request.audit_subject = application.id;
      if (replayed) reply.header(REPLAYED_HEADER, 'true');
      reply.code(202);
      return resourceOf(application, credit_check);
    },
  });
}

function showRoute(app: Api, { pool }: ApiParts): void {
  app.route({
    method: 'GET',
    url: '/v1/loan-applications/:id',
    config: { action: 'loan-applications.show', scope: 'loans:read' },
    schema: {
      summary: 'An application and what was decided about it',
      tags,
      params: idParams,
      response: { 200: applicationSchema, ...problemResponses },
    },
    handler: async (request) => {
      const { id } = request.params;
      const application = await inTenant(pool, actorOf(request).tenant, (tx) => applicationOf(tx, id));
      if (!application) throw new Problem('not-found', `There is no application ${id}.`);
      return resourceOf(application);
    },
  });
}

function approveRoute(app: Api, { runtime, clock }: ApiParts): void {
  app.route({
    method: 'POST',
    url: '/v1/loan-applications/:id/approve',
    config: { action: 'loan-applications.approve', scope: 'loans:approve' },
    schema: {
      summary: 'Approve an application; the loan is opened and its disbursal accepted with it',
      description:
        'Above the tenant’s limit the first person’s approval is a proposal, and the next one’s a vote on it: ' +
        'until there are enough, the application stays as it is, and `links.approval` shows who must decide.',
      tags,
      params: idParams,
      response: { 202: applicationSchema, ...problemResponses },
    },
    handler: async (request, reply) => {
      const wisher = wisherOf(request, clock);
      const { application, replayed, disbursal, approval } = await runtime.transact(
        wisher.tenant,
        wisher.actor,
        (tx, _, unit) => approveLoan(tx, unit, wisher, request.params.id),
      );
      assertNotRefused(approval);
      if (replayed) reply.header(REPLAYED_HEADER, 'true');
      reply.code(202);
      return resourceOf(application, disbursal, approval?.id);
    },
  });
}

function rejectRoute(app: Api, { pool, clock }: ApiParts): void {
  app.route({
    method: 'POST',
    url: '/v1/loan-applications/:id/reject',
    config: { action: 'loan-applications.reject', scope: 'loans:approve' },
    schema: {
      summary: 'Reject an application, for a reason that the applicant may be told',
      tags,
      params: idParams,
      body: reasonBody,
      response: { 200: applicationSchema, ...problemResponses },
    },
    handler: async (request, reply) => {
      const wisher = wisherOf(request, clock);
      const { application, replayed } = await inTenant(pool, wisher.tenant, (tx) =>
        rejectApplication(tx, wisher, request.params.id, request.body.reason),
      );
      if (replayed) reply.header(REPLAYED_HEADER, 'true');
      return resourceOf(application);
    },
  });
}

function cancelRoute(app: Api, { pool, clock }: ApiParts): void {
  app.route({
    method: 'POST',
    url: '/v1/loan-applications/:id/cancel',
    config: { action: 'loan-applications.cancel', scope: 'loans:write' },
    schema: {
      summary: 'Cancel an application before it is approved: the borrower wants it no more',
      tags,
      params: idParams,
      body: reasonBody,
      response: { 200: applicationSchema, ...problemResponses },
    },
    handler: async (request, reply) => {
      const wisher = wisherOf(request, clock);
      const { application, replayed } = await inTenant(pool, wisher.tenant, (tx) =>
        cancelApplication(tx, wisher, { ...request.body, id: request.params.id }),
      );
      if (replayed) reply.header(REPLAYED_HEADER, 'true');
      return resourceOf(application);
    },
  });
}

function resourceOf(
  application: Application,
  job: string | null = null,
  approval?: string,
): ApplicationResource {
  const { id, loan_id, borrower_id, applicant, applicant_name } = application;
  return {
    id,
    reference: application.reference,
    state: application.state,
    product: application.product,
    applicant: { reference: applicant, name: applicant_name },
    currency: application.currency,
    amount: application.amount,
    tenure_months: application.tenure_months,
    monthly_income: application.monthly_income,
    monthly_obligations: application.monthly_obligations,
    applied_on: application.applied_on,
    applied_at: application.applied_at.toISOString(),
    applied_by: application.applied_by,
    decision: application.decision ?? null,
    decided_at: application.decided_at?.toISOString() ?? null,
    judged_by: application.judged_by,
    judged_at: application.judged_at?.toISOString() ?? null,
    judgement_reason: application.judgement_reason,
    cancelled_by: application.cancelled_by,
    cancelled_at: application.cancelled_at?.toISOString() ?? null,
    cancellation_reason: application.cancellation_reason,
    links: {
      self: `/v1/loan-applications/${id}`,
      ...(loan_id ? { loan: `/v1/loans/${loan_id}`, wallet: `/v1/wallets/${borrower_id}` } : {}),
      ...(job ? { job: `/v1/jobs/${job}` } : {}),
      ...(approval ? { approval: `/v1/approvals/${approval}` } : {}),
    },
  };
}
