import { CalculationError } from '../errors.ts';
import { answerText, Precise, UNROUNDED } from '../precise.ts';
import type { Trace } from '../trace.ts';

/** Above this even Excel has no number. */
const SIZE_MAX = new Precise('1e308');

/** The answer of a function that gives one number. */
export interface ValueAnswer {
  /** 34 significant digits; null where no number satisfies the equation. */
  value: string | null;
  /** With `explain`. */
  trace?: { value: Trace };
}

/** @throws CalculationError where the number is too large to be written down */
export function valueAnswer(
  rule: string,
  inputs: Record<string, unknown>,
  value: Precise | null,
  explain: boolean,
): ValueAnswer {
  const answer = { value: numberText(value) };
  return explain ? { ...answer, trace: { value: traceOf(rule, inputs, value) } } : answer;
}

/** How a number came about that is not rounded to places. */
export function traceOf(rule: string, inputs: Record<string, unknown>, value: Precise | null): Trace {
  const given = Object.entries(inputs).filter(([, each]) => each !== undefined);
  return {
    rule,
    inputs: Object.fromEntries(given.map(([name, each]) => [name, inputOf(each)])),
    unrounded: numberText(value) ?? 'none',
    rounding: UNROUNDED,
  };
}

export function numberText(value: Precise | null): string | null {
  if (value && (!value.isFinite() || value.abs().gt(SIZE_MAX))) {
    throw new CalculationError('out-of-range', 'The answer is above 1e308 in size.', '');
  }
  return value && answerText(value);
}

function inputOf(value: unknown): string | number {
  if (typeof value === 'number') return value;
  return Array.isArray(value) ? `${value.length} values` : String(value);
}
