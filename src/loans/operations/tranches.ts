import type { IsoDate } from '../../calendar/business-date.ts';
import { dateOfDay } from '../../calendar/day-number.ts';
import type { Transaction } from '../../db/pools.ts';
import { draw } from '../life/draw.ts';
import { isInMoratorium, planDrawn } from '../life/plan-rest.ts';
import { restOf } from '../life/renew.ts';
import { isInArrears } from '../life/standing.ts';
import { minorText, minorUnits } from '../schedule.ts';
import type { ServicedLoan } from '../servicing/load.ts';
import { noteTranche, type Tranche, tranchesOf } from '../servicing/tranche-rows.ts';
import {
  type Occasion,
  type OperationContext,
  operate,
  type Refused,
  refuse,
  type Worked,
} from './operate.ts';

export const TRANCHE_REFUSALS = [
  'unknown-tranche',
  'tranche-too-early',
  'earlier-tranche-open',
  'schedule-over',
  'in-moratorium',
  'in-arrears',
] as const;
type Code = (typeof TRANCHE_REFUSALS)[number];

export type TrancheAnswer =
  | {
      outcome: 'tranche-disbursed';
      loan: string;
      tranche: number;
      journal: string;
      amount: string;
      disbursed_on: IsoDate;
      instalment: string;
      instalments_left: number;
      principal_outstanding: string;
    }
  | { outcome: 'duplicate'; loan: string; message: string };

/** Pays one further tranche of an active loan out, once. */
export function drawTranche(
  tx: Transaction,
  context: OperationContext,
  { loan: id, tranche: number }: { loan: string; tranche: number },
): Promise<TrancheAnswer | Refused<Code>> {
  return operate<TrancheAnswer, Code>(tx, context, {
    ...{ loan: id, kind: 'loan.disburse', key: `disburse:${id}/${number}` },
    work: async (loan, occasion) => {
      const tranches = await tranchesOf(tx, id);
      const tranche = tranches.find((each) => each.number === number);
      if (!tranche) return refuse('unknown-tranche', `Loan ${id} has no tranche ${number}.`);
      const refusal = refusalOf(loan, tranche, tranches, occasion);
      return refusal ?? worked(tx, loan, tranche, occasion);
    },
  }).then((answer) =>
    answer.outcome === 'refused' && answer.code === 'duplicate-reference'
      ? { outcome: 'duplicate', loan: id, message: `Tranche ${number} of loan ${id} was disbursed before.` }
      : answer,
  );
}

function refusalOf(
  loan: ServicedLoan,
  { number, planned_on, paid_on }: Tranche,
  tranches: readonly Tranche[],
  { day, desk }: Occasion,
): Refused<Code> | null {
  if (paid_on !== null) {
    return refuse('duplicate-reference', `Tranche ${number} was paid out on ${paid_on}.`);
  }
  if (planned_on !== null && planned_on > desk.day.today) {
    return refuse('tranche-too-early', `Tranche ${number} is planned for ${planned_on}.`);
  }
  const open = tranches.find((each) => each.number < number && each.paid_on === null);
  if (open) return refuse('earlier-tranche-open', `Tranche ${open.number} is not paid out yet.`);
  const rest = restOf(loan, day);
  if (!rest) return refuse('schedule-over', `All instalments of loan ${loan.id} have fallen due.`);
  if (isInMoratorium(rest.coming)) return refuse('in-moratorium', `Loan ${loan.id} is in its moratorium.`);
  if (loan.unpaid.some((each) => each.due_day < day && isInArrears(each))) {
    return refuse('in-arrears', `Loan ${loan.id} is in arrears.`);
  }
  return null;
}

function worked(
  tx: Transaction,
  loan: ServicedLoan,
  { number, amount }: Tranche,
  { day, business_date, origin, desk }: Occasion,
): Worked<TrancheAnswer> {
  const rest = restOf(loan, day)!;
  const drawn = minorUnits(amount);
  const { annual_rate, last_number } = origin;
  const terms = { coming: rest.coming, annual_rate, calendar: desk.day.calendar };
  const rows = planDrawn(loan, terms, { principal: rest.principal, drawn, day });
  const { booking, removed, added } = draw(loan, rest, { drawn, day, business_date, last_number, rows });
  const ordinary = added[1] ?? added[0]!;
  const texts = {
    ...{ amount: minorText(drawn), instalment: minorText(ordinary.principal + ordinary.interest) },
    ...{ instalments_left: added.length, principal_outstanding: minorText(rest.principal + drawn) },
  };
  const id = loan.id;
  return {
    ...{ booking, renewal: { removed, added } },
    event: { kind: 'tranche', amount: drawn, detail: { tranche: number, ...texts } },
    told: { verb: 'tranche-disbursed', data: { tranche: number, ...texts } },
    also: (journal) => noteTranche(tx, id, number, { paid_on: dateOfDay(day), journal }),
    answer: ({ journal }) => ({
      ...{ outcome: 'tranche-disbursed', loan: id, tranche: number, journal },
      ...{ disbursed_on: dateOfDay(day), ...texts },
    }),
  };
}
