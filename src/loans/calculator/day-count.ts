import { z } from 'zod';
import { Decimal } from '../../ledger/money.ts';
import { type Day, monthsApart, parseDay } from './dates.ts';
import {
  COUNTINGS,
  type CountingTerms,
  countCoupons,
  couponEndingOn,
  type YearFraction,
} from './day-count-conventions.ts';
import { EXCEL_COUNTINGS } from './day-count-excel.ts';
import { CalculationError } from './errors.ts';
import { date } from './fields.ts';
import { UNROUNDED } from './precise.ts';
import type { Trace } from './trace.ts';

export const CONVENTIONS = [
  '30/360',
  '30/360-PSA',
  '30E/360',
  '30E/360-ISDA',
  'actual/365',
  'actual/360',
  'actual/364',
  'actual/actual-ISDA',
  'actual/actual-ICMA',
  'actual/actual-AFB',
  'nl/365',
  'months',
  'excel-yearfrac-0',
  'excel-yearfrac-1',
  'excel-yearfrac-2',
  'excel-yearfrac-3',
  'excel-yearfrac-4',
  'excel-days360',
] as const;
export type Convention = (typeof CONVENTIONS)[number];

const FREQUENCIES = [1, 2, 3, 4, 6, 12] as const;

/** What `dayCount` reads. */
export const dayCountRequest = z.strictObject({
  convention: z.enum(CONVENTIONS),
  from: date,
  to: date,
  couponFrom: date
    .optional()
    .meta({ description: 'actual/actual-ICMA: first day of a regular coupon period; `from` unless told' }),
  couponTo: date.optional().meta({ description: 'actual/actual-ICMA: its end; `to` unless told' }),
  frequency: z
    .literal([...FREQUENCIES])
    .optional()
    .meta({ description: 'actual/actual-ICMA: coupons a year; as long as the coupon period unless told' }),
  termination: date.optional().meta({ description: '30E/360-ISDA: last day of the contract' }),
});
export type DayCountRequest = z.output<typeof dayCountRequest>;

export interface DayCountAnswer {
  /** Days as the convention counts them. */
  days: number;
  /** Part of a year, to 34 significant digits. */
  fraction: string;
  /** With `explain`. */
  trace?: { fraction: Trace };
}

/**
 * Days and part of a year from one date to another. Only Excel's functions take the later date first, each
 * in Excel's way.
 * @throws CalculationError for dates out of order, or a coupon period that is none.
 */
export function dayCount(request: DayCountRequest, options: { explain?: boolean } = {}): DayCountAnswer {
  const { days, numerator, denominator } = count(request);
  const fraction = new Decimal(numerator).div(denominator).toFixed();
  if (!options.explain) return { days, fraction };
  const { convention, ...dates } = request;
  const given = Object.entries(dates).filter(([, value]) => value !== undefined);
  const trace = {
    rule: `day-count ${convention}/1`,
    inputs: { ...Object.fromEntries(given), days },
    unrounded: `${numerator}/${denominator}`,
    rounding: UNROUNDED,
  };
  return { days, fraction, trace: { fraction: trace } };
}

/** As dayCount, as an exact quotient. */
export function count(request: DayCountRequest): YearFraction {
  const { convention } = request;
  const [from, to] = [parseDay(request.from), parseDay(request.to)];
  if (isExcel(convention)) return EXCEL_COUNTINGS[convention](from, to);
  if (from.serial > to.serial) {
    throw new CalculationError('dates-disordered', `${request.to} is before ${request.from}.`, 'to');
  }
  if (convention === 'months') return countCoupons(from, to, couponEndingOn(to, from, 1));
  return COUNTINGS[convention](from, to, countingTerms(request, from, to));
}

function isExcel(convention: Convention): convention is keyof typeof EXCEL_COUNTINGS {
  return Object.hasOwn(EXCEL_COUNTINGS, convention);
}

function countingTerms(request: DayCountRequest, from: Day, to: Day): CountingTerms {
  if (request.convention !== 'actual/actual-ICMA') {
    return { termination: request.termination === undefined ? undefined : parseDay(request.termination) };
  }
  const couponFrom = request.couponFrom === undefined ? from : parseDay(request.couponFrom);
  const couponTo = request.couponTo === undefined ? to : parseDay(request.couponTo);
  if (couponFrom.serial >= couponTo.serial) {
    throw new CalculationError('dates-disordered', 'The coupon period ends before it begins.', 'couponTo');
  }
  const months = request.frequency ? 12 / request.frequency : monthsApart(couponFrom, couponTo);
  if (months < 1) {
    throw new CalculationError('missing-field', 'How many coupons a year has it?', 'frequency');
  }
  return { coupon: { from: couponFrom, to: couponTo, months } };
}
