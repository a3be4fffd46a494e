import { type IsoDate, localDate } from '../calendar/business-date.ts';
import type { Transaction } from '../db/pools.ts';
import { businessDayAt } from '../ledger/business-day.ts';
import { type Application, applicationOf, scoreOf } from '../loans/applications.ts';
import { planSchedule } from '../loans/calculator/plan.ts';
import { type Product, productOf } from '../loans/products.ts';
import { minorText, minorUnits } from '../loans/schedule.ts';
import { tranchesOf } from '../loans/servicing/tranche-rows.ts';
import { type LoanView, loanOf, scheduleOf } from '../loans/views.ts';
import { DocumentError } from './errors.ts';
import type { KeyFactsRow } from './key-facts-schema.ts';
import { lenderName, partiesOf } from './statement-rows.ts';

/** Whatever key facts are told of: a loan that is asked for, or one that stands. */
export interface Proposal {
  of: 'application' | 'loan';
  id: string;
  number: string;
  lender: string;
  borrower: { name: string | null; reference: string };
  product: Product;
  /** In minor units. */
  principal: bigint;
  annual_rate: string;
  tenure_months: number;
  /** The day of the payout: today where it has not come. */
  disbursed_on: IsoDate;
  sanctioned_on: IsoDate;
  /** The credit score that chooses the penal rate. */
  score: number | null;
  rows: KeyFactsRow[];
  /** The parts it is paid out in, with their days where they have one; none: at once. */
  stages: { on: IsoDate | null; amount: string }[];
  rescheduled: boolean;
  /** Until when the terms stand, of an application. */
  today: IsoDate | null;
}

/**
 * The loan that an application asks for, by the product's terms as of today.
 * @returns null where there is no such application
 * @throws DocumentError no-terms where it was not offered, nor referred to a person
 */
export async function applicationProposal(
  tx: Transaction,
  tenant: string,
  id: string,
  now: Date,
): Promise<Proposal | null> {
  const application = await applicationOf(tx, id);
  if (!application) return null;
  if (application.loan_id !== null) return loanProposal(tx, tenant, application.loan_id, now);
  assertOffered(application);
  const { today, calendar } = await businessDayAt(tx, tenant, now);
  const product = await productOf(tx, application.product, application.product_version);
  const terms = {
    ...{ product, principal: minorUnits(application.amount), annual_rate: product.annual_rate },
    ...{ tenure_months: application.tenure_months, disbursed_on: today },
  };
  return {
    ...{ of: 'application', id, number: application.reference, lender: await lenderName(tx) },
    borrower: { name: application.applicant_name, reference: application.applicant },
    ...{ ...terms, sanctioned_on: today, score: scoreOf(application.decision), today },
    ...{ rows: planned(terms, calendar), rescheduled: false },
    stages: (application.tranches ?? []).map(({ on = null, amount }) => ({ on, amount })),
  };
}

function assertOffered({ id, state }: Application): void {
  if (state !== 'offered' && state !== 'referred') {
    throw new DocumentError(
      'no-terms',
      `Application ${id} is ${state}: there is no offer whose terms could be told.`,
    );
  }
}

/** A loan as it was sanctioned, with the schedule that was stored. @returns null where there is no such loan */
export async function loanProposal(
  tx: Transaction,
  tenant: string,
  id: string,
  now: Date,
): Promise<Proposal | null> {
  const loan = await loanOf(tx, id);
  if (!loan) return null;
  const { today, calendar } = await businessDayAt(tx, tenant, now);
  const product = await productOf(tx, loan.product, loan.product_version);
  const terms = {
    ...{ product, principal: minorUnits(loan.principal), annual_rate: loan.annual_rate },
    ...{ tenure_months: loan.tenure_months, disbursed_on: loan.disbursed_on ?? today },
  };
  const { lender, name, reference, score, renewed } = await partiesOf(tx, id);
  const stages = await tranchesOf(tx, id);
  const stored = renewed || stages.length > 0 ? null : await storedRows(tx, loan);
  return {
    ...{ of: 'loan', id, number: id, lender, borrower: { name, reference }, ...terms, score },
    sanctioned_on: localDate(loan.opened_at, calendar.time_zone),
    rows: stored ?? planned(terms, calendar),
    stages: stages.map(({ paid_on, planned_on, amount }) => ({ on: paid_on ?? planned_on, amount })),
    rescheduled: renewed,
    today: null,
  };
}

/** Null where there are none before the disbursal. */
async function storedRows(tx: Transaction, loan: LoanView): Promise<KeyFactsRow[] | null> {
  const schedule = await scheduleOf(tx, loan.id);
  const rows = schedule.map(({ due_on, principal, interest }) => ({
    ...{ due_on, principal: minorUnits(principal), interest: minorUnits(interest) },
  }));
  if (rows.length === 0) return null;
  return written(
    rows,
    rows.reduce((sum, row) => sum + row.principal, 0n),
  );
}

function planned(
  {
    product,
    principal,
    annual_rate,
    tenure_months,
    disbursed_on,
  }: Pick<Proposal, 'product' | 'principal' | 'annual_rate' | 'tenure_months' | 'disbursed_on'>,
  calendar: Parameters<typeof planSchedule>[0]['calendar'],
): KeyFactsRow[] {
  const { rows, capitalised } = planSchedule({
    ...{ principal, annual_rate, instalments: tenure_months, disbursed_on, calendar },
    rules: product.rules.schedule,
  });
  return written(rows, principal + capitalised);
}

function written(
  rows: readonly { due_on: IsoDate; principal: bigint; interest: bigint }[],
  owed: bigint,
): KeyFactsRow[] {
  let outstanding = owed;
  return rows.map(({ due_on, principal, interest }, index) => {
    const row = {
      ...{ number: index + 1, due_on, outstanding: minorText(outstanding) },
      ...{
        principal: minorText(principal),
        interest: minorText(interest),
        total: minorText(principal + interest),
      },
    };
    outstanding -= principal;
    return row;
  });
}
