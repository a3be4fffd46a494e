import { type PenalTerms, penalTerms } from '../penalty.ts';
import type { DelinquencyRules, ProductRules, Waterfall } from '../product-rules.ts';

/** A product's rules as they govern one loan, ready to be counted with. */
export interface LoanTerms {
  /** All of them, for what is done to a loan now and then. */
  rules: ProductRules;
  daily_interest: boolean;
  waterfall: Waterfall;
  waterfall_npa: Waterfall;
  excess: ProductRules['excess'];
  penal: PenalTerms;
  delinquency: DelinquencyRules;
  /** Days before the due date, and after it, on which the borrower is reminded. */
  reminders: ProductRules['reminders'];
}

/** @param score the borrower's credit score when the loan was sanctioned: it chose the penal rate. */
export function loanTerms(rules: ProductRules, score: number | null): LoanTerms {
  return {
    rules,
    daily_interest: rules.accrual.interest === 'daily',
    waterfall: rules.waterfall.standard,
    waterfall_npa: rules.waterfall.npa,
    excess: rules.excess,
    penal: penalTerms(rules.penal, score),
    delinquency: rules.delinquency,
    reminders: rules.reminders,
  };
}
