import type { Precise } from '../precise.ts';
import { balancesOf, crossing, type Interval, isolate } from './isolate.ts';
import type { Series } from './series.ts';
import { Fine, type Imbalance, imbalanceOf } from './worth.ts';

/** Payments either way, all amounts above zero, in one unit of time, from 0 on. */
export interface Equation {
  in: readonly Series[];
  out: readonly Series[];
  /** How many units of time make the period that the rate is for: 365 where times are days of a year. */
  unitsPerPeriod: number;
}

const ONE = new Fine(1);
const ZERO = new Fine(0);

/** Rates are looked for as far as 1 + r is between 1e-30 and 1e30. */
const GROWTH_EXPONENT_MAX = 30;
/** A simple rate takes 5 steps; a manifold one is come to slowly, and only short lists can wait for it. */
const STEPS = { min: 10, max: 400, work: 10_000 };
/** After more steps than this a rate is manifold, and its last digits are not known. */
const STEPS_SIMPLE_MAX = 15;
/** The discount factor is known this well when it is found … */
const RESOLUTION = new Fine('1e-42');
/** … and both sides then agree this well: looked at before any rate is given out. */
const AGREEMENT = new Fine('1e-35');
/** A zero that steps come to slowly may still be so many of the latest strides away. */
const ERROR_PER_STRIDE = 50;
/** What is known of a zero where not even the slope changes its sign cleanly. */
const COARSE = new Fine('1e-10');
/** Decimals of a rate that is not exact; one known less well is not told. */
const PLACES_MIN = 8;
const PLACES_MAX = 15;
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
  const imbalance = imbalanceOf(equation.in, equation.out);
  const steps = Math.max(STEPS.min, Math.min(STEPS.max, STEPS.work / size));
  for (const { interval, u } of candidates(equation, guess)) {
    const { place, error } = interval.touches
      ? touchingPoint(imbalance, u, unitsPerPeriod, steps)
      : secant(imbalance, discountAt(u), discountAt(u + STRIDE / unitsPerPeriod), steps);
    if (place.lte(0) || imbalance(place).abs().gt(AGREEMENT)) continue;
    const rate = ONE.div(place.pow(unitsPerPeriod)).minus(1);
    if (rate.abs().lt(ZERO_RATE)) return ZERO;
    if (error === null) return rate;
    const places = Math.floor(-error.times(unitsPerPeriod).log().toNumber());
    if (places >= PLACES_MIN) return rate.toDecimalPlaces(Math.min(places, PLACES_MAX));
  }
  return null;
}

/** Where rates are, as doubles know it: u = ln(1 + r) of one unit of time, nearest to the guess first. */
function candidates(equation: Equation, guess: number): { interval: Interval; u: number }[] {
  const { unitsPerPeriod } = equation;
  const furthest = (GROWTH_EXPONENT_MAX * Math.LN10) / unitsPerPeriod;
  const balances = balancesOf(equation.in, equation.out);
  const distance = (u: number) => Math.abs(Math.expm1(u * unitsPerPeriod) - guess);
  return isolate(balances, -furthest, furthest)
    .map((interval) => {
      const { touches, from, to } = interval;
      return { interval, u: touches ? (from.u + to.u) / 2 : crossing(balances, interval) };
    })
    .sort((one, other) => distance(one.u) - distance(other.u));
}

/** A zero, and how far from it the truth may be; null where it is exact to the last digit told. */
interface Zero {
  place: Precise;
  error: Precise | null;
}

function discountAt(u: number): Precise {
  return new Fine(-u).exp();
}

/**
 * Where the imbalance comes closest to zero without changing its sign: where its slope is zero. Only half as
 * many digits are known of such a place.
 */
function touchingPoint(imbalance: Imbalance, u: number, unitsPerPeriod: number, steps: number): Zero {
  const half = HALF_WIDTH.div(unitsPerPeriod);
  const slope = (at: Precise) => imbalance(at.plus(half)).minus(imbalance(at.minus(half)));
  const stride = TOUCHING_STRIDE / unitsPerPeriod;
  const { place, error } = secant(slope, discountAt(u), discountAt(u + stride), steps);
  return { place, error: error === null ? half : Fine.max(error, COARSE) };
}

function secant(f: Imbalance, first: Precise, second: Precise, steps: number): Zero {
  let [before, place] = [first, second];
  let [valueBefore, value] = [f(before), f(place)];
  const strides: Precise[] = [ONE, ONE, ONE];
  for (let step = 0; step < steps && !value.isZero(); step += 1) {
    const rise = value.minus(valueBefore);
    if (rise.isZero()) break;
    const next = place.minus(value.times(place.minus(before)).div(rise));
    if (next.lte(0)) break;
    const stride = next.minus(place).abs();
    if (step < STEPS_SIMPLE_MAX && stride.lte(RESOLUTION.times(next))) return { place: next, error: null };
    strides.splice(0, 1);
    strides.push(stride);
    [before, valueBefore, place] = [place, value, next];
    value = f(place);
    if (step < STEPS_SIMPLE_MAX && value.isZero()) return { place, error: null };
  }
  return { place, error: Fine.max(...strides).times(ERROR_PER_STRIDE) };
}
