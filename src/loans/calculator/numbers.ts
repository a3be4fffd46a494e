import { z } from 'zod';
import { Precise } from './precise.ts';

const DECIMAL = /^[+-]?(?:\d{1,40}(?:\.\d{0,80})?|\.\d{1,80})(?:[eE][+-]?\d{1,2})?$/;
const EXPONENT_MAX = 30;
const SIZE_MAX = new Precise(10).pow(EXPONENT_MAX);
const SIZE_MIN = new Precise(10).pow(-EXPONENT_MAX);
const FORM = 'must be a decimal such as "0.0125" or "-1.25e-2"';

/**
 * A decimal as text, or a JSON number: that is read as the shortest text that means it, which is what was
 * written as long as it has at most 15 digits.
 */
export const decimal = z
  .union([z.string().regex(DECIMAL, { error: FORM }), z.number({ error: FORM })], { error: FORM })
  .transform((given) => new Precise(given))
  .refine((value) => value.isZero() || (value.abs().lte(SIZE_MAX) && value.abs().gte(SIZE_MIN)), {
    error: `must be 0, or between 1e-${EXPONENT_MAX} and 1e${EXPONENT_MAX} in size`,
  })
  .meta({ description: 'Decimal', examples: ['-1250.5'] });

const NPER_MAX = 1_000_000;

/** Rate of one period, as a fraction: 0.01 is 1 %. */
export const rate = decimal
  .refine((value) => value.gt(-1), { error: 'must be above -1' })
  .meta({ description: 'Rate of one period, a fraction: 0.01 is 1 %', examples: ['0.01'] });

/** How many periods; need not be whole. */
export const nper = decimal
  .refine((value) => value.gt(0) && value.lte(NPER_MAX), { error: `must be above 0, at most ${NPER_MAX}` })
  .meta({ description: 'Number of periods', examples: ['12'] });

/** 0: payments at the end of periods; 1: at their beginning. */
export const type = z
  .literal([0, 1, '0', '1'])
  .transform((given) => (Number(given) === 1 ? 1 : 0) as 0 | 1)
  .meta({ description: '0: payments at the end of periods; 1: at their beginning' });
