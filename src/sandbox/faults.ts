import { createHash } from 'node:crypto';

/** How often, of 1,000 requests, a simulated provider fails, and in which way. */
export interface FaultScript {
  /** 503 with Retry-After. */
  unavailable: number;
  /** The connection is reset. */
  reset: number;
  /** No answer comes. */
  silent: number;
  delay_ms_min: number;
  delay_ms_max: number;
  /** So many failures in a row for one subject at most; then it is answered. */
  failures_in_row_max: number;
}

export const MODEST_FAULTS: FaultScript = {
  unavailable: 50,
  reset: 20,
  silent: 3,
  delay_ms_min: 20,
  delay_ms_max: 120,
  failures_in_row_max: 3,
};

export const NO_FAULTS: FaultScript = {
  unavailable: 0,
  reset: 0,
  silent: 0,
  delay_ms_min: 0,
  delay_ms_max: 0,
  failures_in_row_max: 0,
};

export type Fault = 'unavailable' | 'reset' | 'silent';

/** What happens to a subject's n-th request: the same for the same seed, whatever else is going on. */
export function faultOf(
  script: FaultScript,
  seed: number,
  subject: string,
  attempt: number,
): { fault: Fault | null; delay_ms: number } {
  const [dice, delay] = draw(`${seed}/${subject}/${attempt}`);
  const spread = script.delay_ms_max - script.delay_ms_min;
  const delay_ms = script.delay_ms_min + (spread > 0 ? delay % (spread + 1) : 0);
  if (attempt > script.failures_in_row_max) return { fault: null, delay_ms };
  const per_mille = dice % 1_000;
  const { unavailable, reset, silent } = script;
  if (per_mille < unavailable) return { fault: 'unavailable', delay_ms };
  if (per_mille < unavailable + reset) return { fault: 'reset', delay_ms };
  if (per_mille < unavailable + reset + silent) return { fault: 'silent', delay_ms };
  return { fault: null, delay_ms };
}

/** Two whole numbers below 2^32 that look random and depend on the text alone. */
export function draw(text: string): [number, number] {
  const digest = createHash('sha256').update(text).digest();
  return [digest.readUInt32BE(0), digest.readUInt32BE(4)];
}
