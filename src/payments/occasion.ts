import type { Clock } from '../calendar/clock.ts';
import type { JobRequest } from '../runtime/definition.ts';
import type { Evidence, Reading } from './states.ts';

/** On what occasion something moves: whose, when by the business clock, and what shows it. */
export interface Occasion {
  tenant: string;
  clock: Clock;
  /** Accepts follow-up jobs in the same transaction. */
  accept(requests: JobRequest[]): Promise<unknown>;
  evidence: Evidence;
  /** Which answer, event, poll, line or approval it is; stored with every move. No personal data. */
  detail: Record<string, unknown>;
}

/** What a picture did: as `readPayout` reads it; `stranger`: no such object is ours. */
export type Applied = Reading | 'stranger';
