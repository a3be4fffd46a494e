import { Precise } from '../precise.ts';
import type { Series } from './series.ts';

/** Digits of the last steps towards a rate. */
export const Fine = Precise.clone({ precision: 60 });
const ONE = new Fine(1);
const ZERO = new Fine(0);

/** (in − out) / (in + out), a function of the discount factor of one unit of time. */
export type Imbalance = (discount: Precise) => Precise;

/** @param incoming, outgoing payments in any order */
export function imbalanceOf(incoming: readonly Series[], outgoing: readonly Series[]): Imbalance {
  const powers = new Powers();
  const sides = [incoming, outgoing].map((series) => prepared(series, powers));
  return (discount) => {
    powers.workOut(discount);
    const [value, cost] = sides.map((side) => worthOf(side, powers)) as [Precise, Precise];
    return value.minus(cost).div(value.plus(cost));
  };
}

/** A payment, or equal ones, as far after the one before it as `gap` says. Powers are told by their place. */
interface Entry {
  amount: Precise;
  gap: number;
  repeats: number | null;
  odd: Precise | null;
}

function prepared(series: readonly Series[], powers: Powers): Entry[] {
  const byTime = [...series].sort((one, other) => one.at.cmp(other.at));
  return byTime.map(({ amount, at, step, count, odd }, index) => ({
    amount: new Fine(amount),
    gap: powers.power(index === 0 ? at : at.minus(byTime[index - 1]!.at)),
    repeats: count === 1 ? null : powers.repeats(step, count),
    odd: odd.isZero() ? null : odd,
  }));
}

/** The worth of payments by time: discount factors are carried on from one to the next. */
function worthOf(entries: readonly Entry[], powers: Powers): Precise {
  let total = ZERO;
  let discount = ONE;
  for (const { amount, gap, repeats, odd } of entries) {
    discount = discount.times(powers.values[gap]!);
    let value = discount.times(amount);
    if (repeats !== null) value = value.times(powers.sums[repeats]!);
    if (odd) value = value.div(powers.growth.times(odd).plus(1));
    total = total.plus(value);
  }
  return total;
}

/** The powers of a discount factor that are asked for, each worked out once. */
class Powers {
  /** discount^gap, by place. */
  values: Precise[] = [];
  /** Σ discount^(step · k) for k below count, by place. */
  sums: Precise[] = [];
  /** 1 / discount − 1. */
  growth = ZERO;
  readonly #gaps: Precise[] = [];
  readonly #repeats: { step: number; count: number }[] = [];
  readonly #places = new Map<string, number>();

  power(gap: Precise): number {
    return this.#placeOf(gap.toString(), () => this.#gaps.push(gap) - 1);
  }

  repeats(step: Precise, count: number): number {
    const power = this.power(step);
    return this.#placeOf(`${count} every ${step}`, () => this.#repeats.push({ step: power, count }) - 1);
  }

  workOut(discount: Precise): void {
    let logarithm: Precise | undefined;
    const broken = (gap: Precise) => {
      logarithm ??= discount.ln();
      return logarithm.times(gap).exp();
    };
    this.growth = ONE.div(discount).minus(1);
    this.values = this.#gaps.map((gap) => (gap.isInteger() ? discount.pow(gap) : broken(gap)));
    this.sums = this.#repeats.map(({ step, count }) => sumOf(this.values[step]!, count));
  }

  #placeOf(key: string, add: () => number): number {
    const known = this.#places.get(key) ?? add();
    this.#places.set(key, known);
    return known;
  }
}

/** Σ factor^k for k from 0 to count − 1. */
function sumOf(factor: Precise, count: number): Precise {
  if (factor.eq(1)) return new Fine(count);
  return ONE.minus(factor.pow(count)).div(ONE.minus(factor));
}
