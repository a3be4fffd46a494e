import { z } from 'zod';
import { Decimal } from '../../ledger/money.ts';
import { minorText } from '../schedule.ts';
import type { Trace } from './trace.ts';

/** What the loan jobs count with: amounts of 2 decimals, and rates of at most 10 as a fraction. */
const AMOUNT = /^(?:0|[1-9]\d{0,14})(?:\.\d{1,2})?$/;
const PERCENT = /^(?:0|[1-9]\d{0,2})(?:\.\d{1,8})?$/;

/** An amount from 0 with at most 2 decimals, as the books keep it. */
export const bookedAmount = z
  .string()
  .regex(AMOUNT, { error: 'must be an amount such as "1250.50": digits, at most 2 decimals, no sign' })
  .meta({ description: 'Amount of money', examples: ['1250.50'] });

/** A percentage below 1,000, of at most 8 decimals. */
export const shortPercent = z
  .string()
  .regex(PERCENT, { error: 'must be a percentage such as "0.075": digits, at most 8 decimals, no sign' })
  .meta({ description: 'Percent', examples: ['0.075'] });

/** "0.075" percent is the fraction "0.00075". */
export function fractionOf(percent: string): string {
  return new Decimal(percent).div(100).toFixed();
}

/** That an amount was added up, or divided among others: nothing was rounded. */
export function exactly(rule: string, inputs: Trace['inputs'], minor: bigint): Trace {
  return { rule, inputs, unrounded: minorText(minor), rounding: 'none' };
}

export const HALF_EVEN = 'half-even to 2 places';
