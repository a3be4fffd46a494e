import { Decimal, toDecimal } from '../ledger/money.ts';
import type { Product } from './products.ts';
import { instalmentOf } from './schedule.ts';

/** Why the rules do not say yes. Each stands with its numbers in the decision's inputs. */
export const REASONS = {
  'amount-out-of-range': 'The amount is outside what the product lends.',
  'tenure-out-of-range': 'The tenure is outside what the product allows.',
  'duplicate-application': 'The applicant applied before, not long ago.',
  'no-income': 'Without an income there is nothing to pay instalments from.',
  'foir-too-high': 'Obligations, the new instalment included, take too large a part of the income.',
  'score-too-low': 'The bureau score is below the product’s minimum.',
  'no-credit-history': 'The bureau knows nothing of the applicant: a person must look.',
} as const;

export type Reason = keyof typeof REASONS;
export const REASON_CODES = Object.keys(REASONS) as [Reason, ...Reason[]];

export interface DecisionFacts {
  product: Product;
  amount: string;
  tenure_months: number;
  monthly_income: string;
  monthly_obligations: string;
  /** 300 … 900; null where the bureau knows nothing of the applicant. */
  score: number | null;
  /** An earlier application of the same applicant, within the product's reapply_days; null: none. */
  duplicate_of: string | null;
}

export interface Decision {
  outcome: 'offered' | 'referred' | 'refused';
  /** Every reason that applies, the weightiest first; empty where it is offered. */
  reasons: Reason[];
  /** What it was decided from, as decimals in text. */
  inputs: {
    score: number | null;
    /** (obligations + instalment) / income, to 4 decimals; null without an income. */
    foir: string | null;
    instalment: string;
    annual_rate: string;
    duplicate_of: string | null;
  };
}

const FOIR_DECIMALS = 4;

/** Decides an application by the product's rules. Pure: the same facts are always decided the same. */
export function decide(facts: DecisionFacts): Decision {
  const { product, score, duplicate_of } = facts;
  const instalment = instalmentOf({
    principal: facts.amount,
    annual_rate: product.annual_rate,
    tenure_months: facts.tenure_months,
  });
  const foir = fixedObligationsToIncome(facts, instalment);
  const applies: Record<Reason, boolean> = {
    'amount-out-of-range': outside(facts.amount, product.amount_min, product.amount_max),
    'tenure-out-of-range':
      facts.tenure_months < product.tenure_min || facts.tenure_months > product.tenure_max,
    'duplicate-application': duplicate_of !== null,
    'no-income': foir === null,
    'foir-too-high': foir?.gt(toDecimal(product.foir_max)) ?? false,
    'score-too-low': score !== null && score < product.score_min,
    'no-credit-history': score === null,
  };
  const reasons = REASON_CODES.filter((reason) => applies[reason]);
  const refusing = reasons.filter((reason) => reason !== 'no-credit-history');
  return {
    outcome: refusing.length > 0 ? 'refused' : reasons.length > 0 ? 'referred' : 'offered',
    reasons,
    inputs: {
      ...{ score, instalment, duplicate_of, annual_rate: product.annual_rate },
      foir: foir?.toFixed(FOIR_DECIMALS) ?? null,
    },
  };
}

function outside(amount: string, min: string, max: string): boolean {
  const asked = toDecimal(amount);
  return asked.lt(toDecimal(min)) || asked.gt(toDecimal(max));
}

function fixedObligationsToIncome(facts: DecisionFacts, instalment: string): Decimal | null {
  const income = toDecimal(facts.monthly_income);
  if (income.isZero()) return null;
  return toDecimal(facts.monthly_obligations)
    .plus(toDecimal(instalment))
    .div(income)
    .toDecimalPlaces(FOIR_DECIMALS, Decimal.ROUND_UP);
}
