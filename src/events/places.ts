/** Calls of a slow endpoint under way at once in this process: one that hangs must not take all the places. */
const SLOW_CALLS_MAX = 8;
/** A call that takes longer makes its endpoint a slow one … */
const SLOW_MS = 1_000;
/** … for so long after its end. */
const SLOW_FOR_MS = 60_000;

interface Place {
  calls: number;
  slow_until_ms: number;
}

/** How many calls of each endpoint are under way here, and which endpoints are slow. */
export class Places {
  readonly #places = new Map<string, Place>();

  /** Runs `call`, unless the endpoint is slow and enough calls of it are under way: then null. */
  async within<T>(endpoint: string, call: () => Promise<T>): Promise<T | null> {
    const place = this.#places.get(endpoint) ?? { calls: 0, slow_until_ms: 0 };
    const started_ms = performance.now();
    if (place.calls >= SLOW_CALLS_MAX && started_ms < place.slow_until_ms) return null;
    this.#places.set(endpoint, place);
    place.calls += 1;
    try {
      return await call();
    } finally {
      const ended_ms = performance.now();
      place.calls -= 1;
      if (ended_ms - started_ms > SLOW_MS) place.slow_until_ms = ended_ms + SLOW_FOR_MS;
      if (place.calls === 0 && ended_ms >= place.slow_until_ms) this.#places.delete(endpoint);
    }
  }
}
