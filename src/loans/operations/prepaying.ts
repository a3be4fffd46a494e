import type { IsoDate } from '../../calendar/business-date.ts';
import { dateOfDay } from '../../calendar/day-number.ts';
import type { Transaction } from '../../db/pools.ts';
import { pay } from '../life/pay.ts';
import { type Effect, isInMoratorium, planRest } from '../life/plan-rest.ts';
import { type Prepaid, prepay } from '../life/prepay.ts';
import { restOf } from '../life/renew.ts';
import { standingOf } from '../payment-events.ts';
import { journalKey } from '../repayment-answers.ts';
import { minorText, minorUnits } from '../schedule.ts';
import type { ServicedLoan } from '../servicing/load.ts';
import { earlyChargeOf } from './early-charges.ts';
import {
  type Occasion,
  type OperationContext,
  operate,
  type Refused,
  refuse,
  type Worked,
} from './operate.ts';

/** A payment that shall lower the principal before it is due. */
export interface PrepaymentRequest {
  loan: string;
  amount: string;
  currency: string;
  effect: Effect;
  /** The caller's own name for it: the same one is never taken twice, repayments included. */
  reference: string;
  source: 'collection' | 'wallet';
  paid_on?: IsoDate | undefined;
}

export const PREPAYMENT_REFUSALS = ['pays-all', 'not-supported', 'in-moratorium'] as const;
type Code = (typeof PREPAYMENT_REFUSALS)[number];

export type PrepaidAnswer =
  | {
      outcome: 'prepaid';
      journal: string;
      paid_on: IsoDate;
      effect: Effect;
      /** Of the payment: what was due, interest to the day, the charge and the tax on it, the principal. */
      dues: string;
      interest: string;
      charge: string;
      tax: string;
      charge_rule: string;
      principal: string;
      left_in_wallet: string;
      /** The schedule from now on. */
      instalment: string;
      instalments_left: number;
      last_due_on: IsoDate;
      principal_outstanding: string;
    }
  | {
      /** Below what the product takes for a prepayment: dues are paid, the rest waits for the next due date. */
      outcome: 'held-as-advance';
      journal: string;
      paid_on: IsoDate;
      dues: string;
      advance: string;
      left_in_wallet: string;
    };

type Answer = Worked<PrepaidAnswer> | Refused<Code>;

/** Takes a prepayment on the same day that it is paid; what is too little for one is kept for the next due date. */
export function prepayLoan(
  tx: Transaction,
  context: OperationContext,
  request: PrepaymentRequest,
): Promise<PrepaidAnswer | Refused<Code>> {
  return operate<PrepaidAnswer, Code>(tx, context, {
    ...{ loan: request.loan, kind: 'loan.prepay', key: journalKey(request.reference) },
    ...{ currency: request.currency, on: request.paid_on },
    work: (loan, occasion) => worked(loan, occasion, request),
  });
}

function worked(loan: ServicedLoan, occasion: Occasion, request: PrepaymentRequest): Answer {
  const { effect, source } = request;
  const { day, business_date, desk, origin } = occasion;
  const amount = minorUnits(request.amount);
  const rest = restOf(loan, day);
  if (effect === 'reduce-term' && loan.terms.rules.schedule.amortisation === 'interest-only') {
    return refuse('not-supported', 'All principal is due with the last instalment: the term cannot be less.');
  }
  if (rest && isInMoratorium(rest.coming)) {
    return refuse('in-moratorium', `Loan ${loan.id} is in its moratorium: it can be foreclosed, or repaid.`);
  }
  const charge = earlyChargeOf(loan, origin, day, 'prepayment');
  const prepaid = prepay(loan, {
    ...{ amount, source, day, business_date, last_number: origin.last_number, chargeOf: charge },
    plan: (principal, from_day) =>
      planRest(
        loan,
        { coming: rest!.coming, annual_rate: origin.annual_rate, calendar: desk.day.calendar },
        { principal, from_day, effect },
      ),
  });
  switch (prepaid.outcome) {
    case 'too-much':
      return refuse('pays-all', `That pays all of loan ${loan.id}: ask for a foreclosure quote.`);
    case 'too-little':
      return held(loan, occasion, request, amount);
    case 'prepaid':
      return taken(prepaid, occasion, request, charge(prepaid.principal).rule);
  }
}

function taken(prepaid: Prepaid, { day }: Occasion, request: PrepaymentRequest, rule: string): Answer {
  const { effect, reference, source, loan, currency } = request;
  const { booking, removed, added, charge, tax } = prepaid;
  const coming = added.slice(1);
  const texts = {
    ...{ dues: minorText(prepaid.dues), interest: minorText(prepaid.interest) },
    ...{ charge: minorText(charge), tax: minorText(tax), charge_rule: rule },
    principal: minorText(prepaid.principal),
  };
  const schedule = {
    instalment: minorText(coming[0]!.principal + coming[0]!.interest),
    instalments_left: coming.length,
    last_due_on: dateOfDay(coming.at(-1)!.due_day),
    principal_outstanding: minorText(coming.reduce((sum, each) => sum + each.principal, 0n)),
  };
  const paid = { amount: minorText(minorUnits(request.amount)), paid_on: dateOfDay(day), source, currency };
  const next_due_on = dateOfDay(coming[0]!.due_day);
  const told = { ...texts, ...schedule, ...paid, next_due_on, effect, reference };
  return {
    ...{ booking, renewal: { removed, added } },
    event: {
      ...{ kind: 'prepayment', amount: minorUnits(request.amount) },
      detail: { reference, source, effect, ...texts },
    },
    told: { verb: 'prepaid', data: { loan, ...told } },
    answer: ({ journal }) => ({
      ...{ outcome: 'prepaid', journal, paid_on: dateOfDay(day), effect, ...texts, ...schedule },
      left_in_wallet: minorText(prepaid.left),
    }),
  };
}

/** As a repayment whose rest is kept as an advance, and can be reversed like one. */
function held(
  loan: ServicedLoan,
  { day, business_date }: Occasion,
  { reference, source }: PrepaymentRequest,
  amount: bigint,
): Answer {
  const paid = pay(loan, { amount, source, day, business_date, excess: 'advance' });
  return {
    booking: paid.booking,
    event: { kind: 'repayment', amount, detail: { reference, source, held: true } },
    told: {
      verb: 'payment-received',
      data: {
        ...{ reference, source, paid_on: dateOfDay(day), amount: minorText(amount) },
        ...{ taken: minorText(paid.taken), currency: loan.currency, ...standingOf(loan) },
      },
    },
    answer: ({ journal }) => ({
      ...{ outcome: 'held-as-advance', journal, paid_on: dateOfDay(day) },
      ...{ dues: minorText(paid.allocated.taken), advance: minorText(paid.advance) },
      left_in_wallet: minorText(amount - paid.taken),
    }),
  };
}
