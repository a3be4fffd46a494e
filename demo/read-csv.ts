import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';

const cell = z.string();

export const applicationLine = z.strictObject({
  reference: cell,
  applicant: cell,
  name: cell,
  phone: cell,
  date_of_birth: cell,
  city: cell,
  amount: cell,
  tenure_months: cell,
  monthly_income: cell,
  monthly_obligations: cell,
  /**
   * What must come of it: `offered`, `refused/<code>`, `referred/<code>`, `invalid/<field>`, `replayed`,
   * `conflict`.
   */
  expected: cell,
});
/** One line of applications.csv. Everything is text, as files have it. */
export type ApplicationLine = z.output<typeof applicationLine>;

export const repaymentLine = z.strictObject({
  payment: cell,
  /** Reference of the application whose loan is paid. */
  application: cell,
  instalment: cell,
  paid_on: z.iso.date(),
  amount: cell,
  /** How the money comes: `gateway` is online, against an order; `collection` is any other way of the lender's. */
  source: z.enum(['collection', 'gateway']),
  /** What must come of it: `repaid`, `closed`, `refused/<code>`, `invalid/<field>`, `replayed`. */
  expected: cell,
});
/** One line of repayments.csv. */
export type RepaymentLine = z.output<typeof repaymentLine>;

/** Reads a file of this folder. @throws ZodError naming the first line that has not these columns. */
export async function readCsv<T>(name: string, line: z.ZodType<T>): Promise<T[]> {
  const text = await readFile(path.join(import.meta.dirname, name), 'utf8');
  return z.array(line).parse(parse(text, { columns: true, skip_empty_lines: true }));
}
