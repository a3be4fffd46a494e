import type { IsoDate } from '../calendar/business-date.ts';
import { dateOfDay } from '../calendar/day-number.ts';
import type { EventDraft } from '../events/emit.ts';
import { total } from './allocation.ts';
import { loanEvent, type Moment } from './events.ts';
import { isPaid, type LoanStanding, owedInAll, owedOf } from './life/standing.ts';
import { minorText } from './schedule.ts';

/** A payment that a loan has taken. */
export interface TakenPayment {
  reference: string;
  source: string;
  paid_on: IsoDate;
  /** All of it, and what the loan took, in minor units. */
  amount: bigint;
  taken: bigint;
}

/** That a payment was taken, with how the loan stands after it: what a receipt says. */
export function paymentReceived(
  loan: LoanStanding,
  moment: Moment & { journal: string },
  { amount, taken, ...payment }: TakenPayment,
): EventDraft {
  return loanEvent(loan.id, 'payment-received', moment, {
    ...{ ...payment, amount: minorText(amount), taken: minorText(taken), currency: loan.currency },
    ...standingOf(loan),
  });
}

/** What is left of a loan, and what it asks for next, as far as that has not fallen due yet. */
export function standingOf(loan: LoanStanding) {
  const coming = loan.unpaid.find((each) => each.fell_due_on === null && !isPaid(each));
  const asked = coming ? total(owedOf(coming)) - loan.advance : 0n;
  return {
    principal_outstanding: minorText(owedInAll(loan.unpaid).principal),
    next_due_on: coming ? dateOfDay(coming.due_day) : null,
    next_amount: coming ? minorText(asked > 0n ? asked : 0n) : null,
  };
}

/** Why a payment does not count any more: the bank did not honour it, or took it back, or a dispute was lost. */
export type ReversalCause = 'bounced' | 'returned' | 'disputed';

/** That a payment was undone: the loan owes again. */
export function paymentReversed(
  loan: LoanStanding,
  moment: Moment & { journal: string },
  payment: { reference: string; paid_on: IsoDate; amount: bigint; cause: ReversalCause },
): EventDraft {
  const data = { ...payment, amount: minorText(payment.amount), currency: loan.currency };
  return loanEvent(loan.id, 'payment-reversed', moment, data);
}
