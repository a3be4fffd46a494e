import { Decimal as AnyDecimal } from 'decimal.js';
import { z } from 'zod';

/**
 * The decimal of money: 34 significant digits (as IEEE decimal128), rounding half to even. A constructor of
 * its own, so that nobody's Decimal.set reaches it.
 */
export const Decimal = AnyDecimal.clone({
  precision: 34,
  rounding: AnyDecimal.ROUND_HALF_EVEN,
  toExpNeg: -40,
  toExpPos: 40,
});
export type Decimal = AnyDecimal;

export const ZERO: Decimal = new Decimal(0);

const INTEGER_DIGITS_MAX = 15;
const DECIMALS_MAX = 2;
const AMOUNT = new RegExp(`^(?:0|[1-9]\\d{0,${INTEGER_DIGITS_MAX - 1}})(?:\\.\\d{1,${DECIMALS_MAX}})?$`);

/**
 * An amount of money as it stands in JSON: a string, above zero, with at most 15 digits before the point and
 * 2 after it. Parsed to its canonical form with exactly 2 decimals (`"5"` and `"5.0"` become `"5.00"`), so
 * that equal amounts have equal fingerprints.
 */
export const amountSchema = z
  .string()
  .regex(AMOUNT, { error: 'must be an amount such as "1250.50": digits, at most 2 decimals, no sign' })
  .refine((text) => /[1-9]/.test(text), { error: 'must be above zero' })
  .transform(canonicalAmount)
  .meta({ description: 'Amount of money, above zero, at most 2 decimals', examples: ['1250.50'] });

/** ISO 4217 code, upper case. */
export const currencySchema = z
  .string()
  .regex(/^[A-Z]{3}$/, { error: 'must be a currency code such as "INR"' })
  .meta({ description: 'Currency, ISO 4217', examples: ['INR'] });

/** Reads a decimal in plain notation. @throws RangeError for anything else: NaN, Infinity, exponents, ''. */
export function toDecimal(text: string): Decimal {
  if (!/^-?\d+(\.\d+)?$/.test(text)) throw new RangeError(`Not a decimal: ${text}`);
  return new Decimal(text);
}

/** The amount in plain notation with 2 decimals. @throws RangeError where that would lose anything. */
export function formatAmount(amount: Decimal): string {
  if (!amount.isFinite() || amount.decimalPlaces() > DECIMALS_MAX) {
    throw new RangeError(`Not an amount of ${DECIMALS_MAX} decimals: ${amount.toString()}`);
  }
  return amount.toFixed(DECIMALS_MAX);
}

/** Rounds half to even to the 2 decimals of money. */
export function roundToMoney(amount: Decimal): Decimal {
  return amount.toDecimalPlaces(DECIMALS_MAX, Decimal.ROUND_HALF_EVEN);
}

export function sum(amounts: Iterable<Decimal>): Decimal {
  let total = ZERO;
  for (const amount of amounts) total = total.plus(amount);
  return total;
}

function canonicalAmount(text: string): string {
  const [whole, decimals = ''] = text.split('.');
  return `${whole}.${decimals.padEnd(DECIMALS_MAX, '0')}`;
}
