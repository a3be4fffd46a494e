import { z } from 'zod';
import { CalculationError } from './errors.ts';

/** No list of a calculation is longer. */
export const LIST_LENGTH_MAX = 1_200;

const AMOUNT = /^(?:0|[1-9]\d{0,29})(?:\.\d{1,12})?$/;
const PERCENT = /^(?:0|[1-9]\d{0,4})(?:\.\d{1,12})?$/;
const FIRST_DATE = '1900-01-01';

/** An amount from 0, of at most 30 digits before the point and 12 after it. */
export const amountFromZero = z
  .string()
  .regex(AMOUNT, { error: 'must be an amount such as "1250.50": digits, at most 12 decimals, no sign' })
  .meta({ description: 'Amount of money', examples: ['1250.50'] });

/** An amount above 0. */
export const amount = amountFromZero
  .refine((text) => /[1-9]/.test(text), { error: 'must be above zero' })
  .meta({ description: 'Amount of money, above zero', examples: ['100000'] });

/** A yearly rate in percent, from 0 to below 100,000. */
export const percent = z
  .string()
  .regex(PERCENT, { error: 'must be a percentage such as "12.5": digits, at most 12 decimals, no sign' })
  .meta({ description: 'Percent a year', examples: ['12.5'] });

/** A day of the calendar from 1900 on. */
export const date = z.iso
  .date({ error: 'must be a date such as "2026-01-31"' })
  .refine((text) => text >= FIRST_DATE, { error: `must not be before ${FIRST_DATE}` })
  .meta({ description: 'Date, YYYY-MM-DD', examples: ['2026-01-31'] });

/** A list of at most 1,200. */
export const list = <Item extends z.ZodType>(item: Item) => z.array(item).max(LIST_LENGTH_MAX);

/**
 * The request that `input` states.
 * @throws CalculationError that names the first field at fault.
 */
export function parseRequest<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const field = [...path, issue.keys[0]!].join('.');
    throw new CalculationError('unknown-field', `There is no field ${field}.`, field);
  }
  const field = path.join('.');
  if (isMissing(input, path)) {
    throw new CalculationError('missing-field', `The field ${field} is missing.`, field);
  }
  throw new CalculationError('invalid-value', `${field || 'The request'}: ${issue.message}`, field);
}

function isMissing(input: unknown, path: readonly string[]): boolean {
  let value = input;
  for (const name of path) {
    if (typeof value !== 'object' || value === null) return false;
    value = (value as Record<string, unknown>)[name];
  }
  return value === undefined && path.length > 0;
}
