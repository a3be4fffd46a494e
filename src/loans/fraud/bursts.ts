import type { FraudRules } from '../product-rules.ts';

/** One transaction of an account. */
export interface Transacted {
  journal: string;
  at: Date;
}

/** What is known of an account from earlier looks. */
export interface Watch {
  /** How far the last burst that was alerted reached. */
  over_until: Date | null;
  /** Up to here a person has looked: what came before counts no more. */
  cleared_at: Date | null;
}

/** More transactions than the rules allow, and the one that was one too many. */
export interface Burst {
  journal: string;
  /** Transactions of the window when it was passed. */
  transactions: number;
  since: Date;
  at: Date;
}

/**
 * Finds bursts. A transaction is over the limit where more than `transactions_max`, itself included, lie
 * within the `window_s` seconds up to it: those after `at - window_s`, so that two exactly a window apart
 * share none. Transactions over the limit that are less than a window apart are one burst, and one alert,
 * however long it lasts and in however many looks it is seen.
 * @param transactions of one account, by time; those a window before the first new one included
 */
export function burstsOf(
  transactions: readonly Transacted[],
  { transactions_max, window_s }: Pick<FraudRules, 'transactions_max' | 'window_s'>,
  { over_until, cleared_at }: Watch,
): { bursts: Burst[]; over_until: Date | null } {
  const window_ms = window_s * 1_000;
  const counted = transactions.filter(({ at }) => cleared_at === null || at > cleared_at);
  const bursts: Burst[] = [];
  const goes_on = over_until !== null && (cleared_at === null || cleared_at < over_until);
  let until_ms = goes_on ? over_until.getTime() : Number.NEGATIVE_INFINITY;
  let first = 0;
  for (const [index, { journal, at }] of counted.entries()) {
    while (counted[first]!.at.getTime() <= at.getTime() - window_ms) first += 1;
    const within = index - first + 1;
    if (within <= transactions_max) continue;
    if (at.getTime() - until_ms >= window_ms) {
      bursts.push({ journal, transactions: within, since: counted[first]!.at, at });
    }
    until_ms = Math.max(until_ms, at.getTime());
  }
  return { bursts, over_until: Number.isFinite(until_ms) ? new Date(until_ms) : null };
}
