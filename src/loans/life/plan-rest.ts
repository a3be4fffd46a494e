import type { Calendar } from '../../calendar/business-date.ts';
import { dateOfDay } from '../../calendar/day-number.ts';
import { CalculationError } from '../calculator/errors.ts';
import { type Plan, type PlannedRow, type PlanTerms, planSchedule } from '../calculator/plan.ts';
import { dueDatesOf } from './renew.ts';
import { type Instalment, type LoanStanding, owedOf } from './standing.ts';
import type { LoanTerms } from './terms.ts';

export type Effect = 'reduce-instalment' | 'reduce-term';

/** What the rest of a schedule is planned by. */
export interface RestTerms {
  coming: readonly Instalment[];
  annual_rate: string;
  calendar: Calendar;
}

/**
 * The rest of a schedule for a smaller (or larger) principal, from a day on: the due dates stay, and
 * either all of them with a new instalment, or the instalment and only as many as it takes.
 */
export function planRest(
  { terms }: LoanStanding,
  { coming, annual_rate, calendar }: RestTerms,
  { principal, from_day, effect }: { principal: bigint; from_day: number; effect: Effect },
): PlannedRow[] {
  const whole = wholeOf(terms, { coming, annual_rate, calendar }, principal, from_day);
  if (effect === 'reduce-instalment') return planSchedule(whole).rows;
  return shortened(whole, ordinaryOf(coming)).rows;
}

/** The rest of a schedule when more is paid out on `day`: it bears interest from then on. */
export function planDrawn(
  { terms }: LoanStanding,
  rest: RestTerms,
  { principal, drawn, day }: { principal: bigint; drawn: bigint; day: number },
): PlannedRow[] {
  const from_day = rest.coming[0]!.from_day ?? day;
  if (from_day >= day) return planSchedule(wholeOf(terms, rest, principal + drawn, from_day)).rows;
  const payouts = [{ on: dateOfDay(day), amount: drawn }];
  return planSchedule({ ...wholeOf(terms, rest, principal, from_day), payouts }).rows;
}

/** All due dates that are left, whatever the instalment. */
function wholeOf(
  { rules: { schedule } }: LoanTerms,
  { coming, annual_rate, calendar }: RestTerms,
  principal: bigint,
  from_day: number,
): PlanTerms {
  return {
    ...{ principal, annual_rate, calendar, disbursed_on: dateOfDay(from_day) },
    ...{ instalments: coming.length, due_on: dueDatesOf(coming) },
    rules: {
      ...schedule,
      moratorium: 0,
      grace_principal: schedule.amortisation === 'interest-only' ? 0 : graceLeft(coming),
      // The dates were shifted when they were made.
      holiday_shift: 'none',
    },
  };
}

/** Rows in a moratorium ask for nothing, and their interest is in later rows: no part of it can be told apart. */
export function isInMoratorium(coming: readonly Instalment[]): boolean {
  return coming.some((each) => each.principal === 0n && each.interest === 0n && owedOf(each).fees === 0n);
}

function graceLeft(coming: readonly Instalment[]): number {
  const first = coming.findIndex(({ principal }) => principal > 0n);
  return Math.max(0, first);
}

/** What an ordinary row of them pays: the most that any but the last does. */
function ordinaryOf(coming: readonly Instalment[]): bigint {
  const rows = coming.length > 1 ? coming.slice(0, -1) : coming;
  return rows
    .map(({ principal, interest }) => principal + interest)
    .reduce((one, other) => (one > other ? one : other));
}

/** As few rows as pay it with instalments of at most `instalment`. */
function shortened(whole: PlanTerms, instalment: bigint): Plan {
  if (whole.rules.amortisation === 'equal-instalment') {
    try {
      return planSchedule({ ...whole, fixed_instalment: instalment });
    } catch (error) {
      // So little was paid early that rounding would ask for a row more: then all rows stay.
      if (error instanceof CalculationError) return planSchedule(whole);
      throw error;
    }
  }
  const fewest = whole.rules.grace_principal + 1;
  for (let rows = fewest; rows < whole.instalments; rows += 1) {
    const plan = planSchedule({ ...whole, instalments: rows, due_on: whole.due_on!.slice(0, rows) });
    if (plan.instalment <= instalment) return plan;
  }
  return planSchedule(whole);
}
