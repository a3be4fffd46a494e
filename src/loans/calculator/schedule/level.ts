import { type Fraction, times } from '../fractions.ts';
import { divideRounded, type RoundingMode } from '../rounding.ts';
import type { Rounding } from './terms.ts';

/** What the rows of a loan have in common until it changes. */
export interface Level {
  /** Principal and interest of a row; principal alone where the principal is what is equal. */
  amount: bigint;
  /** The amount before rounding; undefined where it was given. */
  exact: Fraction | undefined;
  /** Flat loans: the interest of a row, and of all rows the level is for. */
  flat: { each: bigint; total: bigint };
}

/** Products longer than this are cut by half of it: what counts is only how they compare. */
const LONGEST = 2n ** 1_024n;
const SPARE_BITS = 512n;

/**
 * The equal instalment of rows whose periods need not be equal, E = P·Π(1+i) / S with S = Σ_j Π_{m>j}(1+i_m):
 * exactly, unless so many periods differ that the products get too long; then to 150 digits.
 * @param owed principal with interest on the due day of the first of the rows
 * @param later i of each row after the first
 */
export function equalInstalment(owed: Fraction, later: readonly Fraction[]): Fraction {
  const regular = later[0];
  if (regular && later.every((growth) => growth === regular)) {
    return regularInstalment(owed, regular, BigInt(later.length));
  }
  let grown = 1n;
  let denominator = 1n;
  let sum = 1n;
  for (const growth of later) {
    const factor = growth.denominator + growth.numerator;
    grown *= factor;
    denominator *= growth.denominator;
    sum = sum * factor + denominator;
    if (denominator > LONGEST) {
      [grown, denominator, sum] = [grown >> SPARE_BITS, denominator >> SPARE_BITS, sum >> SPARE_BITS];
    }
  }
  return { numerator: owed.numerator * grown, denominator: owed.denominator * sum };
}

/** The sum in closed form: with i = N/D and A = N + D it is (A^(r+1) − D^(r+1)) / (N·D^r). */
function regularInstalment(owed: Fraction, growth: Fraction, later: bigint): Fraction {
  const { numerator, denominator } = growth;
  if (numerator === 0n) return { ...owed, denominator: owed.denominator * (later + 1n) };
  const factor = denominator + numerator;
  const grown = factor ** later;
  return {
    numerator: owed.numerator * grown * numerator,
    denominator: owed.denominator * (grown * factor - denominator ** (later + 1n)),
  };
}

/** Rounded to a multiple of `step` units. */
export function roundUnits({ numerator, denominator }: Fraction, step: bigint, mode: RoundingMode): bigint {
  return step === 1n
    ? divideRounded(numerator, denominator, mode)
    : divideRounded(numerator, denominator * step, mode) * step;
}

/**
 * The level amount as it is paid: to the multiple asked for; a multiple lower where that does not fit; to the
 * unit where neither does. Without this, an instalment rounded up would pay a small loan off rows too early.
 */
export function payable(exact: Fraction, rounding: Rounding, fits: (amount: bigint) => boolean): bigint {
  const { mode, step, multiple } = rounding;
  if (multiple !== undefined) {
    const rounded = roundUnits(exact, multiple, mode);
    if (fits(rounded)) return rounded;
    if (fits(rounded - multiple)) return rounded - multiple;
  }
  return roundUnits(exact, step, mode);
}

/** One of `count` equal parts. */
export function part(whole: Fraction, count: number): Fraction {
  return { ...whole, denominator: whole.denominator * BigInt(count) };
}

/** Interest on a principal at a yearly rate over a part of a year. */
export function interestOn(principal: bigint, rate: Fraction, share: Fraction): Fraction {
  return times(
    { numerator: rate.numerator * share.numerator, denominator: rate.denominator * share.denominator },
    principal,
  );
}
