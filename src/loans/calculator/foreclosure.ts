import { z } from 'zod';
import { addDays, addMonths, type IsoDate } from '../../calendar/business-date.ts';
import { dayNumber } from '../../calendar/day-number.ts';
import { Decimal } from '../../ledger/money.ts';
import { type EarlyCharged, earlyCharge } from '../charges.ts';
import { type ForeclosureParts, foreclosureAmount } from '../foreclosure.ts';
import { PACK_NAMES } from '../rule-packs/packs.ts';
import { BORROWER_CLASSES, LENDER_CLASSES, PURPOSES, RATE_TYPES } from '../rule-packs/rule-pack.ts';
import { minorText, minorUnits } from '../schedule.ts';
import type { CalculateOptions } from './calculation.ts';
import { count } from './day-count.ts';
import { CalculationError } from './errors.ts';
import { date } from './fields.ts';
import { bookedAmount, exactly, fractionOf, HALF_EVEN, shortPercent } from './money.ts';
import { divideRounded } from './rounding.ts';

const DAY_COUNTS = [
  ...(['months', '30/360', '30E/360', '30E/360-ISDA', 'actual/365', 'actual/360', 'actual/364'] as const),
  ...(['actual/actual-ISDA', 'actual/actual-AFB'] as const),
];
const BANDS_MAX = 20;
const DAYS_FROM_MAX = 36_500;
const zero = bookedAmount.default('0');

const charge = z.strictObject({
  percent: shortPercent.default('0').describe('Of the principal outstanding'),
  bands: z
    .array(z.strictObject({ daysFrom: z.int().min(0).max(DAYS_FROM_MAX), percent: shortPercent }))
    .max(BANDS_MAX)
    .optional()
    .describe('Instead of percent: by days since the disbursal'),
  minimum: bookedAmount.optional(),
  maximum: bookedAmount.optional(),
  taxRate: shortPercent.default('0').describe('Percent of the charge'),
  packs: z
    .array(z.enum(PACK_NAMES))
    .max(PACK_NAMES.length)
    .default([...PACK_NAMES])
    .describe('Rule packs that the lender is held to'),
  facts: z
    .strictObject({
      rateType: z.enum(RATE_TYPES),
      purpose: z.enum(PURPOSES),
      borrowerClass: z.enum(BORROWER_CLASSES),
      lenderClass: z.enum(LENDER_CLASSES),
      sanctionedAmount: bookedAmount,
      sanctionedOn: date,
      disclosed: z.boolean().default(true).describe('The key facts statement names the charge'),
    })
    .optional()
    .describe('What the packs go by; without them the contract alone counts'),
});

/** What `foreclosure` reads. */
export const foreclosureRequest = z.strictObject({
  asOf: date,
  principalOutstanding: bookedAmount,
  annualRate: shortPercent.default('0').describe('Percent a year'),
  lastDueOn: date
    .optional()
    .describe('Interest has been asked for up to this day: a due date, or the disbursal'),
  nextDueOn: date
    .optional()
    .describe('months: end of the running period; a month after lastDueOn unless told'),
  dayCount: z.enum(DAY_COUNTS).default('actual/365'),
  accruedInterest: bookedAmount.optional().describe('Instead of lastDueOn: interest accrued to the day'),
  interestDue: zero.describe('Interest that fell due and is unpaid'),
  penalDue: zero.describe('Penal charges that are unpaid'),
  fees: zero,
  advance: zero.describe('Paid ahead'),
  excess: zero.describe('Paid too much and not given back'),
  disbursedOn: date.optional().describe('For bands; day 0'),
  charge: charge.prefault({}),
});
export type ForeclosureRequest = z.output<typeof foreclosureRequest>;

/** What ending a loan on a day asks for, by the functions that quotes are made with. */
export function foreclosure(request: ForeclosureRequest, options: CalculateOptions = {}): object {
  const principal = minorUnits(request.principalOutstanding);
  const accrued = accruedOf(request, principal);
  const perDiem = perDiemOf(request, principal);
  const charged = chargeOn(request, principal);
  const parts: ForeclosureParts = {
    ...{ principal, accrued: accrued.amount, interest: minorUnits(request.interestDue) },
    ...{ penal: minorUnits(request.penalDue), fees: minorUnits(request.fees) },
    ...{ charge: charged.charge, tax: charged.tax },
    advance: minorUnits(request.advance) + minorUnits(request.excess),
  };
  const { total, refund } = foreclosureAmount(parts);
  const answer = {
    principal: minorText(principal),
    accruedInterest: minorText(parts.accrued),
    interestDue: minorText(parts.interest),
    penal: minorText(parts.penal),
    fees: minorText(parts.fees),
    charge: minorText(parts.charge),
    tax: minorText(parts.tax),
    advance: minorText(parts.advance),
    total: minorText(total),
    refund: minorText(refund),
    days: accrued.days,
    perDiem: perDiem.text,
    chargeRule: charged.rule,
  };
  if (!options.explain) return answer;
  return { ...answer, trace: traceOf(request, answer, { accrued, perDiem, charged }) };
}

interface Accrued {
  amount: bigint;
  unrounded: string;
  days: number;
}

function accruedOf(request: ForeclosureRequest, principal: bigint): Accrued {
  const { accruedInterest, lastDueOn, asOf } = request;
  if (accruedInterest !== undefined) {
    if (lastDueOn !== undefined) {
      const message = 'lastDueOn: is one of two; accruedInterest is given';
      throw new CalculationError('invalid-value', message, 'lastDueOn');
    }
    return { amount: minorUnits(accruedInterest), unrounded: accruedInterest, days: 0 };
  }
  if (lastDueOn === undefined) {
    if (/^0(\.0*)?$/.test(request.annualRate)) return { amount: 0n, unrounded: '0', days: 0 };
    throw new CalculationError('missing-field', 'The field lastDueOn is missing.', 'lastDueOn');
  }
  if (lastDueOn > asOf) {
    throw new CalculationError('dates-disordered', `${asOf} is before ${lastDueOn}.`, 'asOf');
  }
  return { ...interestOf(request, principal, lastDueOn, asOf), days: dayNumber(asOf) - dayNumber(lastDueOn) };
}

/** Principal × rate × part of a year, rounded once. */
function interestOf(
  request: ForeclosureRequest,
  principal: bigint,
  from: IsoDate,
  to: IsoDate,
): { amount: bigint; unrounded: string } {
  const { numerator, denominator } = partOfYear(request, from, to);
  const rate = new Decimal(fractionOf(request.annualRate));
  const scale = 10n ** BigInt(rate.decimalPlaces());
  const dividend = principal * BigInt(rate.times(scale.toString()).toFixed()) * BigInt(numerator);
  const divisor = scale * BigInt(denominator);
  return {
    amount: divideRounded(dividend, divisor, 'half-even'),
    unrounded: new Decimal(dividend.toString()).div(divisor.toString()).div(100).toFixed(),
  };
}

function partOfYear(
  request: ForeclosureRequest,
  from: IsoDate,
  to: IsoDate,
): { numerator: number; denominator: number } {
  const { dayCount: convention, lastDueOn = from } = request;
  if (convention !== 'months') return count({ convention, from, to });
  const next = request.nextDueOn ?? addMonths(lastDueOn, 1);
  if (next <= lastDueOn) {
    throw new CalculationError('dates-disordered', `${next} does not come after ${lastDueOn}.`, 'nextDueOn');
  }
  const days = dayNumber(next) - dayNumber(lastDueOn);
  return { numerator: dayNumber(to) - dayNumber(from), denominator: days * 12 };
}

/** What each further day adds: where months have 30 days, the 360th part of a year's interest. */
function perDiemOf(request: ForeclosureRequest, principal: bigint): { text: string; unrounded: string } {
  const { dayCount, asOf } = request;
  const each: ForeclosureRequest = dayCount.startsWith('30')
    ? { ...request, dayCount: 'actual/360' }
    : request;
  const { amount, unrounded } = interestOf(each, principal, asOf, addDays(asOf, 1));
  return { text: minorText(amount), unrounded };
}

function chargeOn({ charge: given, disbursedOn, asOf }: ForeclosureRequest, principal: bigint): EarlyCharged {
  const bands = given.bands ?? [{ daysFrom: 0, percent: given.percent }];
  if (given.bands && disbursedOn === undefined) {
    throw new CalculationError('missing-field', 'The field disbursedOn is missing.', 'disbursedOn');
  }
  const { facts } = given;
  return earlyCharge(
    principal,
    {
      bands: bands.map(({ daysFrom, percent }) => ({ days_from: daysFrom, rate: fractionOf(percent) })),
      ...{ minimum: given.minimum, maximum: given.maximum, tax_rate: fractionOf(given.taxRate) },
    },
    {
      facts: {
        ...{ rate_type: facts?.rateType ?? 'fixed', purpose: facts?.purpose ?? 'business' },
        ...{ borrower_class: facts?.borrowerClass ?? 'other', lender_class: facts?.lenderClass ?? 'other' },
        amount: minorUnits(facts?.sanctionedAmount ?? '0'),
        ...{ sanctioned_on: facts?.sanctionedOn ?? asOf, disclosed: facts?.disclosed ?? true },
      },
      packs: facts ? given.packs : [],
      days_since_disbursal: disbursedOn === undefined ? 0 : dayNumber(asOf) - dayNumber(disbursedOn),
    },
  );
}

function traceOf(
  request: ForeclosureRequest,
  answer: Record<string, string | number>,
  {
    accrued,
    perDiem,
    charged,
  }: {
    accrued: Accrued;
    perDiem: { unrounded: string };
    charged: EarlyCharged;
  },
): object {
  const { principal, total, refund, chargeRule, perDiem: _, days, ...rest } = answer;
  const { annualRate, dayCount, lastDueOn = '' } = request;
  const { minimum, maximum, taxRate } = request.charge;
  const inputs = { principal: principal!, annualRate, dayCount };
  const limits = { ...(minimum ? { minimum } : {}), ...(maximum ? { maximum } : {}) };
  return {
    accruedInterest: {
      ...{ rule: 'accrued-interest/1', inputs: { ...inputs, from: lastDueOn, to: request.asOf } },
      ...{ unrounded: accrued.unrounded, rounding: HALF_EVEN },
    },
    perDiem: { rule: 'per-diem/1', inputs, unrounded: perDiem.unrounded, rounding: HALF_EVEN },
    charge: {
      ...{ rule: `early-charge/1, ${charged.rule}` },
      inputs: { principal: principal!, rate: charged.rate, ...limits },
      unrounded: new Decimal(String(principal)).times(charged.rate).toFixed(),
      rounding: HALF_EVEN,
    },
    tax: {
      ...{ rule: 'tax/1', inputs: { charge: answer.charge!, taxRate } },
      unrounded: new Decimal(String(answer.charge)).times(fractionOf(taxRate)).toFixed(),
      rounding: HALF_EVEN,
    },
    total: exactly('foreclosure/1', { principal: principal!, ...rest }, minorUnits(String(total))),
  };
}
