import type { IsoDate } from '../../calendar/business-date.ts';
import { dateOfDay } from '../../calendar/day-number.ts';
import type { Transaction } from '../../db/pools.ts';
import { businessDayAt } from '../../ledger/business-day.ts';
import { foreclose } from '../life/foreclose.ts';
import { journalKey } from '../repayment-answers.ts';
import { minorText } from '../schedule.ts';
import { moveLoan } from '../states.ts';
import { earlyChargeOf } from './early-charges.ts';
import { closeQuote, fingerprintOf, lockQuote } from './foreclosure-quotes.ts';
import { type OperationContext, operate, type Refused, refuse } from './operate.ts';

/** A quote that the borrower accepts, and pays. */
export interface ForeclosureRequest {
  loan: string;
  quote: string;
  source: 'collection' | 'wallet';
  /** The caller's own name for the payment: the same one is never taken twice. */
  reference: string;
}

export const FORECLOSURE_REFUSALS = ['unknown-quote', 'quote-expired', 'quote-stale'] as const;
type Code = (typeof FORECLOSURE_REFUSALS)[number];

export interface ForeclosedAnswer {
  outcome: 'foreclosed';
  loan: string;
  quote: string;
  journal: string;
  foreclosed_on: IsoDate;
  principal: string;
  interest: string;
  penal: string;
  fees: string;
  charge: string;
  tax: string;
  advance: string;
  refund: string;
  total: string;
}

/**
 * Ends a loan by a quote: on the day it was quoted for its total, on a later one, while it stands, for what
 * the days between have added. Accepted again it is answered as it was.
 */
export async function forecloseLoan(
  tx: Transaction,
  context: OperationContext,
  { loan: id, quote: quote_id, source, reference }: ForeclosureRequest,
): Promise<ForeclosedAnswer | Refused<Code>> {
  const quote = await lockQuote(tx, id, quote_id);
  if (!quote) return refuse('unknown-quote', `Loan ${id} has no quote ${quote_id}.`);
  if (quote.answer) return quote.answer as unknown as ForeclosedAnswer;
  const { today } = await businessDayAt(tx, context.tenant, context.now);
  if (quote.state === 'expired' || today > quote.valid_until) {
    return refuse('quote-expired', `Quote ${quote_id} stood until ${quote.valid_until}.`);
  }
  const answer = await operate<ForeclosedAnswer, Code>(tx, context, {
    ...{ loan: id, kind: 'loan.foreclose', key: journalKey(reference) },
    work(loan, { day, business_date, origin }) {
      if (fingerprintOf(origin) !== quote.fingerprint) {
        return refuse('quote-stale', `Something happened to loan ${id} since: ask for a new quote.`);
      }
      moveLoan(loan.state, 'foreclosed');
      const { booking, removed, added, asked } = foreclose(loan, {
        ...{ day, business_date, source, last_number: origin.last_number },
        chargeOf: earlyChargeOf(loan, origin, day, 'foreclosure'),
      });
      const { accrued, interest, total } = asked;
      const texts = {
        ...{ principal: minorText(asked.principal), interest: minorText(interest + accrued) },
        ...{ penal: minorText(asked.penal), fees: minorText(asked.fees), charge: minorText(asked.charge) },
        ...{ tax: minorText(asked.tax), advance: minorText(asked.advance), refund: minorText(asked.refund) },
        total: minorText(total),
      };
      return {
        ...{ booking, renewal: { removed, added }, told: null },
        event: {
          kind: 'foreclosure',
          amount: total,
          detail: { quote: quote_id, reference, source, ...texts },
        },
        answer: ({ journal }) => ({
          ...{ outcome: 'foreclosed', loan: id, quote: quote_id, journal, foreclosed_on: dateOfDay(day) },
          ...texts,
        }),
      };
    },
  });
  if (answer.outcome === 'foreclosed') await closeQuote(tx, quote_id, answer);
  return answer;
}
