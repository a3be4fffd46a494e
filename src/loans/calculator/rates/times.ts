import { z } from 'zod';
import { type Fraction, plus } from '../fractions.ts';

const TERMS_MAX = 10;
const TERM = String.raw`(?:\d{1,6}(?:\.\d{1,20})?|\d{1,9}\/[1-9]\d{0,5})`;
const TIME = new RegExp(String.raw`^\s*${TERM}(?:\s*\+\s*${TERM}){0,${TERMS_MAX - 1}}\s*$`);
const TIME_MAX = 10_000n;
const FORM = 'must be a number or a sum of fractions, such as "0.5" or "3/12+5/365"';

/** A time from 0 on: a number, or a sum of fractions such as `3/12+5/365`. */
export const time = z
  .union([z.string().regex(TIME, { error: FORM }), z.number().min(0, { error: FORM })], { error: FORM })
  .refine((given) => TIME.test(String(given)), { error: FORM })
  .transform((given) => reduced(String(given).split('+').map(fraction).reduce(plus)))
  .refine(({ numerator, denominator }) => numerator <= TIME_MAX * denominator, {
    error: `must be at most ${TIME_MAX}`,
  })
  .meta({ description: 'Time, a number or a sum of fractions', examples: ['3/12+5/365'] });

/** The least common denominator of times. */
export function commonDenominator(times: readonly Fraction[]): bigint {
  return times.reduce((common, { denominator }) => {
    return (common / greatestDivisor(common, denominator)) * denominator;
  }, 1n);
}

export function isWhole({ numerator, denominator }: Fraction): boolean {
  return numerator % denominator === 0n;
}

function fraction(term: string): Fraction {
  const text = term.trim();
  const [above, below] = text.split('/');
  if (below !== undefined) return { numerator: BigInt(above!), denominator: BigInt(below) };
  const [whole, decimals = ''] = text.split('.');
  return { numerator: BigInt(whole! + decimals), denominator: 10n ** BigInt(decimals.length) };
}

function reduced({ numerator, denominator }: Fraction): Fraction {
  const divisor = greatestDivisor(numerator, denominator);
  return { numerator: numerator / divisor, denominator: denominator / divisor };
}

function greatestDivisor(one: bigint, other: bigint): bigint {
  let [larger, smaller] = [one, other];
  while (smaller !== 0n) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}
