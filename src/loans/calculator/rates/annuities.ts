import { z } from 'zod';
import { CalculationError } from '../errors.ts';
import { decimal, nper, rate, type } from '../numbers.ts';
import { Precise } from '../precise.ts';
import { type ValueAnswer, valueAnswer } from './value.ts';

const ZERO = new Precise(0);
const ONE = new Precise(1);

const payment = decimal.meta({ description: 'Payment of each period; below zero: paid', examples: ['-200'] });
const present = decimal.meta({ description: 'Present value', examples: ['8000'] });
const future = decimal.default(ZERO).meta({ description: 'Balance after the last payment; 0 unless told' });
const when = type.default(0);
const period = decimal
  .refine((value) => value.gte(1), { error: 'must be at least 1' })
  .meta({ description: 'Period, from 1 on', examples: ['1'] });

export const pmtRequest = z.strictObject({ rate, nper, pv: present, fv: future, type: when });
export const fvRequest = z.strictObject({
  rate,
  nper,
  pmt: payment.default(ZERO),
  pv: present.default(ZERO),
  type: when,
});
export const pvRequest = z.strictObject({ rate, nper, pmt: payment.default(ZERO), fv: future, type: when });
export const nperRequest = z.strictObject({ rate, pmt: payment, pv: present, fv: future, type: when });
export const partRequest = z.strictObject({ rate, per: period, nper, pv: present, fv: future, type: when });

const aboveZero = (schema: typeof decimal) =>
  schema.refine((value) => value.gt(0), { error: 'must be above 0' });
export const cumulativeRequest = z.strictObject({
  rate: aboveZero(rate),
  nper,
  pv: aboveZero(decimal).meta({ description: 'Present value, above 0', examples: ['125000'] }),
  start: period.meta({ description: 'First period', examples: ['13'] }),
  end: period.meta({ description: 'Last period', examples: ['24'] }),
  type: when,
});

/**
 * Excel's functions of an annuity. Of every one of them the equation is
 *
 *     pv · (1+r)^n + pmt · (1 + r·type) · ((1+r)^n − 1) / r + fv = 0,  and for r = 0:  pv + pmt · n + fv = 0
 *
 * Money received is above zero, money paid below.
 */
export const pmt = answering(pmtRequest, 'pmt/1', paymentOf);

export const fv = answering(fvRequest, 'fv/1', ({ rate, nper, pmt, pv, type }) =>
  pv
    .times(growth(rate, nper).plus(1))
    .plus(pmt.times(worthOfOnes(rate, nper, type)))
    .neg(),
);

export const pv = answering(pvRequest, 'pv/1', ({ rate, nper, pmt, fv, type }) =>
  pmt
    .times(worthOfOnes(rate, nper, type))
    .plus(fv)
    .div(growth(rate, nper).plus(1))
    .neg(),
);

/** How many periods; null where no number of them does. */
export const nperOf = answering(nperRequest, 'nper/1', ({ rate, pmt, pv, fv, type }) => {
  if (rate.isZero()) return pmt.isZero() ? null : pv.plus(fv).div(pmt).neg();
  const paid = pmt.times(rate.times(type).plus(1));
  const [above, below] = [paid.minus(fv.times(rate)), paid.plus(pv.times(rate))];
  if (below.isZero() || above.div(below).lte(0)) return null;
  return above.div(below).ln().div(rate.plus(1).ln());
});

/** The interest in the payment of one period. */
export const ipmt = answering(partRequest, 'ipmt/1', (request) => {
  checkPeriod(request.per, request.nper, 'per');
  return paymentOf(request).minus(principalIn(request, request.per, ONE));
});

/** The principal in the payment of one period. */
export const ppmt = answering(partRequest, 'ppmt/1', (request) => {
  checkPeriod(request.per, request.nper, 'per');
  return principalIn(request, request.per, ONE);
});

/** The interest in the payments from `start` to `end`. */
export const cumipmt = answering(cumulativeRequest, 'cumipmt/1', (given) => {
  const { request, start, count } = spanOf(given);
  return paymentOf(request)
    .times(count)
    .minus(principalIn(request, start, count));
});

/** The principal in the payments from `start` to `end`. */
export const cumprinc = answering(cumulativeRequest, 'cumprinc/1', (given) => {
  const { request, start, count } = spanOf(given);
  return principalIn(request, start, count);
});

interface Annuity {
  rate: Precise;
  nper: Precise;
  pv: Precise;
  fv: Precise;
  type: 0 | 1;
}

function paymentOf({ rate, nper, pv, fv, type }: Annuity): Precise {
  const worth = worthOfOnes(rate, nper, type);
  return pv.times(growth(rate, nper).plus(1)).plus(fv).div(worth).neg();
}

/** (1+r)^n − 1. */
function growth(rate: Precise, periods: Precise): Precise {
  return rate.plus(1).pow(periods).minus(1);
}

/** The future value of payments of 1. */
function worthOfOnes(rate: Precise, nper: Precise, type: 0 | 1): Precise {
  if (rate.isZero()) return nper;
  return growth(rate, nper).div(rate).times(rate.times(type).plus(1));
}

/**
 * The principal in `count` payments from `first` on. The parts of one annuity grow by 1 + r from payment to
 * payment: −(pv + fv) · (1+r)^(first−1) · ((1+r)^count − 1) / ((1+r)^nper − 1). Nothing cancels out in that.
 * Paid in advance (type 1), the first payment is all principal, and the others lag one period behind.
 */
function principalIn(request: Annuity, first: Precise, count: Precise): Precise {
  const { rate, nper, pv, fv, type } = request;
  if (rate.isZero()) return paymentOf(request).times(count);
  if (type === 1 && first.lt(2)) {
    const later = count.minus(1);
    return later.isZero()
      ? paymentOf(request)
      : paymentOf(request).plus(principalIn(request, new Precise(2), later));
  }
  const grown = rate.plus(1).pow(first.minus(1 + type));
  return pv.plus(fv).times(grown).times(growth(rate, count)).div(growth(rate, nper)).neg();
}

function checkPeriod(period: Precise, nper: Precise, field: string): void {
  if (period.lt(nper.plus(1))) return;
  throw new CalculationError('invalid-value', `${field}: must not be after the last period, nper`, field);
}

/** The span from `start` to `end`; as in Excel only the whole part of each number counts. */
function spanOf(given: z.output<typeof cumulativeRequest>) {
  const [nper, start, end] = [given.nper.trunc(), given.start.trunc(), given.end.trunc()];
  if (end.gt(nper)) {
    throw new CalculationError('invalid-value', 'end: must not be after the last period, nper', 'end');
  }
  if (start.gt(end)) throw new CalculationError('invalid-value', 'start: must not be after end', 'start');
  const request: Annuity = { rate: given.rate, nper, pv: given.pv, fv: ZERO, type: given.type };
  return { request, start, count: end.minus(start).plus(1) };
}

/** A function from requests to numbers, as one from requests to answers. */
function answering<Schema extends z.ZodType<Record<string, Precise | number>>>(
  _schema: Schema,
  rule: string,
  calculate: (request: z.output<Schema>) => Precise | null,
): (request: z.output<Schema>, options?: { explain?: boolean }) => ValueAnswer {
  return (request, options = {}) => valueAnswer(rule, request, calculate(request), options.explain === true);
}
