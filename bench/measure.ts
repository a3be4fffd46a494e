import { cpus } from 'node:os';

/** One line of the table: a figure of Kist's, what it is compared with, and how it ought to be. */
export interface Measure {
  name: string;
  value: number;
  unit: string;
  against: { name: string; value: number };
  ratio: number;
  /** Null: it is shown beside another, and nothing is wanted of it. */
  target: number | null;
  higherIsBetter: boolean;
}

export interface Plan {
  /** Rounds of each side, taken in turn; the medians count. */
  rounds: number;
  /** Jobs a round. */
  jobs: number;
  /** Finished jobs kept, for the measure that asks whether they cost. */
  kept: number;
  latency_seconds: number;
  /** Active loans whose day is closed, and how many times as many in the measure of growth. */
  loans: number;
  loans_growth: number;
  /** Loans that are lived with for 700 days. */
  loans_aged: number;
}

export const FULL: Plan = {
  rounds: 3,
  jobs: 10_000,
  kept: 1_000_000,
  latency_seconds: 20,
  ...{ loans: 100_000, loans_growth: 10, loans_aged: 500 },
};
export const QUICK: Plan = {
  rounds: 1,
  jobs: 2_500,
  kept: 100_000,
  latency_seconds: 4,
  ...{ loans: 4_000, loans_growth: 4, loans_aged: 60 },
};

/** Takes both sides in turn, A B A B …, so that a machine that slows down slows both. */
export async function inTurn<A, B>(
  rounds: number,
  a: () => Promise<A>,
  b: () => Promise<B>,
): Promise<{ a: A[]; b: B[] }> {
  const taken = { a: [] as A[], b: [] as B[] };
  for (let round = 0; round < rounds; round += 1) {
    taken.a.push(await a());
    taken.b.push(await b());
  }
  return taken;
}

/** A comparison of rates; the ratio is the median of the rounds' ratios. */
export function compared(
  name: string,
  unit: string,
  values: number[],
  against: { name: string; values: number[] },
  target: number | null,
): Measure {
  return {
    name,
    value: round(median(values)),
    unit,
    against: { name: against.name, value: round(median(against.values)) },
    ratio: round(median(values.map((value, index) => value / against.values[index]!))),
    target,
    higherIsBetter: true,
  };
}

export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))]!;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function round(value: number): number {
  return Number(value.toPrecision(4));
}

/** What all cores have done so far, since the machine was started. */
export interface CpuTimes {
  idle_ms: number;
  all_ms: number;
}

export function cpuTimes(): CpuTimes {
  const sums = { idle_ms: 0, all_ms: 0 };
  for (const { times } of cpus()) {
    sums.idle_ms += times.idle;
    for (const ms of Object.values(times)) sums.all_ms += ms;
  }
  return sums;
}

export function busyShare(before: CpuTimes, after: CpuTimes): number {
  return 1 - (after.idle_ms - before.idle_ms) / (after.all_ms - before.all_ms);
}
