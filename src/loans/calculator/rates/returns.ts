import { z } from 'zod';
import { date } from '../fields.ts';
import { decimal, nper, rate as rateField, type } from '../numbers.ts';
import { Precise } from '../precise.ts';
import type { Trace } from '../trace.ts';
import { type Series, single } from './series.ts';
import { solveRate } from './solve.ts';
import { numberText, traceOf, type ValueAnswer, valueAnswer } from './value.ts';

const FLOWS_MAX = 10_000;
const DAY_MS = 86_400_000;
const DAYS_PER_YEAR = 365;
/** Where the search begins in Excel, unless told: the nearest of several rates is the answer. */
const GUESS = new Precise('0.1');

const guess = decimal
  .refine((value) => value.gt(-1), { error: 'must be above -1' })
  .optional()
  .meta({ description: 'Of several rates the one nearest to this is the answer; 0.1 unless told' });

export const xirrRequest = z.strictObject({
  flows: z
    .array(z.strictObject({ on: date, amount: decimal }))
    .min(1)
    .max(FLOWS_MAX)
    .meta({ description: 'In any order; below zero: paid, above: received' }),
  guess,
});
export const irrRequest = z.strictObject({
  values: z.array(decimal).min(1).max(FLOWS_MAX).meta({ description: 'One a period, the first now' }),
  guess,
});
export const npvRequest = z.strictObject({
  rate: rateField,
  values: z.array(decimal).min(1).max(FLOWS_MAX).meta({ description: 'One a period, the first after one' }),
});

export const rateRequest = z.strictObject({
  nper,
  pmt: decimal,
  pv: decimal,
  fv: decimal.default(new Precise(0)),
  type: type.default(0),
  guess,
});

export interface XirrAnswer {
  /** A fraction a year, 34 significant digits; null where there is none. */
  rate: string | null;
  /** With `explain`. */
  trace?: { rate: Trace };
}

interface Options {
  explain?: boolean;
}

interface Sides {
  in: Series[];
  out: Series[];
}

/**
 * The yearly rate at which dated flows are worth nothing together: Σ a(1+x)^(−days/365) = 0. Null where no
 * rate does that.
 */
export function xirr(request: z.output<typeof xirrRequest>, options: Options = {}): XirrAnswer {
  const { flows, guess = GUESS } = request;
  const days = flows.map(({ on }) => Date.parse(on) / DAY_MS);
  const first = days.reduce((one, other) => Math.min(one, other));
  const byDay = new Map<number, Precise>();
  for (const [index, { amount }] of flows.entries()) {
    const day = days[index]! - first;
    byDay.set(day, byDay.get(day)?.plus(amount) ?? amount);
  }
  const rate = solveRate({ ...sidesOf(byDay), unitsPerPeriod: DAYS_PER_YEAR }, guess.toNumber());
  const answer = { rate: numberText(rate) };
  if (!options.explain) return answer;
  return { ...answer, trace: { rate: traceOf('xirr/1', { flows, guess }, rate) } };
}

/** The rate a period at which flows, one each period, are worth nothing together: Σ v_k(1+i)^−k = 0. */
export function irr(request: z.output<typeof irrRequest>, options: Options = {}): ValueAnswer {
  const { values, guess = GUESS } = request;
  const rate = solveRate({ ...sidesOf(values.entries()), unitsPerPeriod: 1 }, guess.toNumber());
  return valueAnswer('irr/1', { values, guess }, rate, options.explain === true);
}

/** Σ v_k(1+i)^−k, the first value one period ahead, as Excel's NPV. */
export function npv(request: z.output<typeof npvRequest>, options: Options = {}): ValueAnswer {
  const growth = request.rate.plus(1);
  // Horner's scheme, from the last value to the first.
  const value = request.values.reduceRight((later, each) => later.plus(each).div(growth), new Precise(0));
  return valueAnswer('npv/1', request, value, options.explain === true);
}

/**
 * The rate a period of an annuity, by the equation of the annuity functions; null where there is none. It is
 * nothing but the rate of its flows: pv now, pmt each period, fv after the last.
 */
export function rate(request: z.output<typeof rateRequest>, options: Options = {}): ValueAnswer {
  const { nper, pmt, pv, fv, type, guess = GUESS } = request;
  const payments: Series = {
    ...single(pmt, new Precise(1 - type)),
    count: nper.toNumber(),
  };
  const sides = bySign([single(pv, new Precise(0)), payments, single(fv, nper)]);
  const found = solveRate({ ...sides, unitsPerPeriod: 1 }, guess.toNumber());
  return valueAnswer('rate/1', { ...request, guess }, found, options.explain === true);
}

function sidesOf(flows: Iterable<[number, Precise]>): Sides {
  return bySign([...flows].map(([at, amount]) => single(amount, new Precise(at))));
}

/** What is received, and what is paid. */
function bySign(series: readonly Series[]): Sides {
  return {
    in: series.filter(({ amount }) => amount.gt(0)),
    out: series.filter(({ amount }) => amount.lt(0)).map((each) => ({ ...each, amount: each.amount.neg() })),
  };
}
