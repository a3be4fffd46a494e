import { dateOfDay } from '../../calendar/day-number.ts';
import type { Transaction } from '../../db/pools.ts';
import { chargeFee } from '../life/fee.ts';
import { minorText, minorUnits } from '../schedule.ts';
import { type OperationContext, operate, type Refused } from './operate.ts';

export interface FeeRequest {
  loan: string;
  /** What it is for. */
  name: string;
  amount: string;
  tax: string;
  currency: string;
  /** The caller's own name for it: charged once. */
  reference: string;
}

export interface FeeAnswer {
  outcome: 'charged';
  loan: string;
  journal: string;
  instalment: number;
  due_on: string;
  amount: string;
  tax: string;
}

/** Charges a fee on a loan: it is due with the instalment that falls due next. */
export function chargeLoanFee(
  tx: Transaction,
  context: OperationContext,
  { loan: id, name, amount, tax, currency, reference }: FeeRequest,
): Promise<FeeAnswer | Refused<never>> {
  const fee = { amount: minorUnits(amount), tax: minorUnits(tax) };
  return operate<FeeAnswer, never>(tx, context, {
    ...{ loan: id, kind: 'loan.charge-fee', key: `loan.charge-fee/${reference}`, currency },
    work(loan, { day, business_date }) {
      const { booking, instalment } = chargeFee(loan, { ...fee, day, business_date });
      const charged = {
        amount: minorText(fee.amount),
        tax: minorText(fee.tax),
        instalment: instalment.number,
      };
      return {
        booking,
        event: { kind: 'fee', amount: fee.amount, detail: { name, reference, tax: minorText(fee.tax) } },
        told: { verb: 'fee-charged', data: { name, reference, ...charged } },
        answer: ({ journal }) => ({
          ...{ outcome: 'charged', loan: id, journal, ...charged },
          due_on: dateOfDay(instalment.due_day),
        }),
      };
    },
  });
}
