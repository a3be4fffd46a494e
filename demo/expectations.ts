import { KistError } from '../src/client/error.ts';

/** Compares what came of each line with what had to; the demo fails where they differ. */
export class Expectations {
  readonly #surprises: string[] = [];
  #met = 0;

  check(line: string, expected: string, actual: string): void {
    if (expected === actual) this.#met += 1;
    else this.#surprises.push(`${line}: expected ${expected}, but it was ${actual}`);
  }

  get met(): number {
    return this.#met;
  }

  get surprises(): readonly string[] {
    return this.#surprises;
  }
}

/** How the API turned a line away, in the words of the files: `invalid/<field>`, `conflict`, or the code. */
export function refusalOf(error: unknown): string {
  if (!(error instanceof KistError) || error.status < 400 || error.status >= 500) throw error;
  if (error.code === 'idempotency-conflict') return 'conflict';
  const [wrong] = error.errors;
  return wrong ? `invalid${wrong.pointer}` : error.code;
}
