import { apr, aprRequest } from '../loans/calculator/rates/apr.ts';
import { minorText } from '../loans/schedule.ts';

export const APR_METHOD =
  'Rate a month at which the net disbursed amount is worth all instalments, and fees paid with them, × 12. ' +
  'Fees count with the tax on them.';

/** Payments in a row that are the same are told as one that repeats. */
function repeated(payments: readonly bigint[]): { t: string; count: number; amount: string }[] {
  const runs: { first: number; count: number; amount: bigint }[] = [];
  for (const [index, amount] of payments.entries()) {
    const last = runs.at(-1);
    if (last?.amount === amount) last.count += 1;
    else runs.push({ first: index + 1, count: 1, amount });
  }
  return runs
    .filter(({ amount }) => amount > 0n)
    .map(({ first, count, amount }) => ({ t: String(first), count, amount: minorText(amount) }));
}

/**
 * The annual percentage rate of the Indian key facts statement, percent with 6 decimals; null where no rate
 * satisfies the equation. Amounts in minor units; one payment a month.
 */
export function indianApr(net_disbursed: bigint, payments: readonly bigint[]): string | null {
  if (net_disbursed <= 0n) return null;
  const advances = [{ t: '0', amount: minorText(net_disbursed) }];
  return apr(aprRequest.parse({ method: 'in', advances, payments: repeated(payments) })).rate;
}
