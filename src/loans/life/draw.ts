import type { PlannedRow } from '../calculator/plan.ts';
import { emptyBooking } from './carry.ts';
import { plannedInstalments, type Renewed, type Rest } from './renew.ts';
import type { LoanStanding } from './standing.ts';

/**
 * Pays another part of a loan out: it bears interest from the day on, and the rest of the schedule is made
 * anew for what is then owed.
 */
export function draw(
  loan: LoanStanding,
  rest: Rest,
  {
    drawn,
    day,
    business_date,
    last_number,
    rows,
  }: {
    drawn: bigint;
    day: number;
    business_date: string;
    last_number: number;
    rows: readonly PlannedRow[];
  },
): Renewed {
  const booking = emptyBooking(business_date, day);
  booking.lines.move('principal', 'wallet', drawn);
  const added = plannedInstalments(rows, last_number, rest);
  // What was recognised day by day of the running period stays recognised, and asked for: flat interest is
  // spread evenly over rows, and may come to less for this one when it is spread anew.
  const first = added[0]!;
  first.accrued = rest.coming.reduce((sum, { accrued }) => sum + accrued, 0n);
  if (first.interest < first.accrued) first.interest = first.accrued;
  loan.unpaid = [...loan.unpaid.filter(({ fell_due_on }) => fell_due_on !== null), ...added];
  return { booking, removed: rest.coming, added };
}
