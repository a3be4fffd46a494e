import type { Store, Table } from './store.ts';

interface Moved {
  id: string;
  ahead_ms: number;
  floor_ms: number;
}

/**
 * The sandbox's clock. On the system's time it can be moved ahead and goes on from there; on a clock that
 * others move it never goes back behind what it was once moved to. A restart does not turn it back.
 */
export class MovableClock {
  readonly #base: () => number;
  readonly #runs: boolean;
  readonly #kept: Table<Moved>;
  #moved: Moved;
  #moment_ms: number | null = null;

  constructor(store: Store, now?: () => Date) {
    this.#kept = store.table('clock');
    this.#moved = this.#kept.get('clock') ?? { id: 'clock', ahead_ms: 0, floor_ms: 0 };
    this.#runs = now === undefined;
    this.#base = now ? () => now().getTime() : () => Date.now();
  }

  /** Milliseconds since 1970. */
  now(): number {
    return this.#moment_ms ?? Math.max(this.#base() + this.#moved.ahead_ms, this.#moved.floor_ms);
  }

  /** Seconds since 1970, as the providers' objects have them. */
  seconds(): number {
    return Math.floor(this.now() / 1_000);
  }

  /** Moves ahead; a moment that has passed changes nothing. */
  moveTo(moment_ms: number): void {
    if (moment_ms <= this.now()) return;
    if (this.#runs) this.#moved = { ...this.#moved, ahead_ms: moment_ms - this.#base() };
    else this.#moved = { ...this.#moved, floor_ms: moment_ms };
    this.#kept.put(this.#moved);
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
