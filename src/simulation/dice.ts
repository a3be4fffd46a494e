import { createHash } from 'node:crypto';

/** A stream of numbers that look random and are the same in every run with the same seed. */
export class Dice {
  readonly #seed: string;
  #throws = 0;

  constructor(seed: string) {
    this.#seed = seed;
  }

  /** At least 0, below 1. */
  fraction(): number {
    this.#throws += 1;
    const digest = createHash('sha256').update(`${this.#seed}/${this.#throws}`).digest();
    return digest.readUIntBE(0, 6) / 2 ** 48;
  }

  /** A whole number from min to max, both included. */
  between(min: number, max: number): number {
    return min + Math.floor(this.fraction() * (max - min + 1));
  }

  one<T>(choices: readonly T[]): T {
    return choices[this.between(0, choices.length - 1)]!;
  }

  /** Bell-shaped around 0 with deviation 1. */
  bell(): number {
    return Math.sqrt(-2 * Math.log(1 - this.fraction())) * Math.cos(2 * Math.PI * this.fraction());
  }

  /** Log-normal around `median`, in whole steps of `step`, kept within the bounds. */
  skewed(median: number, spread: number, step: number, min: number, max: number): number {
    const value = median * Math.exp(spread * this.bell());
    return Math.min(Math.max(Math.round(value / step) * step, min), max);
  }
}
