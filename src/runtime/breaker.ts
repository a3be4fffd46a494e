/** How a breaker judges a provider. */
export interface BreakerOptions {
  /** So many failures in a row open it. */
  failures_max: number;
  /** So long it stays open; then one call is let through to try. */
  open_ms: number;
  /** Those turned away come back one after another, so far apart: an outage must not end in a stampede. */
  spacing_ms?: number;
  now_ms?: () => number;
}

const SPACING_MS = 10;
/** Nobody waits longer for a turn, however many are waiting. */
const TURN_MS_MAX = 300_000;

/**
 * A circuit breaker of one process: after too many failures in a row nobody calls for a while, so that a
 * provider in trouble is left alone. Then one call tries, and its end decides for all. Whoever is turned
 * away is told when to come back.
 */
export class Breaker {
  readonly #options: Required<BreakerOptions>;
  #failures = 0;
  #answered = false;
  #open_until_ms = 0;
  #last_turn_ms = 0;
  #trying = false;

  constructor(options: BreakerOptions) {
    this.#options = { now_ms: () => performance.now(), spacing_ms: SPACING_MS, ...options };
  }

  /** How long the caller must wait, in ms; 0: call now, and tell how it ended. */
  admit(): number {
    const wait_ms = this.turnAway();
    this.#trying ||= wait_ms === 0 && this.#isOpen;
    return wait_ms;
  }

  /** As `admit`, for who only prepares a call: 0 promises nothing, and nothing need be told. */
  turnAway(): number {
    if (!this.#isOpen) return 0;
    const now_ms = this.#options.now_ms();
    if (now_ms < this.#open_until_ms) return this.#turn(this.#open_until_ms);
    return this.#trying ? this.#turn(now_ms + this.#options.open_ms) : 0;
  }

  get #isOpen(): boolean {
    return this.#failures >= this.#options.failures_max;
  }

  /**
   * Whether the last call to end was answered. Then a failure may be the question's own fault; otherwise
   * it says of the provider only what is known already.
   */
  get isWell(): boolean {
    return this.#answered && this.#failures === 0;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#answered = true;
    this.#trying = false;
    this.#last_turn_ms = 0;
  }

  /** @returns when to try again, in ms from now */
  failed(): number {
    const { now_ms, open_ms, failures_max } = this.#options;
    this.#failures += 1;
    this.#trying = false;
    const pause_ms = (open_ms * Math.min(this.#failures, failures_max)) / failures_max;
    if (this.#failures >= failures_max) this.#open_until_ms = now_ms() + open_ms;
    return this.#turn(now_ms() + pause_ms);
  }

  /** The call was given up for a reason of ours: it says nothing of the provider. */
  abandoned(): void {
    this.#trying = false;
  }

  /** The next free turn from `earliest_ms` on, in ms from now. */
  #turn(earliest_ms: number): number {
    const { now_ms, spacing_ms } = this.#options;
    const latest_ms = now_ms() + TURN_MS_MAX;
    this.#last_turn_ms = Math.min(Math.max(earliest_ms, this.#last_turn_ms + spacing_ms), latest_ms);
    return Math.ceil(this.#last_turn_ms - now_ms());
  }
}
