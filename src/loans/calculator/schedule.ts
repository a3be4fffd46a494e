import type { IsoDate } from '../../calendar/business-date.ts';
import { formatDay } from './dates.ts';
import { formatUnits, parseUnits } from './fractions.ts';
import { aprOf, traceApr } from './schedule/apr.ts';
import { type RowTrace, traceRow, traceTotals } from './schedule/explain.ts';
import { type Fees, placeFees, sumOf } from './schedule/fees.ts';
import { type ReadTerms, readTerms } from './schedule/read-terms.ts';
import type { ScheduleRequest } from './schedule/request.ts';
import { type Row, scheduleRows } from './schedule/rows.ts';
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
  trace?: RowTrace;
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
  /** With `explain`. */
  trace?: Record<keyof ScheduleTotals | 'apr', Trace>;
}

/**
 * The schedule of a loan.
 * @throws CalculationError where the terms contradict each other or never pay the loan off.
 */
export function schedule(request: ScheduleRequest, options: { explain?: boolean } = {}): ScheduleAnswer {
  const read = readTerms(request);
  const rows = scheduleRows(read.terms);
  const fees = placeFees(request.fees, rows, (text) => parseUnits(text, read.places));
  const totals = totalsOf(rows, fees, read);
  const apr = aprOf(read, rows, fees);
  const instalments = rows.map((row, index) => writtenOut(row, sumOf(fees.ofRows[index]!), read.places));
  if (!options.explain) return { instalments, totals, apr };
  return {
    instalments: instalments.map((written, index) => ({
      ...written,
      trace: traceRow(read, rows[index]!, fees.ofRows[index]!, index === rows.length - 1),
    })),
    totals,
    apr,
    trace: { ...traceTotals(totals, rows.length), apr: traceApr(read, rows, fees) },
  };
}

function writtenOut(row: Row, fees: bigint, places: number): ScheduleRow {
  const text = (units: bigint) => formatUnits(units, places);
  return {
    n: row.number,
    from: formatDay(row.from),
    due: formatDay(row.due),
    principal: text(row.principal),
    interest: text(row.interest),
    fees: text(fees),
    total: text(row.principal + row.interest + fees),
    balance: text(row.balance),
  };
}

function totalsOf(rows: readonly Row[], fees: Fees, { places }: ReadTerms): ScheduleTotals {
  const sums = { principal: 0n, interest: 0n, prepaid: 0n, capitalised: 0n };
  for (const { principal, interest, working } of rows) {
    sums.principal += principal;
    sums.interest += interest;
    sums.prepaid += working.prepaid;
    sums.capitalised += working.capitalised;
  }
  const feesOfRows = fees.ofRows.reduce((sum, row) => sum + sumOf(row), 0n);
  const text = (units: bigint) => formatUnits(units, places);
  return {
    principal: text(sums.principal),
    interest: text(sums.interest),
    fees: text(feesOfRows),
    total: text(sums.principal + sums.interest + feesOfRows),
    prepaid: text(sums.prepaid),
    capitalised: text(sums.capitalised),
    feesAtDisbursal: text(sumOf(fees.atDisbursal)),
  };
}
