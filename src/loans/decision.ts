import { z } from 'zod';
import type { IsoDate } from '../calendar/business-date.ts';
import { Decimal, formatAmount, sum, toDecimal } from '../ledger/money.ts';
import type { Product } from './products.ts';
import { instalmentOf } from './schedule.ts';

/** Why the rules do not say yes, the weightiest first. Each stands with its numbers in the decision's inputs. */
export const REASONS = {
  'amount-out-of-range': 'The amount is outside what the product lends.',
  'tenure-out-of-range': 'The tenure is outside what the product allows.',
  'age-out-of-range': 'The applicant is younger or older than the product allows.',
  'duplicate-application': 'The applicant applied before, not long ago.',
  'no-income': 'Without an income there is nothing to pay instalments from.',
  'foir-too-high': 'Obligations, the new instalment included, take too large a part of the income.',
  'exposure-too-high': 'With what the borrower owes, was promised and asked for, it is too much for one.',
  'score-too-low': 'The bureau score is below the product’s minimum.',
  'fraud-flag': 'Something about the applicant looks like fraud.',
  'score-in-doubt': 'The bureau score is neither good nor bad: a person must look.',
  'no-credit-history': 'The bureau knows nothing of the applicant: a person must look.',
} as const;

export type Reason = keyof typeof REASONS;
export const REASON_CODES = Object.keys(REASONS) as [Reason, ...Reason[]];

/** Where a suspicion comes from. */
export const FRAUD_FLAGS = ['bureau', 'open-alert', 'frozen-wallet'] as const;
export type FraudFlag = (typeof FRAUD_FLAGS)[number];

export interface DecisionFacts {
  product: Product;
  amount: string;
  tenure_months: number;
  monthly_income: string;
  monthly_obligations: string;
  /** 300 … 900; null where the bureau knows nothing of the applicant. */
  score: number | null;
  /** In full years, on the business date of the application. */
  age: number;
  /** An earlier application of the same applicant, within the product's reapply_days; null: none. */
  duplicate_of: string | null;
  /** What stands besides this application, in its currency. */
  exposure: {
    /** Principal of active loans. */
    outstanding: string;
    /** Approved, not paid out yet. */
    approved: string;
    /** Other applications that may still be approved. */
    applied_for: string;
  };
  fraud_flags: readonly FraudFlag[];
}

/** What an application is decided from, as decimals in text. */
export const decisionInputs = z.strictObject({
  score: z.int().nullable(),
  /** (obligations + instalment) / income, to 4 decimals; null without an income. */
  foir: z.string().nullable(),
  instalment: z.string(),
  annual_rate: z.string(),
  age: z.int(),
  duplicate_of: z.uuid().nullable(),
  exposure: z.strictObject({
    outstanding: z.string(),
    approved: z.string(),
    applied_for: z.string(),
    /** All of it, and the amount of this application. */
    total: z.string(),
  }),
  fraud_flags: z.array(z.enum(FRAUD_FLAGS)),
});

export interface Decision {
  outcome: 'offered' | 'referred' | 'refused';
  /** Every reason that applies, the weightiest first; empty where it is offered. */
  reasons: Reason[];
  inputs: z.output<typeof decisionInputs>;
  /** The product's version that it was decided by, and its settings. */
  product: string;
  product_version: number;
  cut_offs: Record<string, string | number | null>;
}

const FOIR_DECIMALS = 4;

/** Decides an application by the product's rules. Pure: the same facts are always decided the same. */
export function decide(facts: DecisionFacts): Decision {
  const { product, score, age, duplicate_of, exposure, fraud_flags } = facts;
  const { refer_below, exposure_max, age_min, age_max, on_fraud_flag } = product.rules.decision;
  const { annual_rate, rules } = product;
  const terms = { principal: facts.amount, annual_rate, tenure_months: facts.tenure_months };
  const instalment = instalmentOf(terms, rules.schedule);
  const foir = fixedObligationsToIncome(facts, instalment);
  const total = sum([facts.amount, ...Object.values(exposure)].map(toDecimal));
  const applies: Record<Reason, boolean> = {
    'amount-out-of-range': outside(facts.amount, product.amount_min, product.amount_max),
    'tenure-out-of-range':
      facts.tenure_months < product.tenure_min || facts.tenure_months > product.tenure_max,
    'age-out-of-range': age < age_min || age > age_max,
    'duplicate-application': duplicate_of !== null,
    'no-income': foir === null,
    'foir-too-high': foir?.gt(toDecimal(product.foir_max)) ?? false,
    'exposure-too-high': exposure_max !== undefined && total.gt(toDecimal(exposure_max)),
    'score-too-low': score !== null && score < product.score_min,
    'fraud-flag': fraud_flags.length > 0,
    'score-in-doubt':
      score !== null && refer_below !== undefined && score >= product.score_min && score < refer_below,
    'no-credit-history': score === null,
  };
  const reasons = REASON_CODES.filter((reason) => applies[reason]);
  const forAPerson = new Set<Reason>(['score-in-doubt', 'no-credit-history']);
  if (on_fraud_flag === 'refer') forAPerson.add('fraud-flag');
  const refusing = reasons.filter((reason) => !forAPerson.has(reason));
  return {
    outcome: refusing.length > 0 ? 'refused' : reasons.length > 0 ? 'referred' : 'offered',
    reasons,
    inputs: {
      ...{ score, instalment, age, duplicate_of, annual_rate: product.annual_rate },
      foir: foir?.toFixed(FOIR_DECIMALS) ?? null,
      exposure: { ...exposure, total: formatAmount(total) },
      fraud_flags: [...fraud_flags],
    },
    product: product.code,
    product_version: product.version,
    cut_offs: cutOffsOf(product),
  };
}

/** Full years from a birth to a day; who is born on 29 February is a year older on 1 March of other years. */
export function ageOn(born: IsoDate, day: IsoDate): number {
  const years = Number(day.slice(0, 4)) - Number(born.slice(0, 4));
  return day.slice(5) < born.slice(5) ? years - 1 : years;
}

function cutOffsOf(product: Product): Decision['cut_offs'] {
  const { amount_min, amount_max, tenure_min, tenure_max, foir_max, score_min, reapply_days } = product;
  const { refer_below = null, exposure_max = null, age_min, age_max, on_fraud_flag } = product.rules.decision;
  return {
    ...{ amount_min, amount_max, tenure_min, tenure_max, foir_max, score_min, reapply_days },
    ...{ refer_below, exposure_max, age_min, age_max, on_fraud_flag },
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
