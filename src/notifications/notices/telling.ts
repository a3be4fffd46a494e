import { addDays } from '../../calendar/business-date.ts';
import { dayNumber } from '../../calendar/day-number.ts';
import { formatAmount, sum, toDecimal } from '../../ledger/money.ts';
import { lastFour, maskedVpa } from '../../payments/masked.ts';
import type { Payload } from '../payload.ts';
import { REMINDER_DUE, STATEMENT_READY } from './built-in.ts';
import { endOf, type Happened, momentOf, text } from './happened.ts';

/** What a notice is filled with, and what else is known of it. */
export interface Told {
  data: Record<string, unknown>;
  /** Nobody wants it after that. */
  deadline?: string;
  /** It is sent only while that is owed. */
  about?: NonNullable<Payload['about']>;
  /** What goes with its mail. */
  attachment?: NonNullable<Payload['attachment']>;
}

/** Why nothing is told of it. */
export const UNTOLD = ['told-when-paid', 'not-about-a-loan', 'disputed'] as const;
export type Untold = (typeof UNTOLD)[number];

type Telling = (happened: Happened) => Told | Untold;

const TELLINGS: Record<string, Telling> = {
  'application.offered': offered,
  'loan.disbursed': disbursed,
  'payout.succeeded': paidOut,
  [REMINDER_DUE]: reminded,
  'loan.payment-received': received,
  'loan.prepaid': received,
  'loan.payment-reversed': bounced,
  'mandate.debit-bounced': bounced,
  'loan.foreclosure-quoted': quoted,
  'loan.closed': closed,
  'loan.foreclosed': closed,
  [STATEMENT_READY]: statement,
};

/**
 * What of an event is told. Whatever its type, a template may use what its data says, and what is known of the loan
 * or the application.
 */
export function tellingOf(happened: Happened): Told | Untold {
  const { event, loan, application, lender } = happened;
  if (!loan && !application) return 'not-about-a-loan';
  const telling = TELLINGS[event.type];
  const told = telling ? telling(happened) : { data: {} };
  if (typeof told === 'string') return told;
  const plain = Object.entries(event.data).filter(([, value]) => ['string', 'number'].includes(typeof value));
  const known = {
    lender,
    currency: loan?.currency ?? application?.currency,
    ...(loan && { loan: loan.number }),
    ...(application && { application: application.reference }),
  };
  return { ...told, data: { ...Object.fromEntries(plain), ...known, ...told.data } };
}

function offered({ event, application, on, calendar }: Happened): Told {
  const valid_until = application!.valid_until(on);
  return {
    deadline: endOf(valid_until, calendar),
    data: {
      ...{ amount: text(event, 'amount'), tenure_months: event.data.tenure_months, valid_until },
      ...{ annual_rate: application!.annual_rate, instalment: application!.instalment },
    },
  };
}

function disbursed({ event, loan, lender }: Happened): Told | Untold {
  // The bank has not paid yet, and may never: `payout.succeeded` tells.
  if (loan!.is_paid_by_bank) return 'told-when-paid';
  return {
    data: {
      ...{ amount: text(event, 'principal'), disbursed_on: event.business_date, account: `${lender} wallet` },
      ...repayment(loan!),
    },
  };
}

function paidOut({ event, loan, on }: Happened): Told | Untold {
  if (text(event, 'purpose') !== 'disbursal') return 'not-about-a-loan';
  const { ifsc, account_number, vpa } = loan!;
  const account = vpa ? maskedVpa(vpa) : `${ifsc!.slice(0, BANK)} ${lastFour(account_number!)}`;
  return { data: { amount: text(event, 'amount'), disbursed_on: on, account, ...repayment(loan!) } };
}

/** An IFSC begins with the bank's letters. */
const BANK = 4;

function repayment({ instalment, instalments, first_due_on }: NonNullable<Happened['loan']>) {
  return { instalment, instalments, first_due_on };
}

/** Over a weekend it may wait; later it counts the days too wrongly. */
const OVERDUE_DAYS = 3;

function reminded({ event, loan, read_on, calendar }: Happened): Told {
  const due_on = text(event, 'due_on')!;
  const instalment = Number(event.data.instalment);
  const about = { loan: text(event, 'loan')!, instalment };
  if (momentOf({ event, read_on }) !== 'after-due') {
    const counted = { instalment_number: instalment, instalments: loan!.instalments };
    return {
      about,
      deadline: endOf(due_on, calendar),
      data: { amount: text(event, 'owed'), due_on, ...counted },
    };
  }
  const { overdue, overdue_penal } = loan!;
  return {
    about,
    deadline: endOf(addDays(read_on, OVERDUE_DAYS), calendar),
    data: {
      amount: isAboveZero(overdue) ? overdue : text(event, 'owed'),
      penal_charges: isAboveZero(overdue_penal) ? overdue_penal : null,
      ...{ due_on, days_overdue: dayNumber(read_on) - dayNumber(due_on) },
    },
  };
}

function received({ event }: Happened): Told {
  return {
    data: {
      ...{
        amount: text(event, 'amount'),
        paid_on: text(event, 'paid_on'),
        receipt: text(event, 'reference'),
      },
      outstanding: text(event, 'principal_outstanding'),
      next_amount: text(event, 'next_amount') ?? text(event, 'instalment'),
      next_due_on: text(event, 'next_due_on'),
    },
  };
}

function bounced({ event, on }: Happened): Told | Untold {
  // The lender's people and the borrower are in talks about it.
  if (text(event, 'cause') === 'disputed') return 'disputed';
  return {
    data: { amount: text(event, 'amount'), attempted_on: text(event, 'paid_on') ?? on, reason: null },
  };
}

function quoted({ event, calendar }: Happened): Told {
  const of = (...names: string[]) =>
    formatAmount(sum(names.map((name) => toDecimal(text(event, name) ?? '0'))));
  const valid_until = text(event, 'valid_until')!;
  return {
    deadline: endOf(valid_until, calendar),
    data: {
      ...{ amount: text(event, 'total'), principal: text(event, 'principal'), valid_until },
      ...{ interest: of('accrued_interest', 'interest_due'), charges: of('penal', 'fees', 'charge', 'tax') },
    },
  };
}

function closed({ event, loan }: Happened): Told {
  return { data: { closed_on: loan!.closed_on ?? event.business_date } };
}

function statement({ event, loan }: Happened): Told {
  const [from, to] = [text(event, 'from')!, text(event, 'to')!];
  return {
    data: { from_on: from, to_on: to, outstanding: loan!.principal_outstanding },
    attachment: { document: 'statement', loan: loan!.id, from, to },
  };
}

function isAboveZero(amount: string): boolean {
  return toDecimal(amount).gt(0);
}
