import { type Day, daysApart, plusDays, plusMonths } from '../dates.ts';
import { countCoupons, couponEndingOn } from '../day-count-conventions.ts';
import { CalculationError } from '../errors.ts';
import type { Fraction } from '../fractions.ts';
import { unpausedShare, yearFraction } from './accrual.ts';
import type { Every, Terms } from './terms.ts';

/** One row's days. */
export interface Period {
  from: Day;
  due: Day;
  /** Part of a year. */
  share: Fraction;
  /** Part of a year without the days that are paused. The same object where none are. */
  unpaused: Fraction;
}

/** A search for a day of business never looks further. */
const CLOSED_DAYS_MAX = 60;

const UNIT_DAYS = { day: 1, week: 7 };
const UNIT_MONTHS = { month: 1, year: 12 };
/** Periods of one unit that make a year. */
export const UNITS_PER_YEAR = { day: 365, week: 52, month: 12, year: 1 };

/** The periods of a schedule, worked out as far as they are asked for. */
export class Periods {
  readonly #terms: Terms;
  readonly #regular: Fraction;
  readonly #known: Period[] = [];

  constructor(terms: Terms) {
    this.#terms = terms;
    const { count, unit } = terms.every;
    this.#regular = { numerator: BigInt(count), denominator: BigInt(UNITS_PER_YEAR[unit]) };
  }

  /**
   * The period of row `number`, 1 to the number of rows.
   * @throws CalculationError past the calendar's end, or where the holidays leave no day.
   */
  of(number: number): Period {
    while (this.#known.length < number) this.#known.push(this.#next(this.#known.length + 1));
    return this.#known[number - 1]!;
  }

  #next(number: number): Period {
    const from = number === 1 ? this.#terms.start : this.#known[number - 2]!.due;
    const nominal = this.#nominal(number);
    const due = this.#moved(nominal, from);
    const share = this.#share(number, nominal, from, due);
    const period = { from, due, share, unpaused: share };
    if (this.#terms.pauses.length > 0) period.unpaused = unpausedShare(this.#terms, period);
    return period;
  }

  /** The due day before it is moved off holidays. */
  #nominal(number: number): Day {
    const { start, every, firstDue, dueDays } = this.#terms;
    if (dueDays) return dueDays[number - 1]!;
    try {
      return firstDue ? later(firstDue, every, number - 1) : later(start, every, number);
    } catch {
      throw new CalculationError('too-many-instalments', 'The due dates leave the calendar.', 'instalments');
    }
  }

  /** Off the holidays; a day that the row before took goes to the next open one. */
  #moved(nominal: Day, after: Day): Day {
    const { shift } = this.#terms;
    if (!shift) return nominal;
    const moved = shiftedTo(nominal, shift.to, shift.isOpen);
    return moved.serial > after.serial ? moved : openDay(plusDays(after, 1), 1, shift.isOpen);
  }

  #share(number: number, nominal: Day, from: Day, due: Day): Fraction {
    const { dayCount, firstDue, dueDays } = this.#terms;
    if (dayCount !== 'months' && dayCount !== 'actual/actual-ICMA') {
      return yearFraction(this.#terms, from, due, this.#last());
    }
    if (number > 1 || !(firstDue ?? dueDays)) return this.#regular;
    return brokenShare(from, nominal, this.#terms.every);
  }

  /** Where the contract ends, for the convention that asks; not known while the number of rows is not. */
  #last(): Day | undefined {
    const { dayCount, fixedInstalment, rows } = this.#terms;
    if (dayCount !== '30E/360-ISDA' || fixedInstalment !== undefined) return undefined;
    return this.#nominal(rows);
  }
}

/** `periods` periods after a day. @throws RangeError past the calendar's end */
export function later(day: Day, { count, unit }: Every, periods: number): Day {
  if (unit === 'day' || unit === 'week') return plusDays(day, periods * count * UNIT_DAYS[unit]);
  return plusMonths(day, periods * count * UNIT_MONTHS[unit]);
}

/** Part of a year between two days: whole periods counted back from the end, and the days before them. */
export function brokenShare(from: Day, to: Day, { count, unit }: Every): Fraction {
  if (unit === 'day' || unit === 'week') {
    const perYear = UNIT_DAYS[unit] * UNITS_PER_YEAR[unit];
    return { numerator: BigInt(daysApart(from, to)), denominator: BigInt(perYear) };
  }
  const counted = countCoupons(from, to, couponEndingOn(to, from, count * UNIT_MONTHS[unit]));
  return { numerator: BigInt(counted.numerator), denominator: BigInt(counted.denominator) };
}

function shiftedTo(day: Day, shift: string, isOpen: (day: Day) => boolean): Day {
  if (shift === 'none') return day;
  if (shift === 'previous') return openDay(day, -1, isOpen);
  const next = openDay(day, 1, isOpen);
  return shift === 'next' || next.month === day.month ? next : openDay(day, -1, isOpen);
}

function openDay(day: Day, direction: 1 | -1, isOpen: (day: Day) => boolean): Day {
  for (let days = 0; days <= CLOSED_DAYS_MAX; days += 1) {
    const candidate = plusDays(day, days * direction);
    if (isOpen(candidate)) return candidate;
  }
  throw new CalculationError(
    'invalid-value',
    `The holidays leave no day of business within ${CLOSED_DAYS_MAX} days.`,
    'holidays',
  );
}
