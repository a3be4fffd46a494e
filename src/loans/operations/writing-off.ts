import { sql } from 'slonik';
import type { Transaction } from '../../db/pools.ts';
import { emptyBooking } from '../life/carry.ts';
import { writeOff } from '../life/write-off.ts';
import { minorText, minorUnits } from '../schedule.ts';
import { moveLoan } from '../states.ts';
import { type OperationContext, operate, type Refused, refuse } from './operate.ts';

export interface WrittenOffAnswer {
  outcome: 'written-off';
  loan: string;
  journal: string;
  written_off: string;
  principal: string;
  expense: string;
}

/** Gives a loan up. @param approval whose it is: done once */
export function writeOffLoan(
  tx: Transaction,
  context: OperationContext,
  { loan: id, reason }: { loan: string; reason: string },
  approval: string,
): Promise<WrittenOffAnswer | Refused<never>> {
  return operate<WrittenOffAnswer, never>(tx, context, {
    ...{ loan: id, kind: 'loan.write-off', key: `loan.write-off/${approval}` },
    work(loan, { day, business_date }) {
      moveLoan(loan.state, 'written-off');
      const { booking, removed, added, ...sums } = writeOff(loan, { day, business_date });
      const texts = {
        ...{ written_off: minorText(sums.written_off), principal: minorText(sums.principal) },
        expense: minorText(sums.expense),
      };
      return {
        ...{ booking, renewal: { removed, added }, told: null },
        event: { kind: 'write-off', amount: sums.written_off, detail: { reason, approval, ...texts } },
        also: () =>
          tx.query(sql.unsafe`
            UPDATE loan SET written_off = ${texts.written_off}, written_off_principal = least(${texts.principal}::numeric, ${texts.written_off}::numeric)
            WHERE tenant_id = current_tenant() AND id = ${id}`),
        answer: ({ journal }) => ({ outcome: 'written-off', loan: id, journal, ...texts }),
      };
    },
  });
}

/** Money that came back of a loan after it was given up. */
export interface RecoveryRequest {
  loan: string;
  amount: string;
  currency: string;
  /** The caller's own name for it: taken once. */
  reference: string;
  source: 'collection' | 'wallet';
}

export interface RecoveredAnswer {
  outcome: 'recovered';
  loan: string;
  journal: string;
  recovered: string;
  /** Of what was written off, still not back. */
  left: string;
}

/** Takes a recovery: income, and never more than was written off. */
export function recoverLoan(
  tx: Transaction,
  context: OperationContext,
  { loan: id, amount: text, currency, reference, source }: RecoveryRequest,
): Promise<RecoveredAnswer | Refused<'more-than-written-off'>> {
  const amount = minorUnits(text);
  return operate<RecoveredAnswer, 'more-than-written-off'>(tx, context, {
    ...{ loan: id, kind: 'loan.recover', key: `loan.recover/${reference}`, currency },
    states: ['written-off'],
    work(_loan, { day, business_date, origin }) {
      const left = minorUnits(origin.written_off) - minorUnits(origin.recovered);
      if (amount > left) {
        return refuse('more-than-written-off', `${minorText(left)} of loan ${id} is left to recover.`);
      }
      const booking = emptyBooking(business_date, day);
      booking.lines.move(source === 'collection' ? 'bank' : 'wallet', 'recovery-income', amount);
      const texts = { recovered: minorText(amount), left: minorText(left - amount) };
      return {
        booking,
        event: { kind: 'recovery', amount, detail: { reference, source } },
        told: { verb: 'recovered', data: { reference, ...texts } },
        also: () =>
          tx.query(sql.unsafe`
            UPDATE loan SET recovered = recovered + ${texts.recovered}
            WHERE tenant_id = current_tenant() AND id = ${id}`),
        answer: ({ journal }) => ({ outcome: 'recovered', loan: id, journal, ...texts }),
      };
    },
  });
}
