/** The last so many entries of a log. */
export class Ring<Entry> {
  readonly #entries: Entry[] = [];
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  push(entry: Entry): void {
    this.#entries.push(entry);
    // Cutting seldom and much costs less than one by one.
    if (this.#entries.length >= 2 * this.#max) this.#entries.splice(0, this.#max);
  }

  /** Oldest first. */
  all(): readonly Entry[] {
    return this.#entries.slice(-this.#max);
  }
}
