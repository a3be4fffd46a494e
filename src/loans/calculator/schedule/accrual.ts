import { type Day, daysApart } from '../dates.ts';
import { COUNTINGS } from '../day-count-conventions.ts';
import { type Fraction, plus } from '../fractions.ts';
import type { Period } from './periods.ts';
import type { Pause, Terms } from './terms.ts';

/**
 * A stretch of a period over which nothing changes, with its part of a year. The stretches of a period have
 * one denominator and add up to the period's own part: a stretch is what the convention counts from the
 * period's start to the stretch's end, less what it counts to its beginning. Where a period counts whole
 * (`months`, ICMA), a stretch has the share of its days in the days of the period.
 */
export interface Stretch {
  from: Day;
  share: Fraction;
}

export function yearFraction(terms: Terms, from: Day, to: Day, termination?: Day): Fraction {
  if (terms.dayCount === 'months') throw new RangeError('A month counts whole.');
  const counted = COUNTINGS[terms.dayCount](from, to, { termination });
  return { numerator: BigInt(counted.numerator), denominator: BigInt(counted.denominator) };
}

/** The period cut at `cuts`, days within it in ascending order. Paused days have no part. */
export function stretches(terms: Terms, period: Period, cuts: readonly Day[]): Stretch[] {
  const pauses = terms.pauses.filter(
    ({ from, to }) => from.serial < period.due.serial && to.serial > period.from.serial,
  );
  if (cuts.length === 0 && pauses.length === 0) return [{ from: period.from, share: period.share }];

  const bounds = [period.from, ...cuts, ...pauses.flatMap(({ from, to }) => [from, to]), period.due]
    .filter(({ serial }) => serial >= period.from.serial && serial <= period.due.serial)
    .sort((left, right) => left.serial - right.serial)
    .filter((day, index, days) => index === 0 || day.serial !== days[index - 1]!.serial);
  const counted = bounds.map((bound) => countedTo(terms, period, bound));
  return bounds.slice(0, -1).map((from, index) => {
    const { numerator, denominator } = counted[index + 1]!;
    const part = isPaused(from, pauses) ? 0n : numerator - counted[index]!.numerator;
    return { from, share: { numerator: part, denominator } };
  });
}

/** The period's part of a year without its paused days. */
export function unpausedShare(terms: Terms, period: Period): Fraction {
  const cut = stretches(terms, period, []);
  return cut.length === 1 && cut[0]!.share.numerator > 0n
    ? period.share
    : cut.map(({ share }) => share).reduce(plus);
}

function countedTo(terms: Terms, period: Period, day: Day): Fraction {
  if (terms.dayCount === 'months' || terms.dayCount === 'actual/actual-ICMA') {
    const days = BigInt(daysApart(period.from, period.due));
    return {
      numerator: period.share.numerator * BigInt(daysApart(period.from, day)),
      denominator: period.share.denominator * days,
    };
  }
  if (day.serial === period.due.serial) return period.share;
  return yearFraction(terms, period.from, day);
}

function isPaused(day: Day, pauses: readonly Pause[]): boolean {
  return pauses.some(({ from, to }) => from.serial <= day.serial && day.serial < to.serial);
}
