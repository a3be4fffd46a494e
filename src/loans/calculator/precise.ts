import { Decimal as AnyDecimal } from 'decimal.js';

const WORKING_DIGITS = 90;
const ANSWER_DIGITS = 34;
const EXPONENT_PLAIN_MAX = 40;

/**
 * The decimal that rates and annuities are worked out with: 90 digits, so that 34 are left after the
 * cancellation that rates as small as 1e-30 bring.
 */
export const Precise = AnyDecimal.clone({
  precision: WORKING_DIGITS,
  rounding: AnyDecimal.ROUND_HALF_EVEN,
  toExpNeg: -EXPONENT_PLAIN_MAX,
  toExpPos: EXPONENT_PLAIN_MAX,
});
export type Precise = AnyDecimal;

/** What `Trace.rounding` says of answers that are not rounded to places. */
export const UNROUNDED = `none; ${ANSWER_DIGITS} significant digits`;

/** The value to 34 significant digits, as IEEE decimal128 has them; plain notation unless very long. */
export function answerText(value: Precise): string {
  const rounded = value.toSignificantDigits(ANSWER_DIGITS);
  return rounded.isZero() ? '0' : rounded.toString();
}
