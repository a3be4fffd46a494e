import type { Transaction } from '../db/pools.ts';
import type { Gateway, GatewayAccount } from './gateway/gateway.ts';

/** What paying and collecting needs besides the database. */
export interface Payments {
  gateways: ReadonlyMap<string, Gateway>;
  /** A tenant's account with a gateway, opened; null where it has none, or a disabled one. */
  account(tx: Transaction, tenant: string, gateway: string): Promise<GatewayAccount | null>;
  /** PACE, but in tests and demonstrations. */
  pace: Pace;
}

declare module '../runtime/definition.ts' {
  interface Services {
    payments: Payments;
  }
}

/** How long a machine waits before it turns to a gateway again, by the wall clock. */
export interface Pace {
  /** After the first unknown outcome, the second …: the same bytes under the same key. */
  replays_ms: readonly number[];
  /** After that: looked up by our reference. When they are used up, people take over. */
  lookups_ms: readonly number[];
  /** While a gateway is away, or asks to be left alone without saying how long. */
  away_ms: number;
  /** While it does not know us: somebody has to mend the credentials first. */
  locked_out_ms: number;
  /** Before a payment that failed for a passing reason is tried again, as a new attempt. */
  again_ms: number;
  /** Before the gateway is asked again for the answer to an account's check; used up, people take over. */
  checks_ms: readonly number[];
  /** Before an event is gone by again whose object nobody knows here: the answer that names it may be under way. */
  strangers_ms: readonly number[];
}

const S = 1_000;
const MIN = 60 * S;
const H = 60 * MIN;

/**
 * Razorpay's own procedure after 5xx and timeouts: the same again at 1, 2 and 5 minutes, then look it up until
 * an hour is over; a new attempt 30 minutes after a failure that passes. Where Razorpay then calls it
 * failed, Kist lets people decide.
 */
export const PACE: Pace = {
  replays_ms: [MIN, MIN, 3 * MIN],
  lookups_ms: [5 * MIN, 10 * MIN, 20 * MIN, 20 * MIN],
  away_ms: 30 * S,
  locked_out_ms: MIN,
  again_ms: 30 * MIN,
  checks_ms: [5 * S, 10 * S, 30 * S, MIN, 5 * MIN, 30 * MIN, H, 6 * H, 24 * H],
  strangers_ms: [S, 5 * S, 30 * S],
};
