import { z } from 'zod';
import { partySchema } from './statement-schema.ts';

const date = z.iso.date();
const amount = z.string();
const percent = z.string().describe('percent, exact');
const clause = z.string().nullable().describe('null: not applicable');

const feeSchema = z.strictObject({
  name: z.string(),
  payable_to: z.enum(['lender', 'third-party']),
  when: z.enum(['disbursal', 'every-instalment']),
  percent: percent.nullable().describe('of the sanctioned amount, where it is a part of it'),
  amount: amount.describe('without tax'),
  tax: amount,
  total: amount.describe('each time'),
});
export type KeyFactsFee = z.output<typeof feeSchema>;

const earlyChargeSchema = z
  .strictObject({
    bands: z.array(z.strictObject({ days_from: z.int(), percent })),
    minimum: amount.nullable(),
    maximum: amount.nullable(),
    tax_percent: percent,
    forbidden_by: z.string().nullable().describe('the rule that forbids any charge, and why'),
  })
  .describe('percent of the principal paid early, by days since the disbursal; no bands: no charge');
export type EarlyChargeFacts = z.output<typeof earlyChargeSchema>;

const penalSchema = z.strictObject({
  rule: z.string(),
  base: z.enum(['overdue-instalment', 'overdue-principal', 'flat']),
  flat_base: amount.nullable(),
  bands: z.array(z.strictObject({ score_from: z.int(), daily_percent: percent, applies: z.boolean() })),
  grace_days: z.int(),
  grace_charged_back: z.boolean(),
  minimum: amount.nullable(),
  cap_instalment: amount.nullable(),
  cap_loan: amount.nullable(),
  tax_percent: percent,
});
export type PenalFacts = z.output<typeof penalSchema>;

export const rowSchema = z
  .strictObject({
    number: z.int(),
    due_on: date,
    outstanding: amount.describe('principal before it is paid'),
    principal: amount,
    interest: amount,
    total: amount,
  })
  .meta({ id: 'KeyFactsRow' });
export type KeyFactsRow = z.output<typeof rowSchema>;

export const keyFactsSchema = z
  .strictObject({
    made_at: z.iso.datetime(),
    source: z.string().describe('the circular whose annexes A to C this follows'),
    lender: z.string(),
    borrower: partySchema,
    of: z.enum(['application', 'loan']),
    id: z.uuid(),
    number: z.string().describe('of the proposal, or of the account'),
    loan_type: z.string(),
    product: z.string(),
    product_version: z.int(),
    currency: z.string(),
    valid_until: date.nullable().describe('of an application: until when the terms stand'),
    sanctioned_amount: amount,
    disbursal: z.strictObject({
      on: date,
      in_stages: z.boolean(),
      stages: z
        .array(z.strictObject({ on: date.nullable().describe('null: when it is asked for'), amount }))
        .describe('in parts: rate and schedule are then as though all of it were paid out with the first'),
      clause,
      amount,
    }),
    term_months: z.int(),
    instalments: z.strictObject({
      type: z.literal('monthly'),
      amortisation: z.enum(['equal-instalment', 'equal-principal', 'flat', 'interest-only']),
      number: z.int(),
      amount: amount.describe('of an ordinary one'),
      first_due_on: date,
    }),
    interest: z.strictObject({ percent, type: z.enum(['fixed', 'floating']), day_count: z.string() }),
    fees: z.array(feeSchema),
    apr_percent: percent
      .nullable()
      .describe('nominal a year, 2 decimals; null where no rate satisfies the equation'),
    contingent_charges: z.strictObject({
      penal: penalSchema,
      foreclosure: earlyChargeSchema,
      prepayment: earlyChargeSchema,
      switching: clause,
      other: clause,
    }),
    qualitative: z.strictObject({
      recovery_agents: clause,
      grievances: clause,
      grievance_officer: clause,
      transfer: clause,
      co_lending: clause,
      cooling_off: clause,
      service_provider: clause,
    }),
    computation: z.strictObject({
      sanctioned_amount: amount,
      interest: amount.describe('over the whole term, at today’s rate'),
      fees_lender: amount,
      fees_third_party: amount,
      fees: amount,
      fees_with_instalments: amount.describe('the part of the fees that every instalment asks for again'),
      net_disbursed: amount,
      to_be_paid: amount.describe('sanctioned amount + interest'),
      method: z.string(),
      apr_percent: percent.nullable().describe('6 decimals'),
    }),
    schedule: z.array(rowSchema),
    rescheduled: z
      .boolean()
      .describe('the loan has another schedule by now; these are the terms it was sanctioned on'),
  })
  .meta({ id: 'KeyFacts' });
export type KeyFacts = z.output<typeof keyFactsSchema>;
