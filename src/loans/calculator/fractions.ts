/** An exact quotient of whole numbers, denominator above 0. Not reduced. */
export interface Fraction {
  numerator: bigint;
  denominator: bigint;
}

export const NOTHING: Fraction = { numerator: 0n, denominator: 1n };

export function plus(left: Fraction, right: Fraction): Fraction {
  if (left.denominator === right.denominator) {
    return { numerator: left.numerator + right.numerator, denominator: left.denominator };
  }
  const shared = greatestCommonDivisor(left.denominator, right.denominator);
  const [ofLeft, ofRight] = [left.denominator / shared, right.denominator / shared];
  return {
    numerator: left.numerator * ofRight + right.numerator * ofLeft,
    denominator: ofLeft * right.denominator,
  };
}

function greatestCommonDivisor(one: bigint, other: bigint): bigint {
  let [larger, smaller] = [one, other];
  while (smaller > 0n) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}

export function times(fraction: Fraction, factor: bigint): Fraction {
  return { numerator: fraction.numerator * factor, denominator: fraction.denominator };
}

/** Digits after the point that say something: 1 of "2.50". */
export function decimalsOf(text: string): number {
  const point = text.indexOf('.');
  if (point < 0) return 0;
  let end = text.length;
  while (text[end - 1] === '0') end -= 1;
  return Math.max(0, end - point - 1);
}

/** A decimal such as "1250.50" as a count of its `places`-th decimals. It has no more than that. */
export function parseUnits(text: string, places: number): bigint {
  const [whole, decimals = ''] = text.split('.');
  return BigInt(whole! + decimals.slice(0, places).padEnd(places, '0'));
}

/** The inverse of `parseUnits`, with exactly `places` decimals. */
export function formatUnits(units: bigint, places: number): string {
  const sign = units < 0n ? '-' : '';
  const digits = (units < 0n ? -units : units).toString();
  if (places === 0) return sign + digits;
  const padded = digits.padStart(places + 1, '0');
  return `${sign}${padded.slice(0, -places)}.${padded.slice(-places)}`;
}
