import type { z } from 'zod';

export interface CalculateOptions {
  /** Whether every number shall carry its trace. */
  explain?: boolean;
}

/** One function of the calculator. */
export interface Calculation {
  /** Its name, `fn` of a request. */
  fn: string;
  summary: string;
  /** Where its formula is from. */
  source: string;
  /** What it reads, without `fn`. */
  request: z.ZodType;
  answer: z.ZodType;
  /** A request for the manual, without `fn`. */
  example: object;
  /** @throws CalculationError where the request has no answer */
  run(request: unknown, options: CalculateOptions): object;
}

/** Holds a function to its own schema of requests. */
export function defineCalculation<Request extends z.ZodType>(
  given: Omit<Calculation, 'request' | 'run'> & {
    request: Request;
    run(request: z.output<Request>, options: CalculateOptions): object;
  },
): Calculation {
  return given as Calculation;
}
