import { total } from '../allocation.ts';
import type { Instalment } from './standing.ts';

/**
 * Rows whose unpaid part goes elsewhere, or is given up: what was paid of them stays, as a row that asks for
 * nothing more; one of which nothing was paid goes altogether.
 */
export function cutToPaid(rows: readonly Instalment[], business_date: string): Instalment[] {
  return rows
    .filter(({ paid }) => total(paid) > 0n)
    .map((each) => ({
      ...{ ...each, ...each.paid, paid: { ...each.paid } },
      penal_tax: share(each.penal_tax, each.paid.penal, each.penal),
      fees_tax: share(each.fees_tax, each.paid.fees, each.fees),
      ...{ accrued: each.paid.interest, paid_on: business_date, changed: true },
    }));
}

function share(tax: bigint, part: bigint, whole: bigint): bigint {
  return whole === 0n ? 0n : (tax * part) / whole;
}
