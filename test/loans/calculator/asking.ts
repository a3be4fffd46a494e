import { calculate } from '../../../src/loans/calculator/calculate.ts';
import { CalculationError } from '../../../src/loans/calculator/errors.ts';

/** An answer has `rate` or `value`; a test knows which. */
export interface Answer {
  rate: string | null;
  value: string | null;
}

/** The answer of one function, as JSON has it. */
export function ask(fn: string, request: object): Answer {
  return calculate({ fn, ...request }) as Answer;
}

/** The one number of an answer, as a double: what published tables are precise to. */
export function numberOf(fn: string, request: object): number {
  const { value, rate } = ask(fn, request);
  const text = value ?? rate;
  if (!text) throw new Error(`${fn} has no answer to ${JSON.stringify(request)}`);
  return Number(text);
}

/** Code and field of the error that a request ends in. */
export function refusal(input: unknown): { code: string; field: string } {
  try {
    calculate(input);
  } catch (error) {
    if (error instanceof CalculationError) return { code: error.code, field: error.field };
    throw error;
  }
  throw new Error(`Nothing is wrong with ${JSON.stringify(input)}.`);
}

/** How the numbers of an answer came about. */
export function explain(input: unknown): unknown {
  return (calculate(input, { explain: true }) as { trace?: unknown }).trace;
}
