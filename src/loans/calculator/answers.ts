import { z } from 'zod';
import { date } from './fields.ts';

const amountText = z.string();

/** `Trace` of trace.ts, with `explain`. */
const trace = z.strictObject({
  rule: z.string().describe('Rule and version'),
  inputs: z.record(z.string(), z.union([z.string(), z.number()])),
  unrounded: z.string(),
  rounding: z.string(),
});
const explained = <Name extends string>(...names: Name[]) =>
  z.record(z.enum(names), trace).optional().describe('With `explain`: how each number came about');

export const rateAnswer = z.strictObject({
  rate: z.string().nullable().describe('null where there is none'),
  trace: explained('rate'),
});

export const valueAnswer = z.strictObject({
  value: z.string().nullable().describe('34 significant digits; null where there is none'),
  trace: explained('value'),
});

export const dayCountAnswer = z.strictObject({
  days: z.int(),
  fraction: z.string().describe('Part of a year'),
  trace: explained('fraction'),
});

export const scheduleAnswer = z.strictObject({
  instalments: z.array(
    z.strictObject({
      n: z.int(),
      from: date,
      due: date,
      principal: amountText,
      interest: amountText,
      fees: amountText,
      total: amountText,
      balance: amountText.describe('Principal owed after the row'),
      trace: explained('principal', 'interest', 'fees', 'total', 'balance'),
    }),
  ),
  totals: z.strictObject({
    principal: amountText,
    interest: amountText,
    fees: amountText,
    total: amountText,
    prepaid: amountText,
    capitalised: amountText.describe('Interest that a moratorium made principal'),
    feesAtDisbursal: amountText.describe('Kept back from the payout; in no row'),
  }),
  apr: z
    .string()
    .nullable()
    .describe(
      'Percent a year, nominal (rate of a period × periods of a year), on the net disbursed amount, fees in; null where there is none',
    ),
  trace: explained(
    ...(['principal', 'interest', 'fees', 'total', 'prepaid', 'capitalised'] as const),
    ...(['feesAtDisbursal', 'apr'] as const),
  ),
});

export const penaltyAnswer = z.strictObject({
  daysLate: z.int(),
  chargeableDays: z.int().describe('Days that are charged, before any cap'),
  base: amountText.describe('What the rate is taken of'),
  rate: z.string().describe('Percent a day'),
  unrounded: z.string().describe('base × rate × chargeable days: before minimum and caps'),
  charge: amountText,
  tax: amountText,
  total: amountText,
  days: z.array(z.strictObject({ day: date, amount: amountText, tax: amountText })),
  trace: explained('charge', 'tax', 'total'),
});

export const foreclosureAnswer = z.strictObject({
  principal: amountText,
  accruedInterest: amountText,
  interestDue: amountText,
  penal: amountText,
  fees: amountText,
  charge: amountText,
  tax: amountText,
  advance: amountText.describe('Advance and excess, taken off'),
  total: amountText,
  refund: amountText.describe('What is left of advance and excess'),
  days: z.int().describe('Days since lastDueOn'),
  perDiem: amountText.describe('What each further day adds'),
  chargeRule: z.string().describe('`contract`, or the rule pack that forbids a charge, and why'),
  trace: explained('accruedInterest', 'perDiem', 'charge', 'tax', 'total'),
});

const parts = { penal: amountText, fees: amountText, interest: amountText, principal: amountText };

export const allocationAnswer = z.strictObject({
  taken: amountText,
  ...parts,
  parts: z
    .array(z.strictObject({ n: z.int(), ...parts, total: amountText }))
    .describe('Only the instalments that got something'),
  unallocated: amountText,
  trace: explained('taken', 'unallocated'),
});
