import { type Day, parseDay } from '../dates.ts';
import { CalculationError } from '../errors.ts';
import type { ScheduleRequest } from './request.ts';
import type { Row } from './rows.ts';

/** A fee as it falls due. */
export interface Fee {
  name: string;
  amount: bigint;
}

export interface Fees {
  /** Kept back from the payout on the day of the disbursal. */
  atDisbursal: Fee[];
  /** By row, from the first on. */
  ofRows: Fee[][];
}

/**
 * Where each fee falls due: with every row, with the row whose period has its day, or at once.
 * @throws CalculationError for one before the disbursal or after the last due day
 */
export function placeFees(
  fees: ScheduleRequest['fees'],
  rows: readonly Row[],
  units: (text: string) => bigint,
): Fees {
  const placed: Fees = { atDisbursal: [], ofRows: rows.map(() => []) };
  fees.forEach(({ name, on, amount }, index) => {
    const fee = { name, amount: units(amount) };
    if (on === 'instalment') for (const row of placed.ofRows) row.push(fee);
    else rowOf(parseDay(on), rows, placed, `fees.${index}.on`).push(fee);
  });
  return placed;
}

function rowOf(day: Day, rows: readonly Row[], placed: Fees, field: string): Fee[] {
  const start = rows[0]!.from;
  if (day.serial < start.serial) {
    throw new CalculationError('dates-disordered', 'The fee is due before the disbursal.', field);
  }
  if (day.serial === start.serial) return placed.atDisbursal;
  const index = rows.findIndex(({ due }) => day.serial <= due.serial);
  if (index < 0) throw new CalculationError('after-last-due', 'On that day the loan is over.', field);
  return placed.ofRows[index]!;
}

export function sumOf(fees: readonly Fee[]): bigint {
  return fees.reduce((sum, { amount }) => sum + amount, 0n);
}
