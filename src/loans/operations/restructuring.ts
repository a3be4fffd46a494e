import { sql } from 'slonik';
import { addMonths, type IsoDate } from '../../calendar/business-date.ts';
import { dateOfDay } from '../../calendar/day-number.ts';
import type { Transaction } from '../../db/pools.ts';
import { type PlannedRow, planSchedule } from '../calculator/plan.ts';
import { restOf } from '../life/renew.ts';
import { restructure } from '../life/restructure.ts';
import { minorText } from '../schedule.ts';
import type { ServicedLoan } from '../servicing/load.ts';
import { type Occasion, type OperationContext, operate, type Refused, refuse } from './operate.ts';

/** New terms for what is left of a loan. */
export interface RestructureRequest {
  loan: string;
  /** A fraction; as it was where it is left out. */
  annual_rate?: string | undefined;
  instalments: number;
  /** First instalments that ask for nothing; their interest is asked for with the one after them. */
  moratorium: number;
  /** The next due date of the old schedule where it is left out. */
  first_due_on?: IsoDate | undefined;
  reason: string;
}

export interface RestructuredAnswer {
  outcome: 'restructured';
  loan: string;
  journal: string;
  principal: string;
  carried: { interest: string; fees: string; penal: string };
  annual_rate: string;
  instalment: string;
  instalments: number;
  first_due_on: IsoDate;
  last_due_on: IsoDate;
}

export const RESTRUCTURE_REFUSALS = ['first-due-passed', 'nothing-left', 'grace-too-long'] as const;
type Code = (typeof RESTRUCTURE_REFUSALS)[number];

/** Puts a loan on new terms from the same day on. @param approval whose it is: done once */
export function restructureLoan(
  tx: Transaction,
  context: OperationContext,
  request: RestructureRequest,
  approval: string,
): Promise<RestructuredAnswer | Refused<Code>> {
  const { loan: id, reason } = request;
  return operate<RestructuredAnswer, Code>(tx, context, {
    ...{ loan: id, kind: 'loan.restructure', key: `loan.restructure/${approval}` },
    work(loan, occasion) {
      const { day, business_date, origin } = occasion;
      const terms = termsFor(loan, occasion, request);
      const refusal = refusalOf(loan, terms, occasion);
      if (refusal) return refusal;
      let rows: PlannedRow[] = [];
      const { booking, removed, added, principal, carried } = restructure(loan, {
        ...{ day, business_date, last_number: origin.last_number },
        observation_days: loan.terms.rules.restructure.observation_days,
        plan: (outstanding) => {
          rows = planSchedule({ principal: outstanding, ...terms }).rows;
          return rows;
        },
      });
      const ordinary = rows.find((row) => row.principal > 0n) ?? rows[0]!;
      const texts = {
        principal: minorText(principal),
        carried: {
          ...{ interest: minorText(carried.interest), fees: minorText(carried.fees) },
          penal: minorText(carried.penal),
        },
        ...{ annual_rate: terms.annual_rate, instalment: minorText(ordinary.principal + ordinary.interest) },
        ...{ instalments: rows.length, first_due_on: rows[0]!.due_on, last_due_on: rows.at(-1)!.due_on },
      };
      return {
        ...{ booking, renewal: { removed, added, annual_rate: terms.annual_rate } },
        event: { kind: 'restructure', amount: principal, detail: { reason, approval, ...texts } },
        told: { verb: 'restructured', data: { reason, ...texts } },
        also: async () => {
          if (loan.class_held_through === null) return;
          await tx.query(sql.unsafe`
            UPDATE loan SET class_held_through = ${dateOfDay(loan.class_held_through)}
            WHERE tenant_id = current_tenant() AND id = ${id}`);
        },
        answer: ({ journal }) => ({ outcome: 'restructured', loan: id, journal, ...texts }),
      };
    },
  });
}

type Terms = ReturnType<typeof termsFor>;

function termsFor(loan: ServicedLoan, { day, desk, origin }: Occasion, request: RestructureRequest) {
  const next = restOf(loan, day)?.coming.find(({ due_day }) => due_day > day);
  const disbursed_on = dateOfDay(day);
  const first_due_on = request.first_due_on ?? (next ? dateOfDay(next.due_day) : addMonths(disbursed_on, 1));
  return {
    ...{ disbursed_on, first_due_on, instalments: request.instalments, calendar: desk.day.calendar },
    annual_rate: request.annual_rate ?? origin.annual_rate,
    rules: {
      ...loan.terms.rules.schedule,
      ...{ grace_principal: 0, moratorium: request.moratorium },
      // Interest of a moratorium never becomes principal here.
      moratorium_treatment: 'carry-forward' as const,
    },
  };
}

function refusalOf(loan: ServicedLoan, terms: Terms, { day }: Occasion): Refused<Code> | null {
  if (terms.first_due_on <= dateOfDay(day)) {
    return refuse('first-due-passed', `${terms.first_due_on} does not come after ${dateOfDay(day)}.`);
  }
  if (terms.rules.moratorium >= terms.instalments) {
    return refuse('grace-too-long', `The moratorium leaves none of ${terms.instalments} instalments.`);
  }
  if (loan.unpaid.every((each) => each.paid.principal === each.principal)) {
    return refuse('nothing-left', `No principal of loan ${loan.id} is left.`);
  }
  return null;
}
