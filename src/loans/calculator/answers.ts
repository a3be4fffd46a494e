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
    .describe('Percent a year, nominal, on the net disbursed amount; null where there is none'),
});
