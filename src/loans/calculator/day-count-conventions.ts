import {
  type Day,
  dayOf,
  daysApart,
  isLastOfFebruary,
  isLastOfMonth,
  isLeapYear,
  leapDaysWithin,
  monthsApart,
  plusMonths,
} from './dates.ts';

/** Part of a year as an exact quotient of whole numbers. */
export interface YearFraction {
  /** Days as the convention counts them. */
  days: number;
  numerator: number;
  denominator: number;
}

/** A regular coupon period; the regular ones before and after it follow from its length. */
export interface CouponPeriod {
  from: Day;
  to: Day;
  months: number;
}

/** What a convention may ask for besides the two dates. */
export interface CountingTerms {
  /** Last day of the contract (30E/360-ISDA). */
  termination?: Day | undefined;
  /** actual/actual-ICMA. */
  coupon?: CouponPeriod | undefined;
}

type Counting = (from: Day, to: Day, terms: CountingTerms) => YearFraction;

const LEAP_TIMES_COMMON = 366 * 365;

/**
 * Conventions by name, for `from` not after `to`. The first day counts, the last does not. Sources: 2006
 * ISDA Definitions 4.16 (30/360 is its bond basis), ICMA rule 251, the AFB master agreement.
 */
export const COUNTINGS = {
  '30/360': (from, to) => {
    const first = Math.min(from.day, 30);
    return over360(from, to, first, first === 30 ? Math.min(to.day, 30) : to.day);
  },
  /** The rule of the Public Securities Association: a start on the last of February is the 30th. */
  '30/360-PSA': (from, to) => {
    const first = isLastOfFebruary(from) ? 30 : Math.min(from.day, 30);
    return over360(from, to, first, first === 30 ? Math.min(to.day, 30) : to.day);
  },
  '30E/360': (from, to) => over360(from, to, Math.min(from.day, 30), Math.min(to.day, 30)),
  '30E/360-ISDA': (from, to, { termination }) => {
    const first = isLastOfMonth(from) ? 30 : from.day;
    const isEnd = termination !== undefined && to.serial === termination.serial;
    const last = to.day === 31 || (isLastOfFebruary(to) && !isEnd) ? 30 : to.day;
    return over360(from, to, first, last);
  },
  'actual/365': (from, to) => actualOver(from, to, 365),
  'actual/360': (from, to) => actualOver(from, to, 360),
  'actual/364': (from, to) => actualOver(from, to, 364),
  /** 29 February does not count. */
  'nl/365': (from, to) => {
    const days = daysApart(from, to) - leapDaysWithin(from, to);
    return { days, numerator: days, denominator: 365 };
  },
  'actual/actual-ISDA': (from, to) => {
    const leap = daysInLeapYears(from, to);
    const days = daysApart(from, to);
    return { days, numerator: leap * 365 + (days - leap) * 366, denominator: LEAP_TIMES_COMMON };
  },
  'actual/actual-ICMA': (from, to, { coupon }) => {
    if (!coupon) throw new RangeError('actual/actual-ICMA counts within coupon periods.');
    return countCoupons(from, to, coupon);
  },
  'actual/actual-AFB': countAfb,
} satisfies Record<string, Counting>;

function over360(from: Day, to: Day, first: number, last: number): YearFraction {
  const days = 360 * (to.year - from.year) + 30 * (to.month - from.month) + last - first;
  return { days, numerator: days, denominator: 360 };
}

function actualOver(from: Day, to: Day, denominator: number): YearFraction {
  const days = daysApart(from, to);
  return { days, numerator: days, denominator };
}

/** Each day belongs to the year it starts in: 31 December to its own. */
function daysInLeapYears(from: Day, to: Day): number {
  let days = 0;
  for (let year = from.year; year <= to.year; year += 1) {
    if (!isLeapYear(year)) continue;
    const start = Math.max(from.serial, dayOf(year, 1, 1).serial);
    const end = Math.min(to.serial, dayOf(year, 12, 31).serial + 1);
    days += end - start;
  }
  return days;
}

/**
 * Whole years backwards from the end, each by plain subtraction from it; the rest over 366 if it holds
 * 29 February (its first day counted, its last not), else over 365.
 */
function countAfb(from: Day, to: Day): YearFraction {
  let years = to.year - from.year;
  let end = plusMonths(to, -12 * years);
  if (end.serial < from.serial) {
    years -= 1;
    end = plusMonths(to, -12 * years);
  }
  const leapDays = leapDaysWithin(from, end) + leapDayItself(from) - leapDayItself(end);
  return {
    days: daysApart(from, to),
    numerator: years * LEAP_TIMES_COMMON + daysApart(from, end) * (leapDays > 0 ? 365 : 366),
    denominator: LEAP_TIMES_COMMON,
  };
}

function leapDayItself({ month, day }: Day): 0 | 1 {
  return month === 2 && day === 29 ? 1 : 0;
}

/**
 * Regular periods of some months between two days: the whole ones, and of a broken first or last one its
 * days over the length of the period they lie in (ICMA rule 251).
 */
export function countCoupons(from: Day, to: Day, coupon: CouponPeriod): YearFraction {
  let whole = 0;
  let [numerator, denominator] = [0, 1];
  const first = Math.floor(monthsApart(coupon.from, from) / coupon.months) - 1;
  let start = couponStart(coupon, first);
  for (let index = first + 1; start.serial < to.serial; index += 1) {
    const end = couponStart(coupon, index);
    const length = daysApart(start, end);
    const days = Math.min(end.serial, to.serial) - Math.max(start.serial, from.serial);
    if (days === length) whole += 1;
    else if (days > 0) {
      numerator = numerator * length + days * denominator;
      denominator *= length;
    }
    start = end;
  }
  return {
    days: daysApart(from, to),
    numerator: (whole * denominator + numerator) * coupon.months,
    denominator: denominator * 12,
  };
}

/** Day 0 is the coupon's first day, day 1 its end, and so on both ways. Month ends stay month ends. */
function couponStart({ from, to, months }: CouponPeriod, index: number): Day {
  if (index === 0) return from;
  if (index === 1) return to;
  const day = isLastOfMonth(from) && isLastOfMonth(to) ? 31 : Math.max(from.day, to.day);
  return index < 0
    ? plusMonths({ ...from, day }, index * months)
    : plusMonths({ ...to, day }, (index - 1) * months);
}

/**
 * The regular period of some months that ends on `to`, on the same day of the month as `from` where `to`
 * is a month's last day and the shorter: 31 January to 28 February is a month.
 */
export function couponEndingOn(to: Day, from: Day, months: number): CouponPeriod {
  const day = isLastOfMonth(to) ? Math.max(from.day, to.day) : to.day;
  return { from: plusMonths({ ...to, day }, -months), to, months };
}
