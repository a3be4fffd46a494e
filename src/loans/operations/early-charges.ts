import { dayNumber } from '../../calendar/day-number.ts';
import { type EarlyCharged, earlyCharge } from '../charges.ts';
import { minorUnits } from '../schedule.ts';
import type { ServicedLoan } from '../servicing/load.ts';
import type { Origin } from '../servicing/renewals.ts';

/** What a loan is charged for principal paid early on a day, by its product's rules. */
export function earlyChargeOf(
  { terms }: ServicedLoan,
  { principal, disbursed_on, opened_on }: Origin,
  day: number,
  what: 'prepayment' | 'foreclosure',
): (principal: bigint) => EarlyCharged {
  const { packs, rate_type, purpose, borrower_class, lender_class, disclosed, ...contract } =
    terms.rules.charges;
  const facts = {
    ...{ rate_type, purpose, borrower_class, lender_class, disclosed },
    ...{ amount: minorUnits(principal), sanctioned_on: opened_on },
  };
  const days_since_disbursal = day - dayNumber(disbursed_on);
  return (paid) => earlyCharge(paid, contract[what], { facts, packs, days_since_disbursal });
}
