import { type LogValue, logPresentValue, type Series } from './series.ts';

/** L = ln(value of what comes in) − ln(value of what goes out), at u; zero where a rate is. */
export interface Balance {
  u: number;
  log: number;
  in: LogValue;
  out: LogValue;
}
/** L as a function, and what a search for its zeros has to know of it. */
export interface Balances {
  at: (u: number) => Balance;
  /** How many payments one look goes through. */
  size: number;
  /** How much the slopes may break the rule of convex functions, per unit of u. */
  bend: number;
}

/** An interval with one rate in it: L changes its sign there, or perhaps only touches zero. */
export interface Interval {
  from: Balance;
  to: Balance;
  touches: boolean;
}

/** Work that looking for rates may take, in payments looked at; more and the search gives up. */
const WORK_MAX = 4_000_000;
const WORK_PER_LOOK = 20;
/** Intervals are not cut finer than this part of the whole. */
const WIDTH_MIN = 1e-10;
const NEWTON_STEPS_MAX = 200;
/** What doubles cannot tell from zero. */
const NOISE = 4 * Number.EPSILON;

/** By as much the logarithm of 1 + odd · r, which is subtracted, is bent at the most: σ(1 − σ) for 0 ≤ σ ≤ 1. */
const ODD_BEND = 1 / 4;

export function balancesOf(inward: readonly Series[], outward: readonly Series[]): Balances {
  const inAt = logPresentValue(inward);
  const outAt = logPresentValue(outward);
  const isOdd = [...inward, ...outward].some(({ odd }) => !odd.isZero());
  return {
    at: (u) => {
      const [incoming, outgoing] = [inAt(u), outAt(u)];
      return { u, log: incoming.log - outgoing.log, in: incoming, out: outgoing };
    },
    size: inward.length + outward.length,
    bend: isOdd ? 2 * ODD_BEND : 0,
  };
}

/**
 * Finds every rate between two bounds, by bisection. Both logarithms are convex, so the slope of L in an
 * interval lies between the differences of their slopes at its ends: that says where L cannot be zero, and
 * where it is monotone, so that the signs at the ends decide.
 */
export function isolate({ at, size, bend }: Balances, lowest: number, highest: number): Interval[] {
  const found: Interval[] = [];
  const width_min = WIDTH_MIN * (highest - lowest);
  const open: [Balance, Balance][] = [[at(lowest), at(highest)]];
  for (let work = 0; open.length > 0 && work < WORK_MAX; work += size + WORK_PER_LOOK) {
    const [from, to] = open.pop()!;
    const width = to.u - from.u;
    const steepest = {
      down: from.in.slope - to.out.slope - bend * width,
      up: to.in.slope - from.out.slope + bend * width,
    };
    const crosses = from.log < 0 !== to.log < 0;
    if (steepest.down >= 0 || steepest.up <= 0) {
      if (crosses) found.push(between(from, to));
    } else if (width < width_min) {
      found.push(between(from, to));
    } else if (crosses || mayReachZero(from, to, steepest)) {
      const middle = at(from.u + width / 2);
      open.push([from, middle], [middle, to]);
    }
  }
  return joined(found);
}

/** Neighbours are told apart by rounding errors alone, as around a rate where L hardly leaves zero: one. */
function joined(intervals: Interval[]): Interval[] {
  const clusters: Interval[] = [];
  for (const each of intervals.sort((one, other) => one.from.u - other.from.u)) {
    const last = clusters.at(-1);
    if (last?.to !== each.from) clusters.push(each);
    else clusters.splice(-1, 1, between(last.from, each.to));
  }
  return clusters;
}

function between(from: Balance, to: Balance): Interval {
  return { from, to, touches: from.log < 0 === to.log < 0 };
}

/** Whether L can come to zero between ends of the same sign, at the steepest slopes that it may have. */
function mayReachZero(from: Balance, to: Balance, steepest: { down: number; up: number }): boolean {
  const [slopeAway, slopeBack] = from.log > 0 ? [-steepest.down, steepest.up] : [steepest.up, -steepest.down];
  // How far from either end zero is at the least; there is room for both only in a wide interval.
  return Math.abs(from.log) / slopeAway + Math.abs(to.log) / slopeBack <= to.u - from.u;
}

/** The zero of L in an interval where it changes sign: Newton, and bisection where that leads astray. */
export function crossing({ at }: Balances, { from, to }: Interval): number {
  let [low, high] = [from, to];
  let guess = low.u <= 0 && high.u >= 0 ? 0 : (low.u + high.u) / 2;
  for (let step = 0; step < NEWTON_STEPS_MAX; step += 1) {
    const here = at(guess);
    if (here.log < 0 === low.log < 0) low = here;
    else high = here;
    const newton = guess - here.log / (here.in.slope - here.out.slope);
    const noise = NOISE * Math.max(1, Math.abs(here.in.log));
    if (Math.abs(here.log) <= noise || Math.abs(newton - guess) <= NOISE * Math.abs(guess)) return newton;
    guess = newton > low.u && newton < high.u ? newton : (low.u + high.u) / 2;
  }
  return guess;
}
