import { z } from 'zod';
import { amount } from './fields.ts';

export const ROUNDING_MODES = ['half-even', 'half-up', 'up', 'down'] as const;
export type RoundingMode = (typeof ROUNDING_MODES)[number];

const PLACES_MAX = 8;

/** How computed amounts are rounded. */
export const roundingSchema = z.strictObject({
  mode: z.enum(ROUNDING_MODES).default('half-even').meta({
    description: 'half-even: halves to the even neighbour. up: away from zero. down: towards zero.',
  }),
  places: z
    .int()
    .min(0)
    .max(PLACES_MAX)
    .default(2)
    .meta({ description: 'Decimals of every computed amount' }),
  instalmentMultiple: amount.optional().meta({
    description:
      'Round the level instalment to a multiple of this; one multiple lower where it would pay the loan off before its last row',
  }),
});

/** The quotient of two integers, dividend at least 0 and divisor above 0. */
export function divideRounded(dividend: bigint, divisor: bigint, mode: RoundingMode): bigint {
  const quotient = dividend / divisor;
  const rest = dividend - quotient * divisor;
  if (rest === 0n || mode === 'down') return quotient;
  if (mode === 'up') return quotient + 1n;
  const twice = rest * 2n;
  if (twice === divisor) return mode === 'half-up' || quotient % 2n === 1n ? quotient + 1n : quotient;
  return twice > divisor ? quotient + 1n : quotient;
}
