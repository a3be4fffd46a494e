import { addMonths, type IsoDate } from '../calendar/business-date.ts';
import { decimalsOf, formatUnits, parseUnits } from './calculator/fractions.ts';
import { planSchedule } from './calculator/plan.ts';
import { divideRounded } from './calculator/rounding.ts';
import { type ProductRules, STANDARD_RULES } from './product-rules.ts';

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
const MINOR_DECIMALS = 2;
/** An annuity by months is the same from any day on. */
const ANY_DAY = '2000-01-01';

/**
 * The schedule of an annuity loan by months: that of the calculator, by the rules that products have unless
 * they choose others. E = P·i·(1+i)^n / ((1+i)^n − 1) with i = rate / 12; exactly n rows, the last of which
 * takes the remainder, so that the principal parts add up to the principal.
 * @throws RangeError for terms that no loan can have
 */
export function annuity(terms: Terms, rules = STANDARD_RULES.schedule): Annuity {
  const months = terms.tenure_months;
  if (!Number.isInteger(months) || months < 1 || months > MONTHS_MAX) {
    throw new RangeError(`A tenure is 1 to ${MONTHS_MAX} months, not ${months}.`);
  }
  return planSchedule({
    principal: minorUnits(terms.principal),
    annual_rate: terms.annual_rate,
    instalments: months,
    disbursed_on: ANY_DAY,
    rules: { ...rules, holiday_shift: 'none' },
  });
}

/** The ordinary instalment of the terms, written out, e.g. "4584.00". */
export function instalmentOf(terms: Terms, rules?: ProductRules['schedule']): string {
  return minorText(annuity(terms, rules).instalment);
}

/** Due dates of n monthly instalments: the same day of each following month, or that month's last day. */
export function dueDates(disbursed_on: IsoDate, months: number): IsoDate[] {
  return Array.from({ length: months }, (_, index) => addMonths(disbursed_on, index + 1));
}

/** An amount such as "1250.50" in minor units. @throws RangeError for more than 2 decimals, or no number. */
export function minorUnits(text: string): bigint {
  if (!/^\d{1,20}(?:\.\d{1,20})?$/.test(text)) throw new RangeError(`Not a decimal: ${text}`);
  if (decimalsOf(text) > MINOR_DECIMALS)
    throw new RangeError(`Not an amount of ${MINOR_DECIMALS} decimals: ${text}`);
  return parseUnits(text, MINOR_DECIMALS);
}

/** Minor units written out with 2 decimals. */
export function minorText(minor: bigint): string {
  return formatUnits(minor, MINOR_DECIMALS);
}

/** Quotient of two integers, dividend at least 0 and divisor above 0; halves to the even neighbour. */
export function roundHalfEven(dividend: bigint, divisor: bigint): bigint {
  return divideRounded(dividend, divisor, 'half-even');
}
