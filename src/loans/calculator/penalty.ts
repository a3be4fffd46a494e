import { z } from 'zod';
import { dateOfDay, dayNumber } from '../../calendar/day-number.ts';
import { Decimal } from '../../ledger/money.ts';
import {
  chargeableDays,
  chargeOf,
  chargeOfDay,
  hasRoom,
  type PenalTerms,
  penalBase,
  penalTerms,
} from '../penalty.ts';
import { STANDARD_RULES } from '../product-rules.ts';
import { minorText, minorUnits } from '../schedule.ts';
import type { CalculateOptions } from './calculation.ts';
import { CalculationError } from './errors.ts';
import { date } from './fields.ts';
import { bookedAmount, exactly, fractionOf, HALF_EVEN, shortPercent } from './money.ts';

/** Ten years: nobody waits longer. */
const DAYS_MAX = 3_660;
const GRACE_MAX = 365;
const BANDS_MAX = 20;
const SCORE_MAX = 1_000;

const score = z.int().min(0).max(SCORE_MAX);
const STANDARD_BANDS = STANDARD_RULES.penal.bands.map(({ score_from, daily_rate }) => ({
  scoreFrom: score_from,
  dailyRate: new Decimal(daily_rate).times(100).toFixed(),
}));

const rule = z.strictObject({
  version: z.string().min(1).max(50).default(STANDARD_RULES.penal.version),
  base: z.enum(['overdue-instalment', 'overdue-principal', 'flat']).default('overdue-instalment'),
  flatBase: bookedAmount.optional().describe('What the rate is taken of where the base is flat'),
  dailyRate: shortPercent.optional().describe('Percent a day, whatever the score; instead of bands'),
  bands: z
    .array(z.strictObject({ scoreFrom: score, dailyRate: shortPercent.describe('Percent a day') }))
    .min(1)
    .max(BANDS_MAX)
    .default(STANDARD_BANDS)
    .describe('The rate by credit score; a score below the first band takes the first'),
  graceDays: z.int().min(0).max(GRACE_MAX).default(0),
  graceChargedBack: z.boolean().default(true).describe('Once grace is over, its days are charged as well'),
  capPerInstalment: bookedAmount.optional(),
  capPerLoan: bookedAmount.optional(),
  minimum: bookedAmount.optional().describe('Least charge of an instalment that is charged at all'),
  taxRate: shortPercent.default('0').describe('Percent of the charge'),
});

/** What `penalty` reads. */
export const penaltyRequest = z.strictObject({
  dueOn: date,
  asOf: date.describe('The last day that is charged'),
  principal: bookedAmount.default('0').describe('Overdue of the principal'),
  interest: bookedAmount.default('0').describe('Overdue of the interest'),
  score: score.optional().describe('Credit score; without one, the first band counts'),
  chargedBefore: bookedAmount.default('0').describe('Charged on the loan before, without tax: for its cap'),
  rule: rule.prefault({}),
});
export type PenaltyRequest = z.output<typeof penaltyRequest>;

/** The penal charge on one overdue instalment, day by day, by the functions that the jobs charge with. */
export function penalty(request: PenaltyRequest, options: CalculateOptions = {}): object {
  const terms = termsOf(request);
  const due = dayNumber(request.dueOn);
  const daysLate = Math.max(0, dayNumber(request.asOf) - due);
  if (daysLate > DAYS_MAX) {
    throw new CalculationError('out-of-range', `At most ${DAYS_MAX} days are charged.`, 'asOf');
  }
  const base = penalBase(terms, {
    principal: minorUnits(request.principal),
    interest: minorUnits(request.interest),
  });
  const days = chargedDays(terms, base, { due, daysLate, before: minorUnits(request.chargedBefore) });
  const chargeable = countDays(terms, daysLate);
  const charge = days.reduce((sum, { amount }) => sum + amount, 0n);
  const tax = days.reduce((sum, day) => sum + day.tax, 0n);
  const rate = new Decimal(terms.daily_rate).times(100).toFixed();
  const unrounded = new Decimal(minorText(base)).times(terms.daily_rate).times(chargeable).toFixed();
  const answer = {
    ...{ daysLate, chargeableDays: chargeable, base: minorText(base), rate, unrounded },
    ...{ charge: minorText(charge), tax: minorText(tax), total: minorText(charge + tax) },
    days: days.map(({ day, amount, tax: ofDay }) => ({
      ...{ day: dateOfDay(day), amount: minorText(amount), tax: minorText(ofDay) },
    })),
  };
  return options.explain ? { ...answer, trace: traceOf(request, terms, answer) } : answer;
}

function termsOf({ rule, score: ofBorrower }: PenaltyRequest): PenalTerms {
  if (rule.base === 'flat' && rule.flatBase === undefined) {
    throw new CalculationError('missing-field', 'What is the flat base?', 'rule.flatBase');
  }
  const bands = rule.dailyRate === undefined ? rule.bands : [{ scoreFrom: 0, dailyRate: rule.dailyRate }];
  const { version, base, graceDays: grace_days, graceChargedBack: grace_charged_back } = rule;
  return penalTerms(
    {
      ...{ version, base, grace_days, grace_charged_back, tax_rate: fractionOf(rule.taxRate) },
      ...{ flat_base: rule.flatBase, minimum: rule.minimum },
      ...{ cap_instalment: rule.capPerInstalment, cap_loan: rule.capPerLoan },
      bands: bands.map(({ scoreFrom, dailyRate }) => ({
        ...{ score_from: scoreFrom, daily_rate: fractionOf(dailyRate) },
      })),
    },
    ofBorrower ?? null,
  );
}

function countDays(terms: PenalTerms, daysLate: number): number {
  let days = 0;
  for (let late = 1; late <= daysLate; late += 1) days += chargeableDays(terms, late);
  return days;
}

/** The days on which something is added: none after a cap is reached. */
function chargedDays(
  terms: PenalTerms,
  base: bigint,
  { due, daysLate, before }: { due: number; daysLate: number; before: bigint },
): { day: number; amount: bigint; tax: bigint }[] {
  const days: { day: number; amount: bigint; tax: bigint }[] = [];
  const charged = { base_days: 0n, of_loan: before };
  const last = due + countDays(terms, daysLate) + firstDayAfter(terms);
  for (let day = due + 1 + firstDayAfter(terms); day <= last && base > 0n; day += 1) {
    if (!hasRoom(terms, charged)) break;
    const { charge: amount, tax } = chargeOfDay(terms, base, charged);
    charged.base_days += base;
    charged.of_loan += amount;
    if (amount > 0n) days.push({ day, amount, tax });
  }
  return days;
}

/** Days of grace that are never charged. */
function firstDayAfter({ grace_charged_back, grace_days }: PenalTerms): number {
  return grace_charged_back ? 0 : grace_days;
}

function traceOf(
  { rule }: PenaltyRequest,
  terms: PenalTerms,
  {
    base,
    rate,
    chargeableDays: days,
    unrounded,
    charge,
    tax,
    total,
  }: Record<'base' | 'rate' | 'unrounded' | 'charge' | 'tax' | 'total', string> & { chargeableDays: number },
): object {
  const limits = Object.fromEntries(
    (['minimum', 'capPerInstalment', 'capPerLoan'] as const).flatMap((name) =>
      rule[name] === undefined ? [] : [[name, rule[name]]],
    ),
  );
  const whole = chargeOf(terms, minorUnits(base) * BigInt(days));
  return {
    charge: {
      ...{ rule: `penalty/1, ${terms.version}`, inputs: { base, rate, chargeableDays: days, ...limits } },
      unrounded,
      rounding: `${HALF_EVEN}, once over all days${minorText(whole.charge) === charge ? '' : '; cap of the loan'}`,
    },
    tax: {
      ...{ rule: 'tax/1', inputs: { charge, taxRate: rule.taxRate } },
      ...{ unrounded: new Decimal(charge).times(fractionOf(rule.taxRate)).toFixed(), rounding: HALF_EVEN },
    },
    total: exactly('total/1', { charge, tax }, minorUnits(total)),
  };
}
