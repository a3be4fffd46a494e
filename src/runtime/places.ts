/** Calls of a slow receiver under way at once in this process: one that hangs must not take all the places. */
const SLOW_CALLS_MAX = 8;
/** A call that takes longer makes its receiver a slow one … */
const SLOW_MS = 1_000;
/** … for so long after its end. */
const SLOW_FOR_MS = 60_000;

interface Place {
  calls: number;
  slow_until_ms: number;
}

/** How many calls of each receiver (a webhook endpoint, a tenant's provider) are under way here, and which are slow. */
export class Places {
  readonly #places = new Map<string, Place>();

  /** Runs `call`, unless the receiver is slow and enough calls of it are under way: then null. */
  async within<T>(receiver: string, call: () => Promise<T>): Promise<T | null> {
    const place = this.#places.get(receiver) ?? { calls: 0, slow_until_ms: 0 };
    const started_ms = performance.now();
    if (place.calls >= SLOW_CALLS_MAX && started_ms < place.slow_until_ms) return null;
    this.#places.set(receiver, place);
    place.calls += 1;
    try {
      return await call();
    } finally {
      const ended_ms = performance.now();
      place.calls -= 1;
      if (ended_ms - started_ms > SLOW_MS) place.slow_until_ms = ended_ms + SLOW_FOR_MS;
      if (place.calls === 0 && ended_ms >= place.slow_until_ms) this.#places.delete(receiver);
    }
  }
}
