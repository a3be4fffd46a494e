import type { IsoDate } from '../../calendar/business-date.ts';
import type { PlannedPayment } from './paying.ts';

/** What an applicant asks for, and what the lender's people then say. */
export interface LendingWish {
  do: 'lend';
  reference: string;
  applicant: string;
  date_of_birth: IsoDate;
  product: string;
  /** Amounts of actions are text with two decimals. */
  amount: string;
  tenure_months: number;
  monthly_income: string;
  /** Who is asked, in order; the last one's word decides. */
  judges: number;
  judgement: 'approve' | 'reject' | null;
  /** The number of the bank account that the applicant names; null: none. */
  account: string | null;
  /** How the loan reaches that account; null where it stays in the wallet. */
  payment: PlannedPayment | null;
}

interface Movement {
  amount: string;
  reference: string;
}

export type Deed =
  | LendingWish
  | ({ do: 'repay'; source: 'collection' | 'wallet'; paid_on?: IsoDate } & Movement)
  | { do: 'bounce'; reference: string }
  | ({ do: 'deposit' } & Movement)
  | ({ do: 'withdraw' } & Movement)
  | ({ do: 'transfer'; to: number } & Movement)
  | ({ do: 'pay-out'; payment: PlannedPayment | null } & Movement)
  | { do: 'name-account'; account: string }
  | ({ do: 'hold'; expires_at: string | null } & Movement)
  | { do: 'release'; hold: string }
  | { do: 'capture'; hold: string; amount: string };

/** Something that somebody does with one loan, or with the wallet of its borrower. */
export interface Action {
  /** Unique within a life. */
  id: string;
  /** The loan's number, from 0. */
  loan: number;
  deed: Deed;
  /** What must come of it, e.g. `repaid/active` or `refused/insufficient-funds`. */
  expected: string;
}

export interface PlannedFault {
  fault: 'kill-worker' | 'flush-carrier' | 'restart-postgres';
  /** While people act, or while the day is being closed; so long after that began. */
  phase: 'acting' | 'closing';
  after_ms: number;
}

export interface PlannedDay {
  /** From 0. */
  day: number;
  date: IsoDate;
  is_business_day: boolean;
  /** A quiet day over which a clock that jumps leaps: it stands still again on a later one. */
  is_leapt_over: boolean;
  /** One wave after the other; the actions of a wave touch different loans and wallets. */
  waves: readonly (readonly Action[])[];
  faults: readonly PlannedFault[];
}
