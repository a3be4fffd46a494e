import type { IsoDate } from '../../calendar/business-date.ts';
import type { ScheduleRequest } from './schedule/request.ts';
import type { Trace } from './trace.ts';

export { type ScheduleRequest, scheduleRequest } from './schedule/request.ts';

/** One row. Amounts are written out with the places of the rounding. */
export interface ScheduleRow {
  n: number;
  /** Interest runs from this day … */
  from: IsoDate;
  /** … up to this day, on which the row is due. */
  due: IsoDate;
  principal: string;
  interest: string;
  fees: string;
  /** principal + interest + fees. */
  total: string;
  /** Principal owed after the row. */
  balance: string;
  /** With `explain`. */
  trace?: Record<'principal' | 'interest' | 'fees' | 'total' | 'balance', Trace>;
}

export interface ScheduleTotals {
  /** Of the rows. With `prepaid` it adds up to all that was paid out and capitalised. */
  principal: string;
  interest: string;
  fees: string;
  total: string;
  prepaid: string;
  /** Interest that a moratorium made principal. */
  capitalised: string;
  /** Kept back from the payout; in no row. */
  feesAtDisbursal: string;
}

export interface ScheduleAnswer {
  instalments: ScheduleRow[];
  totals: ScheduleTotals;
  /** Percent a year, nominal, 6 decimals, on the net disbursed amount, fees in; null where there is none. */
  apr: string | null;
}

/**
 * The schedule of a loan.
 * @throws CalculationError where the terms contradict each other or never pay the loan off.
 */
export function schedule(request: ScheduleRequest, options: { explain?: boolean } = {}): ScheduleAnswer {
  throw new Error(`Not built yet: ${request.amortisation}, ${options.explain}`);
}
