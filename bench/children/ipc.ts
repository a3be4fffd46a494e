/** What the parent asks of this process: the first message it sends. */
export function task<T>(): Promise<T> {
  return new Promise((resolve) => process.once('message', (message) => resolve(message as T)));
}

export function ready(facts: Record<string, unknown> = {}): void {
  process.send!({ ready: facts });
}

export function answer(value: unknown): void {
  process.send!({ answer: value });
}

/** Answers what the parent asks, one question after the other. */
export function onQuestion<Question>(reply: (question: Question) => Promise<unknown>): void {
  process.on('message', (message: { question?: Question }) => {
    if (message.question !== undefined) void reply(message.question).then((told) => process.send!({ told }));
  });
}

/** Ends when the parent says so, or is gone. */
export function stopWith(close: () => Promise<unknown>): void {
  const stop = () => void close().finally(() => process.exit(0));
  process.once('SIGTERM', stop);
  process.once('disconnect', stop);
}

/** The rate of a run without its warm-up: the clock starts when a tenth is done, and stops with the last. */
export class Meter {
  readonly #expected: number;
  #count = 0;
  #from: { count: number; at_ms: number } | null = null;

  constructor(expected: number) {
    this.#expected = expected;
  }

  /** @returns the rate a second, once all are counted */
  add(count: number): number | undefined {
    this.#count += count;
    if (!this.#from && this.#count >= this.#expected / 10)
      this.#from = { count: this.#count, at_ms: performance.now() };
    if (this.#count < this.#expected || !this.#from) return undefined;
    return ((this.#count - this.#from.count) / (performance.now() - this.#from.at_ms)) * 1_000;
  }
}

export function memory_mb(): number {
  return process.resourceUsage().maxRSS / 1_024;
}
