import type { IsoDate } from '../calendar/business-date.ts';
import type { Transaction } from '../db/pools.ts';
import type { EventDraft } from '../events/emit.ts';
import { businessDateAt } from '../ledger/business-day.ts';
import type { ApplicationState } from './states.ts';

/** When something happened, by the business clock. */
export interface Moment {
  at: Date;
  business_date: IsoDate;
}

export async function momentAt(tx: Transaction, tenant: string, at: Date): Promise<Moment> {
  return { at, business_date: await businessDateAt(tx, tenant, at) };
}

/** What is told of an application. */
interface ToldApplication {
  id: string;
  borrower_id: string;
  product: string;
  product_version: number;
  currency: string;
  amount: string;
  tenure_months: number;
}

/** States whose name is no word for what happened. */
const CAME_TO: Partial<Record<ApplicationState, string>> = { applied: 'created', checking: 'check-started' };

/** That an application came to a state: `application.created`, `application.offered` … */
export function applicationEvent(
  application: ToldApplication,
  state: ApplicationState,
  moment: Moment,
  more: Record<string, unknown> = {},
): EventDraft {
  const {
    id,
    borrower_id: borrower,
    product,
    product_version,
    currency,
    amount,
    tenure_months,
  } = application;
  return {
    ...moment,
    subject: id,
    type: `application.${CAME_TO[state] ?? state}`,
    data: {
      application: id,
      state,
      borrower,
      product,
      product_version,
      currency,
      amount,
      tenure_months,
      ...more,
    },
  };
}

export type LoanVerb =
  | 'opened'
  | 'disbursed'
  | 'closed'
  | 'foreclosed'
  | 'written-off'
  | 'reopened'
  | 'cancelled'
  | 'charges-waived'
  | 'fee-charged'
  | 'prepaid'
  | 'payment-received'
  | 'payment-reversed'
  | 'foreclosure-quoted'
  | 'statement-ready'
  | 'restructured'
  | 'tranche-disbursed'
  | 'recovered'
  | 'due-missed'
  | 'class-changed';

/** That something happened to a loan. */
export function loanEvent(
  loan: string,
  verb: LoanVerb,
  moment: Moment & { journal?: string },
  data: Record<string, unknown> = {},
): EventDraft {
  return { ...moment, subject: loan, type: `loan.${verb}`, data: { loan, ...data } };
}
