/** What may go wrong in a simulated life, each by the dice of the seed. */
export const FAULTS = [
  'kill-worker',
  'flush-carrier',
  'restart-postgres',
  'slow-bureau',
  'duplicate-calls',
  'clock-jump',
  'gateway-answers',
  'gateway-events',
] as const;
export type Fault = (typeof FAULTS)[number];

export const LOANS_MAX = 10_000;
export const DAYS_MAX = 3_000;
export const SEED_MAX = 999_999_999;

export const CARRIERS = ['postgres', 'redis'] as const;

export interface Portfolio {
  seed: number;
  /** Applications for a loan that are made; a few come to nothing. */
  loans: number;
  /** Days of the calendar that are lived through. */
  days: number;
}

export interface SimulationOptions extends Portfolio {
  faults: readonly Fault[];
  carrier: (typeof CARRIERS)[number];
}

/** The command line that lives the same life again. */
export function replayCommand({ seed, loans, days, faults, carrier }: SimulationOptions): string {
  const words = [`--seed ${seed}`, `--loans ${loans}`, `--days ${days}`, `--carrier ${carrier}`];
  if (faults.length > 0) words.push(`--faults ${faults.join(',')}`);
  return `kist simulate ${words.join(' ')}`;
}
