import type { PayoutState } from '../states.ts';

const MIN = 60_000;
const H = 60 * MIN;
const DAY = 24 * H;

/** After the gateway accepted it: events are late now and then, or do not come. */
const WHILE_OPEN_MS = [10 * MIN, 20 * MIN, 40 * MIN, H];
/** From then on, every so often; a machine never gives up on a payment that the gateway knows. */
const EVERY_MS = 6 * H;
/** Banks send money back up to three working days later; with a weekend and a holiday, six days. */
const AFTER_SETTLED_MS = 6 * DAY;
/** What stands where no event, no answer and no person has moved it. */
const STUCK_MS = DAY;

/**
 * When the gateway should be asked how a payout stands, by the business clock; null: no more.
 * @param looks how often it was asked in this state
 */
export function nextLookAt(state: PayoutState, looks: number, now: Date): Date | null {
  const wait_ms = waitOf(state, looks);
  return wait_ms === null ? null : new Date(now.getTime() + wait_ms);
}

/** Nobody answered: that was no look, and a day on which money may come back is not to pass unseen. */
export function nextTryAt(now: Date): Date {
  return new Date(now.getTime() + H);
}

function waitOf(state: PayoutState, looks: number): number | null {
  switch (state) {
    case 'pending':
    case 'queued':
    case 'scheduled':
    case 'processing':
      return WHILE_OPEN_MS[looks] ?? EVERY_MS;
    case 'succeeded':
    case 'failed':
      return looks === 0 ? AFTER_SETTLED_MS : null;
    case 'reversed':
    case 'cancelled':
    case 'rejected':
      return null;
    default:
      return STUCK_MS;
  }
}
