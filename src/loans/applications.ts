import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../db/pools.ts';
import { type EventDraft, emit } from '../events/emit.ts';
import { formatAmount, toDecimal } from '../ledger/money.ts';
import type { AcceptInTransaction } from '../runtime/types.ts';
import { type ApplicationRequest, fingerprintOf } from './application-request.ts';
import { CREDIT_BACKLOG_MAX, refuseWhenFull } from './backlog.ts';
import { LoanError } from './errors.ts';
import { applicationEvent, loanEvent, type Moment, momentAt } from './events.ts';
import { openLoans } from './opening.ts';
import { currentProduct, productOf } from './products.ts';
import { APPLICATION_STATES, type ApplicationState, moveApplication } from './states.ts';

const money = z.string().transform((text) => formatAmount(toDecimal(text)));

export const applicationRow = z.object({
  id: z.string(),
  reference: z.string(),
  state: z.enum(APPLICATION_STATES),
  applicant: z.string(),
  applicant_name: z.string(),
  product: z.string(),
  product_version: z.number(),
  currency: z.string(),
  amount: money,
  tenure_months: z.number(),
  monthly_income: money,
  monthly_obligations: money,
  applied_on: z.string(),
  applied_at: z.date(),
  applied_by: z.string(),
  decision: z.unknown(),
  decided_at: z.date().nullable(),
  judged_by: z.string().nullable(),
  judged_at: z.date().nullable(),
  judgement_reason: z.string().nullable(),
  cancelled_by: z.string().nullable(),
  cancelled_at: z.date().nullable(),
  cancellation_reason: z.string().nullable(),
  loan_id: z.string().nullable(),
  borrower_id: z.string(),
  fingerprint: z.string(),
  tranches: z.array(z.strictObject({ on: z.string().optional(), amount: z.string() })).nullable(),
});
export type Application = z.output<typeof applicationRow>;

/** Who wishes something of an application, and when by the business clock. */
export interface Wisher {
  tenant: string;
  /** `service:NAME` or `operator:NAME`. */
  actor: string;
  now: Date;
}

/**
 * Takes an application and accepts its credit check in the same transaction. The same reference with the
 * same content answers the application that stands.
 * @throws LoanError idempotency-conflict (same reference, other content), unknown-product, backlog-full
 */
export async function createApplication(
  tx: Transaction,
  accept: AcceptInTransaction,
  { tenant, actor, now }: Wisher,
  request: ApplicationRequest,
  { backlog_max = CREDIT_BACKLOG_MAX }: { backlog_max?: number } = {},
): Promise<{ application: Application; replayed: boolean; credit_check: string }> {
  const { applicant } = request;
  const product = await currentProduct(tx, request.product);
  const borrower = await tx.oneFirst(sql.type(z.object({ id: z.string() }))`
    INSERT INTO borrower (tenant_id, reference, name, phone, date_of_birth, city, email)
    VALUES (current_tenant(), ${applicant.reference}, ${applicant.name}, ${applicant.phone},
            ${applicant.date_of_birth}, ${applicant.city}, ${applicant.email ?? null})
    ON CONFLICT (tenant_id, reference) DO UPDATE SET email = coalesce(borrower.email, excluded.email)
    RETURNING id`);
  const fingerprint = fingerprintOf(request);
  const moment = await momentAt(tx, tenant, now);
  const id = await tx.maybeOneFirst(sql.type(z.object({ id: z.string() }))`
    INSERT INTO application (tenant_id, reference, fingerprint, borrower_id, product_code, product_version,
                             currency, amount, tenure_months, monthly_income, monthly_obligations,
                             tranches, applied_on, applied_at, applied_by)
    VALUES (current_tenant(), ${request.reference}, ${fingerprint}, ${borrower}, ${product.code},
            ${product.version}, ${product.currency}, ${request.amount}, ${request.tenure_months},
            ${request.monthly_income}, ${request.monthly_obligations},
            ${request.tranches ? JSON.stringify(request.tranches) : null}::jsonb,
            ${moment.business_date}, ${now.toISOString()}, ${actor})
    ON CONFLICT (tenant_id, reference) DO NOTHING
    RETURNING id`);
  const application = (await find(
    tx,
    'application_by_reference',
    sql.fragment`a.reference = ${request.reference}`,
  ))!;
  if (application.fingerprint !== fingerprint) {
    throw new LoanError(
      'idempotency-conflict',
      `Application ${request.reference} was made before with other content.`,
    );
  }
  if (id !== null) {
    await refuseWhenFull(tx, backlog_max);
    await emit(tx, [applicationEvent(application, 'applied', moment)]);
  }
  // Of a repeat it is the job accepted the first time.
  const [check] = await accept([{ kind: 'credit.check', payload: { application: application.id } }]);
  return { application, replayed: id === null, credit_check: check!.id };
}

/**
 * Approves an application: the loan is opened, and its disbursal accepted, in the same transaction. The
 * same person approving again is answered the same.
 * @throws LoanError not-found, own-request (the one who applied may not approve), illegal-transition
 */
export async function approveApplication(
  tx: Transaction,
  accept: AcceptInTransaction,
  { tenant, actor, now }: Wisher,
  id: string,
): Promise<{ application: Application; replayed: boolean; disbursal: string }> {
  const application = await locked(tx, id);
  if (application.state === 'approved' && application.judged_by === actor) {
    return { application, replayed: true, disbursal: await acceptDisbursal(accept, application.loan_id!) };
  }
  if (application.applied_by === actor) {
    throw new LoanError('own-request', `${actor} applied, so somebody else must approve.`);
  }
  moveApplication(application.state, 'approved');
  const product = await productOf(tx, application.product, application.product_version);
  const [loan] = await openLoans(
    tx,
    [
      {
        application: application.id,
        wallet: application.borrower_id,
        owner: application.applicant,
        product,
        principal: application.amount,
        tenure_months: application.tenure_months,
        score: scoreOf(application.decision),
        tranches: application.tranches,
      },
    ],
    now,
    actor,
  );
  await judge(tx, application, { state: 'approved', actor, now, reason: null, loan: loan! });
  await emit(tx, approvalEvents(application, loan!, await momentAt(tx, tenant, now)));
  const disbursal = await acceptDisbursal(accept, loan!);
  return { application: (await applicationOf(tx, id))!, replayed: false, disbursal };
}

function approvalEvents(application: Application, loan: string, moment: Moment): EventDraft[] {
  const {
    id,
    borrower_id: borrower,
    product,
    product_version,
    currency,
    amount,
    tenure_months,
  } = application;
  const terms = { product, product_version, currency, principal: amount, tenure_months };
  return [
    applicationEvent(application, 'approved', moment, { loan }),
    loanEvent(loan, 'opened', moment, { application: id, borrower, ...terms }),
  ];
}

/** @returns the job's id; of a repeat, the job accepted the first time. */
async function acceptDisbursal(accept: AcceptInTransaction, loan: string): Promise<string> {
  const [job] = await accept([{ kind: 'loan.disburse', payload: { loan } }]);
  return job!.id;
}

/**
 * Rejects an application for a reason that the applicant may be told. Again by the same person: the same.
 * @throws LoanError not-found, illegal-transition
 */
export async function rejectApplication(
  tx: Transaction,
  { tenant, actor, now }: Wisher,
  id: string,
  reason: string,
): Promise<{ application: Application; replayed: boolean }> {
  const application = await locked(tx, id);
  if (application.state === 'rejected' && application.judged_by === actor) {
    return { application, replayed: true };
  }
  moveApplication(application.state, 'rejected');
  await judge(tx, application, { state: 'rejected', actor, now, reason, loan: null });
  await emit(tx, [applicationEvent(application, 'rejected', await momentAt(tx, tenant, now))]);
  return { application: (await applicationOf(tx, id))!, replayed: false };
}

/** The application as it stands; null where there is none. */
export function applicationOf(tx: Transaction, id: string): Promise<Application | null> {
  return find(tx, 'application', sql.fragment`a.id = ${id}`);
}

/** As applicationOf, locked until the transaction ends. @throws LoanError not-found */
export async function locked(tx: Transaction, id: string): Promise<Application> {
  const application = await find(tx, 'application_locked', sql.fragment`a.id = ${id} FOR NO KEY UPDATE OF a`);
  if (!application) throw new LoanError('not-found', `There is no application ${id}.`);
  return application;
}

async function judge(
  tx: Transaction,
  { id }: Application,
  judgement: {
    state: ApplicationState;
    actor: string;
    now: Date;
    reason: string | null;
    loan: string | null;
  },
): Promise<void> {
  const { state, actor, now, reason, loan } = judgement;
  await tx.query(sql.unsafe`
    UPDATE application
    SET state = ${state}, judged_by = ${actor}, judged_at = ${now.toISOString()}, judgement_reason = ${reason},
        loan_id = ${loan}
    WHERE tenant_id = current_tenant() AND id = ${id}`);
}

/** @param name of the prepared statement, another for each condition */
function find(
  tx: Transaction,
  name: string,
  condition: ReturnType<typeof sql.fragment>,
): Promise<Application | null> {
  return tx.maybeOne(sql.prepared(name, applicationRow)`
    SELECT a.id, a.reference, a.state, b.reference AS applicant, b.name AS applicant_name,
           a.product_code AS product, a.product_version, a.currency, a.amount, a.tenure_months,
           a.monthly_income, a.monthly_obligations, a.applied_on, a.applied_at, a.applied_by, a.decision,
           a.decided_at, a.judged_by, a.judged_at, a.judgement_reason, a.cancelled_by, a.cancelled_at,
           a.cancellation_reason, a.loan_id, a.borrower_id, a.fingerprint, a.tranches
    FROM application a JOIN borrower b ON b.tenant_id = a.tenant_id AND b.id = a.borrower_id
    WHERE a.tenant_id = current_tenant() AND ${condition}`);
}

/** The bureau's score, as the decision that was stored looked at it. */
export function scoreOf(decision: unknown): number | null {
  return (
    z.object({ inputs: z.object({ score: z.number().nullable() }) }).safeParse(decision).data?.inputs.score ??
    null
  );
}
