import { Problem } from './problem.ts';

const FAILURES_TO_OPEN = 5;
const OPEN_MS = 1_000;

/**
 * Spares a failing database, and its callers the wait. Closed: requests pass. After FAILURES_TO_OPEN
 * requests in a row that could not reach the database it is open: requests are answered 503 at once.
 * After OPEN_MS one request is let through to try: its success closes the breaker, its failure opens it
 * for another OPEN_MS.
 */
export class Breaker {
  #failures = 0;
  #open_until_ms = 0;
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** @throws Problem database-unavailable while open. */
  pass(): void {
    if (this.#failures < FAILURES_TO_OPEN) return;
    const now_ms = this.#now();
    const left_ms = this.#open_until_ms - now_ms;
    if (left_ms > 0) {
      throw new Problem('database-unavailable', undefined, {
        headers: { 'retry-after': String(Math.ceil(left_ms / 1_000)) },
      });
    }
    this.#open_until_ms = now_ms + OPEN_MS;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  failed(): void {
    this.#failures += 1;
    if (this.#failures >= FAILURES_TO_OPEN) this.#open_until_ms = this.#now() + OPEN_MS;
  }
}
