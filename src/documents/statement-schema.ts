import { z } from 'zod';
import { ASSET_CLASSES } from '../loans/delinquency.ts';
import { LOAN_STATES } from '../loans/states.ts';

/** What a borrower owes of each kind; `advance` is what was paid ahead, and counts against the others. */
export const OWED = ['principal', 'interest', 'penal', 'fees', 'advance'] as const;
export type Owed = (typeof OWED)[number];

const date = z.iso.date();
const amount = z.string();
const amounts = z.strictObject(
  Object.fromEntries(OWED.map((kind) => [kind, amount])) as Record<Owed, typeof amount>,
);

export const partySchema = z.strictObject({
  name: z.string().nullable().describe('null where only a reference is known'),
  reference: z.string(),
});

const entrySchema = z
  .strictObject({
    date: date.describe('the day of the books'),
    value_date: date.describe('the day from which it counts'),
    posted_at: z.iso.datetime(),
    journal: z.uuid(),
    seq: z.string().describe('place of the journal in the chain of its stream'),
    kind: z.string(),
    particulars: z.string().describe('what it is, in words'),
    debit: amount.describe('added to what is owed'),
    credit: amount.describe('taken off what is owed'),
    balance: amount.describe('what is owed after it; below zero: paid ahead'),
    components: amounts.describe('how it changed what is owed of each kind; these add up to debit − credit'),
  })
  .meta({ id: 'StatementEntry' });
export type StatementEntry = z.output<typeof entrySchema>;

const positionSchema = z
  .strictObject({
    component: z.enum([...OWED, 'total']),
    opening: amount,
    debits: amount,
    credits: amount,
    moved: amount.describe('between components, such as money paid ahead that a due date took'),
    closing: amount.describe('opening + debits − credits + moved'),
  })
  .meta({ id: 'StatementPosition' });
export type StatementPosition = z.output<typeof positionSchema>;

export const statementSchema = z
  .strictObject({
    made_at: z.iso.datetime(),
    lender: z.string(),
    borrower: partySchema,
    loan: z.strictObject({
      id: z.uuid(),
      product: z.string(),
      product_name: z.string(),
      product_version: z.int(),
      currency: z.string(),
      principal: amount,
      annual_rate: z.string().describe('a fraction: 0.18 is 18 % a year'),
      tenure_months: z.int(),
      state: z.enum(LOAN_STATES),
      disbursed_on: date.nullable(),
      closed_on: date.nullable(),
      next_due_on: date.nullable(),
      instalments_paid: z.int(),
    }),
    period: z.strictObject({ from: date, to: date }).describe('both days included, by the day of the books'),
    opening: amounts.extend({ total: amount }),
    entries: z.array(entrySchema),
    closing: amounts.extend({ total: amount }),
    positions: z.array(positionSchema),
    dues: z
      .strictObject({
        as_of: date,
        penal: amount,
        fees: amount,
        interest: amount,
        principal: amount,
        total: amount,
        advance: amount,
        days_past_due: z.int(),
        oldest_due_on: date.nullable(),
        asset_class: z.enum(ASSET_CLASSES),
      })
      .describe('what is due on the day it was made, penal charges of that day included'),
    proof: z
      .strictObject({
        head: z
          .strictObject({ seq: z.string(), hash: z.string() })
          .describe('the last journal of the loan’s chain, and its SHA-256'),
        sealed_through: z.string().describe('the last place of the chain that a seal covers; 0: none'),
        seal: z
          .strictObject({
            number: z.string(),
            hash: z.string(),
            business_date: date,
            key_id: z.string(),
          })
          .nullable()
          .describe('the lender’s last seal; null where none was cut yet'),
      })
      .describe('what the books themselves must still say when they are checked'),
  })
  .meta({ id: 'LoanStatement' });
export type LoanStatement = z.output<typeof statementSchema>;
