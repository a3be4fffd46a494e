/**
 * The gateway's clock. On the system's time it can be moved ahead and goes on from there; on a clock that
 * others move it never goes back behind what it was once moved to.
 */
export class GatewayClock {
  readonly #base: () => number;
  readonly #runs: boolean;
  #ahead_ms = 0;
  #floor_ms = 0;
  #moment_ms: number | null = null;

  constructor(now?: () => Date) {
    this.#runs = now === undefined;
    this.#base = now ? () => now().getTime() : () => Date.now();
  }

  /** Milliseconds since 1970. */
  now(): number {
    return this.#moment_ms ?? Math.max(this.#base() + this.#ahead_ms, this.#floor_ms);
  }

  /** Seconds since 1970, as the gateway's objects have them. */
  seconds(): number {
    return Math.floor(this.now() / 1_000);
  }

  /** Moves ahead; a moment that has passed changes nothing. */
  moveTo(moment_ms: number): void {
    if (this.#runs) this.#ahead_ms = Math.max(this.#ahead_ms, moment_ms - this.#base());
    else this.#floor_ms = Math.max(this.#floor_ms, moment_ms);
  }

  /** What falls due at a moment that lies behind happens as of that moment. */
  asOf(moment_ms: number, act: () => void): void {
    this.#moment_ms = moment_ms;
    try {
      act();
    } finally {
      this.#moment_ms = null;
    }
  }
}
