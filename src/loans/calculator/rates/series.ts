import { Precise } from '../precise.ts';

/**
 * Equal payments: `count` of them, `step` apart, the first at `at`, in whatever unit of time. Each is
 * discounted by (1 + r)^t, and by 1 + odd · r for an odd part of a unit that bears simple interest.
 */
export interface Series {
  amount: Precise;
  at: Precise;
  step: Precise;
  count: number;
  odd: Precise;
}

/** The natural logarithm of a present value, and its derivative by u = ln(1 + r). */
export interface LogValue {
  log: number;
  slope: number;
}

const ONE = new Precise(1);
const ZERO = new Precise(0);

export function single(amount: Precise, at: Precise): Series {
  return { amount, at, step: ONE, count: 1, odd: ZERO };
}

/**
 * ln of the present value at u, in doubles and on the logarithmic scale, where nothing overflows. It is a
 * convex function of u (as long as nothing is odd), and nearly a straight line.
 */
export function logPresentValue(series: readonly Series[]): (u: number) => LogValue {
  const terms = series.map(({ amount, at, step, count, odd }) => ({
    log: Math.log(amount.toNumber()),
    at: at.toNumber(),
    step: step.toNumber(),
    count,
    odd: odd.toNumber(),
  }));
  const logs = new Float64Array(terms.length);
  const slopes = new Float64Array(terms.length);
  return (u) => {
    let largest = Number.NEGATIVE_INFINITY;
    for (const [index, term] of terms.entries()) {
      let log = term.log - u * term.at;
      let slope = -term.at;
      if (term.count !== 1) {
        log += logOfRepeats(u * term.step, term.count);
        slope -= term.step * meanRepeat(u * term.step, term.count);
      }
      if (term.odd !== 0) {
        const growth = 1 + term.odd * Math.expm1(u);
        log -= Math.log(growth);
        slope -= (term.odd * Math.exp(u)) / growth;
      }
      logs[index] = log;
      slopes[index] = slope;
      if (log > largest) largest = log;
    }
    let total = 0;
    let moment = 0;
    for (let index = 0; index < logs.length; index += 1) {
      const weight = Math.exp(logs[index]! - largest);
      total += weight;
      moment += weight * slopes[index]!;
    }
    return { log: largest + Math.log(total), slope: moment / total };
  };
}

/** ln Σ e^(−kx) for k from 0 to count − 1. */
function logOfRepeats(x: number, count: number): number {
  if (x === 0) return Math.log(count);
  const size = Math.abs(x);
  const log = Math.log(-Math.expm1(-size * count)) - Math.log(-Math.expm1(-size));
  return x > 0 ? log : log + size * (count - 1);
}

const NEAR_ZERO = 1e-4;

/** The mean of k under the weights e^(−kx), for k from 0 to count − 1. */
function meanRepeat(x: number, count: number): number {
  if (Math.abs(x * count) < NEAR_ZERO) return (count - 1) / 2 - ((count * count - 1) * x) / 12;
  return 1 / Math.expm1(x) - count / Math.expm1(x * count);
}
