import { z } from 'zod';
import { minorText, minorUnits } from '../../../loans/schedule.ts';

/** An amount as Razorpay writes it, in paise; read as a decimal string such as "1250.50". */
export const amount = z
  .int()
  .nonnegative()
  .transform((paise) => minorText(BigInt(paise)));

/** The same of what may be below zero, such as a balance. */
export const signedAmount = z.int().transform((paise) => minorText(BigInt(paise)));

/** A moment as Razorpay writes it, in seconds since 1970. */
export const moment = z
  .int()
  .nonnegative()
  .transform((seconds) => new Date(seconds * 1_000));

export const currency = z.string().regex(/^[A-Z]{3}$/);

const CURRENCY = 'INR';

/**
 * An amount of rupees in paise, as Razorpay wants it.
 * @throws RangeError for another currency, for parts of a paisa, for nothing and for more than a double holds
 */
export function paise(money: { amount: string; currency: string }): number {
  if (money.currency !== CURRENCY) throw new RangeError(`Not ${CURRENCY}: ${money.currency}`);
  const units = Number(minorUnits(money.amount));
  if (units < 1 || !Number.isSafeInteger(units)) throw new RangeError(`Not to be paid: ${money.amount}`);
  return units;
}
