import { Precise } from '../precise.ts';
import { balanceOf, crossing, type Interval, isolate } from './isolate.ts';
import type { Series } from './series.ts';

/** Payments either way, all amounts above zero, in one unit of time, from 0 on. */
export interface Equation {
  in: readonly Series[];
  out: readonly Series[];
  /** How many units of time make the period that the rate is for: 365 where times are days of a year. */
  unitsPerPeriod: number;
}

/** Digits of the last steps towards a rate. */
const Fine = Precise.clone({ precision: 60 });
const ONE = new Fine(1);
const ZERO = new Fine(0);

/** Rates are looked for as far as 1 + r is between 1e-30 and 1e30. */
const GROWTH_EXPONENT_MAX = 30;
/** A simple rate takes 5 steps; a manifold one is come to slowly, and only short lists can wait for it. */
const STEPS = { min: 10, max: 400, work: 10_000 };
/** After more steps than this a rate is manifold, and its last digits are noise. */
const STEPS_SIMPLE_MAX = 15;
/** The discount factor is known this well when it is found … */
const RESOLUTION = new Fine('1e-42');
/** … and both sides then agree this well: looked at before any rate is given out. */
const AGREEMENT = new Fine('1e-35');
/** Digits of a rate that steps did not soon come to rest at. */
const UNSETTLED_DIGITS = 15;
/** How far apart the first two steps are, in u of the whole period. */
const STRIDE = 1e-13;
const TOUCHING_STRIDE = 1e-7;
const HALF_WIDTH = new Fine('1e-18');
const ZERO_RATE = new Fine('1e-38');

/**
 * The rate at which what comes in is worth what goes out: the one nearest to the guess where there are
 * several; null where there is none, or none that both sides confirm.
 */
export function solveRate(equation: Equation, guess: number): Precise | null {
  if (equation.in.length === 0 || equation.out.length === 0) return null;
  const { unitsPerPeriod } = equation;
  const size = equation.in.length + equation.out.length;
  const imbalance = imbalanceOf(equation);
  const steps = Math.max(STEPS.min, Math.min(STEPS.max, STEPS.work / size));
  for (const { interval, u } of candidates(equation, guess)) {
    const { place, settled } = interval.touches
      ? touchingPoint(imbalance, u, unitsPerPeriod, steps)
      : secant(imbalance, discountAt(u), discountAt(u + STRIDE / unitsPerPeriod), steps);
    if (place.lte(0) || imbalance(place).abs().gt(AGREEMENT)) continue;
    const rate = ONE.div(place.pow(unitsPerPeriod)).minus(1);
    if (rate.abs().lt(ZERO_RATE)) return ZERO;
    return settled ? rate : rate.toSignificantDigits(UNSETTLED_DIGITS);
  }
  return null;
}

/** Where rates are, as doubles know it: u = ln(1 + r) of one unit of time, nearest to the guess first. */
function candidates(equation: Equation, guess: number): { interval: Interval; u: number }[] {
  const { unitsPerPeriod } = equation;
  const furthest = (GROWTH_EXPONENT_MAX * Math.LN10) / unitsPerPeriod;
  const balanceAt = balanceOf(equation.in, equation.out);
  const size = equation.in.length + equation.out.length;
  const distance = (u: number) => Math.abs(Math.expm1(u * unitsPerPeriod) - guess);
  return isolate(balanceAt, -furthest, furthest, size)
    .map((interval) => {
      const { touches, from, to } = interval;
      return { interval, u: touches ? (from.u + to.u) / 2 : crossing(balanceAt, interval) };
    })
    .sort((one, other) => distance(one.u) - distance(other.u));
}

type Function = (discount: Precise) => Precise;

/** (in − out) / (in + out) at a discount factor of one unit of time. */
function imbalanceOf(equation: Equation): Function {
  const byTime = (series: readonly Series[]) => [...series].sort((one, other) => one.at.cmp(other.at));
  const [incoming, outgoing] = [byTime(equation.in), byTime(equation.out)];
  return (discount) => {
    const factor = factors(discount);
    const [value, cost] = [presentValue(incoming, factor), presentValue(outgoing, factor)];
    return value.minus(cost).div(value.plus(cost));
  };
}

/** The worth of payments sorted by time; discount factors are carried on from one to the next. */
function presentValue(series: readonly Series[], factor: (gap: Precise) => Precise): Precise {
  const growth = ONE.div(factor(ONE)).minus(1);
  let total = ZERO;
  let discount = ONE;
  let reached: Precise = ZERO;
  for (const { amount, at, step, count, odd } of series) {
    if (!at.eq(reached)) discount = discount.times(factor(at.minus(reached)));
    reached = at;
    let value = discount.times(amount);
    if (count !== 1) value = value.times(repeats(factor(step), count));
    if (!odd.isZero()) value = value.div(growth.times(odd).plus(1));
    total = total.plus(value);
  }
  return total;
}

/** Σ factor^k for k from 0 to count − 1. */
function repeats(factor: Precise, count: number): Precise {
  if (factor.eq(1)) return new Fine(count);
  return ONE.minus(factor.pow(count)).div(ONE.minus(factor));
}

/** Powers of the discount factor; each gap between payments is worked out once. */
function factors(discount: Precise): (gap: Precise) => Precise {
  const known = new Map<string, Precise>();
  return (gap) => {
    const key = gap.toString();
    let factor = known.get(key);
    if (factor === undefined) {
      factor = discount.pow(gap);
      known.set(key, factor);
    }
    return factor;
  };
}

interface Settled {
  place: Precise;
  settled: boolean;
}

function discountAt(u: number): Precise {
  return new Fine(-u).exp();
}

/**
 * Where the imbalance comes closest to zero without changing its sign: where its slope is zero. Only half as
 * many digits are known of such a place.
 */
function touchingPoint(imbalance: Function, u: number, unitsPerPeriod: number, steps: number): Settled {
  const half = HALF_WIDTH.div(unitsPerPeriod);
  const slope = (at: Precise) => imbalance(at.plus(half)).minus(imbalance(at.minus(half)));
  const { place } = secant(slope, discountAt(u), discountAt(u + TOUCHING_STRIDE / unitsPerPeriod), steps);
  return { place, settled: false };
}

function secant(f: Function, first: Precise, second: Precise, steps: number): Settled {
  let [before, place] = [first, second];
  let [valueBefore, value] = [f(before), f(place)];
  for (let step = 0; step < steps; step += 1) {
    if (value.isZero()) return { place, settled: step < STEPS_SIMPLE_MAX };
    const rise = value.minus(valueBefore);
    if (rise.isZero()) break;
    const next = place.minus(value.times(place.minus(before)).div(rise));
    if (next.lte(0)) break;
    if (next.minus(place).abs().lte(RESOLUTION.times(next)))
      return { place: next, settled: step < STEPS_SIMPLE_MAX };
    [before, valueBefore, place] = [place, value, next];
    value = f(place);
  }
  return { place, settled: false };
}
