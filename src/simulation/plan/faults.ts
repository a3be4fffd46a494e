import { Dice } from '../dice.ts';
import type { Portfolio } from '../options.ts';
import type { PlannedFault } from './actions.ts';

/** Days of the calendar from one fault of a kind to the next, on average. */
const DAYS_APART: Record<PlannedFault['fault'], number> = {
  'kill-worker': 9,
  'flush-carrier': 13,
  'restart-postgres': 35,
};
const AFTER_MS_MAX = 120;

/** When what breaks, by day. Each kind has dice of its own: leaving one out moves no other. */
export function planFaults(
  { seed, days }: Portfolio,
  wanted: ReadonlySet<string>,
): Map<number, PlannedFault[]> {
  const planned = new Map<number, PlannedFault[]>();
  for (const fault of Object.keys(DAYS_APART) as PlannedFault['fault'][]) {
    if (!wanted.has(fault)) continue;
    const dice = new Dice(`${seed}/fault/${fault}`);
    const apart = DAYS_APART[fault];
    for (let start = 0; start < days; start += apart) {
      const day = start + dice.between(0, Math.min(apart, days - start) - 1);
      const phase = dice.one(['acting', 'closing'] as const);
      const of_day = planned.get(day) ?? [];
      planned.set(day, [...of_day, { fault, phase, after_ms: dice.between(0, AFTER_MS_MAX) }]);
    }
  }
  return planned;
}

/** How often a call is sent, and whether all at the same moment. */
export function planCopies(seed: number, action: string): { copies: number; at_once: boolean } {
  const dice = new Dice(`${seed}/copies/${action}`);
  return { copies: dice.between(1, 3), at_once: dice.between(0, 1) === 1 };
}
