import { z } from 'zod';
import { date } from './fields.ts';

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

/** What `dayCount` reads. */
export const dayCountRequest = z.strictObject({
  convention: z.enum(CONVENTIONS),
  from: date,
  to: date,
  couponFrom: date
    .optional()
    .meta({ description: 'actual/actual-ICMA: the regular coupon period; `from` unless told' }),
  couponTo: date.optional().meta({ description: 'actual/actual-ICMA: its end; `to` unless told' }),
  frequency: z
    .union([z.literal(1), z.literal(2), z.literal(3), z.literal(4), z.literal(6), z.literal(12)])
    .optional()
    .meta({ description: 'actual/actual-ICMA: coupons a year; 1 unless told' }),
  termination: date.optional().meta({ description: '30E/360-ISDA: the date on which the contract ends' }),
});
export type DayCountRequest = z.output<typeof dayCountRequest>;

export interface DayCountAnswer {
  /** Days as the convention counts them. */
  days: number;
  /** Part of a year, at least 15 significant digits. */
  fraction: string;
}

/**
 * Days and part of a year between two dates. `to` before `from` counts negative, except in Excel's
 * functions that put them in order.
 * @throws CalculationError
 */
export function dayCount(request: DayCountRequest): DayCountAnswer {
  throw new Error(`Not built yet: ${request.convention}`);
}
