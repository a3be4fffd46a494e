/**
 * The business clock: what the books, due dates and schedules go by. Leases, retries and sweeps go by
 * the database's own clock instead, so that living through 90 days in seconds breaks no lease.
 */
export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };

/** A clock that stands still until told, for tests and the demo. */
export class SteppedClock implements Clock {
  #now: Date;

  constructor(start: Date) {
    this.#now = start;
  }

  now(): Date {
    return new Date(this.#now);
  }

  /** @throws RangeError when `instant` lies before the present: business time never runs backwards. */
  moveTo(instant: Date): void {
    if (instant < this.#now) throw new RangeError(`The clock stands at ${this.#now.toISOString()} already.`);
    this.#now = new Date(instant);
  }
}
