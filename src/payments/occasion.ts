import type { Clock } from '../calendar/clock.ts';
import type { AcceptInTransaction } from '../runtime/types.ts';
import type { Evidence, Reading } from './states.ts';

/** On what occasion something moves: whose, when by the business clock, and what shows it. */
export interface Occasion {
  tenant: string;
  gateway: string;
  clock: Clock;
  accept: AcceptInTransaction | ((requests: Parameters<AcceptInTransaction>[0]) => Promise<void>);
  evidence: Evidence;
  /** Which answer, event, poll, line or approval it is; stored with every move. No personal data. */
  detail: Record<string, unknown>;
}

/** What a picture did: as `readPayout` reads it; `stranger`: no such object is ours. */
export type Applied = Reading | 'stranger';
