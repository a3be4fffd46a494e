import { type Calendar, type IsoDate, isBusinessDate } from '../../calendar/business-date.ts';
import type { ProductRules } from '../product-rules.ts';
import { formatDay, parseDay } from './dates.ts';
import { decimalsOf, parseUnits } from './fractions.ts';
import { later } from './schedule/periods.ts';
import { type Row, scheduleRows } from './schedule/rows.ts';
import type { Every, Terms } from './schedule/terms.ts';

/** A loan to be scheduled by the rules of its product. Amounts are in minor units. */
export interface PlanTerms {
  principal: bigint;
  /** Fraction a year in plain notation: "0.18" is 18 %. */
  annual_rate: string;
  /** Rows; with `fixed_instalment` the most there may be. */
  instalments: number;
  disbursed_on: IsoDate;
  rules: ProductRules['schedule'];
  /** Of the tenant; needed where the rules shift due dates. */
  calendar?: Calendar | undefined;
  /** One month unless told. */
  every?: Every | undefined;
  /** One period after the disbursal unless told. */
  first_due_on?: IsoDate | undefined;
  /** Due dates, one for each row, instead of `every` and `first_due_on`. */
  due_on?: readonly IsoDate[] | undefined;
  /** Paid out besides `principal`, on days after the disbursal, in order. */
  payouts?: readonly { on: IsoDate; amount: bigint }[] | undefined;
  /** Keeps this instalment and finds the number of rows, as after a prepayment that shortens the term. */
  fixed_instalment?: bigint | undefined;
}

export interface PlannedRow {
  number: number;
  from_on: IsoDate;
  due_on: IsoDate;
  principal: bigint;
  interest: bigint;
  /** Principal owed after the row. */
  balance: bigint;
}

export interface Plan {
  /** What an ordinary row pays: the first of those that pay principal, or interest where none else does. */
  instalment: bigint;
  rows: PlannedRow[];
  /** Interest of a moratorium that became principal: the rows' principal is this much above the loan's. */
  capitalised: bigint;
}

const MINOR_DECIMALS = 2;
const MONTHLY: Every = { count: 1, unit: 'month' };

/**
 * The schedule of a loan for the books: the same rows as the calculator's `schedule`, without JSON. The plain
 * case, 12 equal instalments by months, takes some 10 µs.
 * @throws CalculationError where a fixed instalment never pays the loan off.
 * @throws RangeError for terms that no loan can have.
 */
export function planSchedule(plan: PlanTerms): Plan {
  const terms = termsOf(plan);
  const rows = scheduleRows(terms);
  return {
    instalment: ordinary(rows, terms),
    rows: writtenOut(rows),
    capitalised: rows.reduce((sum, { working }) => sum + working.capitalised, 0n),
  };
}

function writtenOut(rows: readonly Row[]): PlannedRow[] {
  let from_on = formatDay(rows[0]!.from);
  return rows.map(({ number, due, principal, interest, balance }) => {
    const due_on = formatDay(due);
    const row = { number, from_on, due_on, principal, interest, balance };
    from_on = due_on;
    return row;
  });
}

function termsOf(plan: PlanTerms): Terms {
  const { rules, instalments, annual_rate, principal } = plan;
  if (principal <= 0n) throw new RangeError(`Not a principal: ${principal}`);
  if (!Number.isInteger(instalments) || instalments < 1) {
    throw new RangeError(`Not a number of instalments: ${instalments}`);
  }
  if (!/^\d{1,20}(\.\d{1,20})?$/.test(annual_rate)) throw new RangeError(`Not a rate: ${annual_rate}`);
  if (rules.moratorium + rules.grace_principal >= instalments) {
    throw new RangeError(`The grace leaves none of ${instalments} instalments to pay the principal.`);
  }
  const decimals = decimalsOf(annual_rate);
  const multiple = rules.instalment_multiple;
  return {
    principal,
    rate: parseUnits(annual_rate, decimals),
    rateDenominator: 10n ** BigInt(decimals),
    start: parseDay(plan.disbursed_on),
    rows: instalments,
    every: plan.every ?? MONTHLY,
    firstDue: firstDueOf(plan),
    dueDays: plan.due_on?.map(parseDay),
    shift: shiftOf(plan),
    dayCount: rules.day_count,
    amortisation: rules.amortisation,
    fixedInstalment: plan.fixed_instalment,
    rounding: {
      mode: rules.rounding,
      step: 1n,
      multiple: multiple === undefined ? undefined : parseUnits(multiple, MINOR_DECIMALS),
    },
    grace: {
      principal: rules.grace_principal,
      interest: 0,
      moratorium: rules.moratorium,
      treatment: rules.moratorium_treatment,
    },
    events: (plan.payouts ?? []).map(({ on, amount }) => ({
      ...{ kind: 'payout' as const, on: parseDay(on), field: 'payouts', amount },
    })),
    pauses: [],
  };
}

function firstDueOf({ disbursed_on, first_due_on, every = MONTHLY }: PlanTerms): Terms['firstDue'] {
  if (first_due_on === undefined) return undefined;
  if (first_due_on <= disbursed_on) {
    throw new RangeError(`First due on ${first_due_on}, disbursed on ${disbursed_on}.`);
  }
  const regular = formatDay(later(parseDay(disbursed_on), every, 1));
  return regular === first_due_on ? undefined : parseDay(first_due_on);
}

function shiftOf({ rules, calendar }: PlanTerms): Terms['shift'] {
  if (rules.holiday_shift === 'none') return undefined;
  if (!calendar) throw new RangeError('Due dates are shifted by a calendar, and there is none.');
  return { to: rules.holiday_shift, isOpen: (day) => isBusinessDate(formatDay(day), calendar) };
}

function ordinary(rows: readonly Row[], { amortisation }: Terms): bigint {
  const row = rows.find(({ working }) => working.level) ?? rows.find(({ interest }) => interest > 0n);
  const { principal, interest, working } = row ?? rows[0]!;
  return working.level && amortisation !== 'equal-principal' ? working.level.amount : principal + interest;
}
