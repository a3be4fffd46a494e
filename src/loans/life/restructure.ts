import { dateOfDay } from '../../calendar/day-number.ts';
import type { PlannedRow } from '../calculator/plan.ts';
import { emptyBooking } from './carry.ts';
import { cutToPaid } from './cut.ts';
import { plannedInstalments, type Renewed, recogniseRest, restOf } from './renew.ts';
import { freshInstalment, type Instalment, type LoanStanding, owedInAll } from './standing.ts';

export interface Restructured extends Renewed {
  principal: bigint;
  /** Unpaid interest, fees and penal charges: due with the first new due date, bearing no interest. */
  carried: { interest: bigint; fees: bigint; penal: bigint };
}

/**
 * Puts a loan on new terms: all principal that is unpaid, overdue or not, is planned anew. What else is
 * unpaid, with the interest earned to the day, goes to a row of its own, due on the first new due date: it
 * never becomes principal and bears no interest. A non-performing loan stays one for a time of observation.
 */
export function restructure(
  loan: LoanStanding,
  {
    day,
    business_date,
    last_number,
    observation_days,
    plan,
  }: {
    day: number;
    business_date: string;
    last_number: number;
    observation_days: number;
    plan(principal: bigint): PlannedRow[];
  },
): Restructured {
  const booking = emptyBooking(business_date, day);
  const rest = restOf(loan, day);
  const owed = owedInAll(loan.unpaid);
  const unpaidDue = owedInAll(loan.unpaid.filter(({ fell_due_on }) => fell_due_on !== null));
  const rows = plan(owed.principal);
  const carried = {
    ...{ interest: unpaidDue.interest + (rest?.accrued ?? 0n), fees: owed.fees, penal: owed.penal },
  };
  const row: Instalment = {
    ...freshInstalment({
      ...{ number: last_number + 1, from_on: dateOfDay(day), due_on: rows[0]!.due_on },
      ...{ principal: 0n, interest: carried.interest, fees: carried.fees },
    }),
    ...{
      penal: carried.penal,
      ...taxesOf(loan.unpaid),
      fell_due_on: business_date,
      accrued: carried.interest,
    },
  };
  if (rest) recogniseRest(loan, rest, row, day, booking);
  const isCarried = carried.interest + carried.fees + carried.penal > 0n;
  const cut = cutToPaid(loan.unpaid, business_date);
  const planned = plannedInstalments(rows, isCarried ? row.number : last_number, { fees: 0n, fees_tax: 0n });
  const removed = loan.unpaid;
  const added = [...cut, ...(isCarried ? [row] : []), ...planned];
  loan.unpaid = added;
  if (loan.asset_class === 'npa') loan.class_held_through = day + observation_days;
  return { booking, removed, added, principal: owed.principal, carried };
}

/** The tax in what is unpaid, in proportion. */
function taxesOf(rows: readonly Instalment[]): { penal_tax: bigint; fees_tax: bigint } {
  const open = (tax: bigint, paid: bigint, whole: bigint) =>
    whole === 0n ? 0n : (tax * (whole - paid)) / whole;
  return {
    penal_tax: rows.reduce((sum, { penal_tax, penal, paid }) => sum + open(penal_tax, paid.penal, penal), 0n),
    fees_tax: rows.reduce((sum, { fees_tax, fees, paid }) => sum + open(fees_tax, paid.fees, fees), 0n),
  };
}
