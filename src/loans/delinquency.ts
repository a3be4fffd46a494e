import type { DelinquencyRules } from './product-rules.ts';

export const ASSET_CLASSES = ['standard', 'sma-0', 'sma-1', 'sma-2', 'npa'] as const;
/** How an account is graded by its days past due (RBI: special mention accounts, then non-performing). */
export type AssetClass = (typeof ASSET_CLASSES)[number];

/**
 * Days past due on `day`, where `oldest_due_day` is the due date of the oldest instalment with principal or
 * interest unpaid. Both are day numbers.
 */
export function daysPastDue(rules: DelinquencyRules, oldest_due_day: number | null, day: number): number {
  if (oldest_due_day === null || day < oldest_due_day) return 0;
  return day - oldest_due_day + rules.due_date_counts_as;
}

/** The class by days past due. A non-performing account stays one until all its arrears are cleared. */
export function assetClass(rules: DelinquencyRules, days_past_due: number, before: AssetClass): AssetClass {
  if (days_past_due === 0) return 'standard';
  if (before === 'npa' || days_past_due >= rules.npa_from) return 'npa';
  if (days_past_due >= rules.sma_2_from) return 'sma-2';
  if (days_past_due >= rules.sma_1_from) return 'sma-1';
  return 'sma-0';
}

/** The days past due at which the class changes next; null where it changes no more by waiting. */
export function nextThreshold(rules: DelinquencyRules, days_past_due: number): number | null {
  const steps = [1, rules.sma_1_from, rules.sma_2_from, rules.npa_from];
  return steps.find((step) => step > days_past_due) ?? null;
}
