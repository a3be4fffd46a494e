/** How a breaker judges a provider. */
export interface BreakerOptions {
  /** So many failures in a row open it. */
  failures_max: number;
  /** So long it stays open; then one call is let through to try. */
  open_ms: number;
  now_ms?: () => number;
}

/**
 * A circuit breaker of one process: after too many failures in a row nobody calls for a while, so that a
 * provider in trouble is left alone and no attempt is spent on it. Then one call tries, and its end
 * decides for all.
 */
export class Breaker {
  readonly #options: Required<BreakerOptions>;
  #failures = 0;
  #open_until_ms = 0;
  #trying = false;

  constructor(options: BreakerOptions) {
    this.#options = { now_ms: () => performance.now(), ...options };
  }

  /** How long the caller must wait, in ms; 0: call now, and tell how it ended. */
  admit(): number {
    if (this.#failures < this.#options.failures_max) return 0;
    const wait_ms = this.#open_until_ms - this.#options.now_ms();
    if (wait_ms > 0) return wait_ms;
    if (this.#trying) return this.#options.open_ms;
    this.#trying = true;
    return 0;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#trying = false;
  }

  failed(): void {
    this.#failures += 1;
    this.#trying = false;
    if (this.#failures >= this.#options.failures_max) {
      this.#open_until_ms = this.#options.now_ms() + this.#options.open_ms;
    }
  }

  /** The call was given up for a reason of ours: it says nothing of the provider. */
  abandoned(): void {
    this.#trying = false;
  }
}
