import type { Transaction } from '../../db/pools.ts';
import { waivableOf, waive } from '../life/waive.ts';
import { minorText, minorUnits } from '../schedule.ts';
import { type OperationContext, operate, type Refused, refuse } from './operate.ts';

/** Penal charges or fees that a lender forgives. */
export interface WaiverRequest {
  loan: string;
  component: 'penal' | 'fees';
  /** Of one instalment; of the oldest first where it is left out. */
  instalment?: number | undefined;
  amount: string;
  reason: string;
}

export interface WaivedAnswer {
  outcome: 'waived';
  loan: string;
  journal: string;
  component: 'penal' | 'fees';
  waived: string;
  /** The tax in it. */
  tax: string;
  loan_state: string;
}

/** Forgives what was agreed to, never more than is unpaid. @param approval whose it is: waived once */
export function waiveCharges(
  tx: Transaction,
  context: OperationContext,
  { loan: id, component, instalment, amount, reason }: WaiverRequest,
  approval: string,
): Promise<WaivedAnswer | Refused<'more-than-unpaid'>> {
  const number = instalment ?? null;
  const asked = minorUnits(amount);
  return operate<WaivedAnswer, 'more-than-unpaid'>(tx, context, {
    ...{ loan: id, kind: 'loan.waive', key: `loan.waive/${approval}` },
    work(loan, { day, business_date }) {
      const unpaid = waivableOf(loan, { component, number });
      if (asked > unpaid) {
        return refuse('more-than-unpaid', `${minorText(unpaid)} of ${component} is unpaid, not ${amount}.`);
      }
      const { booking, waived, tax } = waive(loan, { component, number, amount: asked, day, business_date });
      const told = { component, amount: minorText(waived), tax: minorText(tax), reason };
      return {
        booking,
        event: {
          kind: 'waiver',
          amount: waived,
          detail: { component, instalment: number, reason, approval },
        },
        told: { verb: 'charges-waived', data: told },
        answer: ({ journal, loan: { state } }) => ({
          ...{ outcome: 'waived', loan: id, journal, component, waived: minorText(waived) },
          ...{ tax: minorText(tax), loan_state: state },
        }),
      };
    },
  });
}
