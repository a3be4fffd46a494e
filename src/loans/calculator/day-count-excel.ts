import { type Day, dayOf, daysApart, isLastOfFebruary, isLeapYear } from './dates.ts';
import { COUNTINGS, type YearFraction } from './day-count-conventions.ts';

/**
 * Excel's own day counts, for dates from March 1900 on (its February 1900 has 29 days). The rules are those
 * that D. A. Wheeler found by trial ("YEARFRAC Incompatibilities", 2008), which differ from its manual.
 */
export const EXCEL_COUNTINGS = {
  'excel-yearfrac-0': (from: Day, to: Day) => inOrder(nasd, from, to),
  'excel-yearfrac-1': (from: Day, to: Day) => inOrder(actualOverActual, from, to),
  'excel-yearfrac-2': (from: Day, to: Day) => inOrder(COUNTINGS['actual/360'], from, to),
  'excel-yearfrac-3': (from: Day, to: Day) => inOrder(COUNTINGS['actual/365'], from, to),
  'excel-yearfrac-4': (from: Day, to: Day) => inOrder(COUNTINGS['30E/360'], from, to),
  /** DAYS360 with its US method. Unlike YEARFRAC it counts backwards as it is told. */
  'excel-days360': COUNTINGS['30/360-PSA'],
};

/** YEARFRAC takes its dates in either order. */
function inOrder(count: (from: Day, to: Day) => YearFraction, from: Day, to: Day): YearFraction {
  return from.serial <= to.serial ? count(from, to) : count(to, from);
}

/** Basis 0. After a start on the last of February an end on the 31st stays the 31st. */
function nasd(from: Day, to: Day): YearFraction {
  if (!isLastOfFebruary(from)) return COUNTINGS['30/360'](from, to);
  const last = isLastOfFebruary(to) ? 30 : to.day;
  const days = 360 * (to.year - from.year) + 30 * (to.month - from.month) + last - 30;
  return { days, numerator: days, denominator: 360 };
}

/** Basis 1: up to a year over 365 or 366, beyond it over the mean length of the calendar years touched. */
function actualOverActual(from: Day, to: Day): YearFraction {
  const days = daysApart(from, to);
  if (isAtMostAYear(from, to)) return { days, numerator: days, denominator: yearLength(from, to) };
  const years = to.year - from.year + 1;
  const length = daysApart(dayOf(from.year, 1, 1), dayOf(to.year, 12, 31)) + 1;
  return { days, numerator: days * years, denominator: length };
}

function isAtMostAYear(from: Day, to: Day): boolean {
  if (from.year === to.year) return true;
  const sameDay = from.month === to.month && from.day >= to.day;
  return from.year + 1 === to.year && (from.month > to.month || sameDay);
}

function yearLength(from: Day, to: Day): 365 | 366 {
  if (from.year === to.year) return isLeapYear(from.year) ? 366 : 365;
  const leapInFirst = isLeapYear(from.year) && from.month <= 2;
  const leapInLast = isLeapYear(to.year) && (to.month > 2 || (to.month === 2 && to.day === 29));
  return leapInFirst || leapInLast ? 366 : 365;
}
