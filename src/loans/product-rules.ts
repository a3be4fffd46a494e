import { z } from 'zod';
import { PACK_NAMES } from './rule-packs/packs.ts';
import { BORROWER_CLASSES, LENDER_CLASSES, PURPOSES, RATE_TYPES } from './rule-packs/rule-pack.ts';

/**
 * The rules of a product, in one version: everything about a loan that is a choice. They are stored with
 * the product's version, and a loan keeps the version it was made under, so that no later choice reaches
 * back. Amounts are strings, rates are fractions: 0.24 a year is 24 %.
 */

const AMOUNT = /^(?:0|[1-9]\d{0,14})(?:\.\d{1,2})?$/;
const FRACTION = /^(?:0|[1-9])(?:\.\d{1,10})?$/;
const BANDS_MAX = 20;

const amount = z.string().regex(AMOUNT, 'must be an amount such as "500.00"');
export const fraction = z.string().regex(FRACTION, 'must be a fraction such as "0.24"');
const days = z.int().min(0).max(365);
const score = z.int().min(0).max(1_000);

export const COMPONENTS = ['penal', 'fees', 'interest', 'principal'] as const;
/** What an instalment may ask for. */
export type Component = (typeof COMPONENTS)[number];

const order = z
  .array(z.enum(COMPONENTS))
  .length(COMPONENTS.length)
  .refine((given) => new Set(given).size === COMPONENTS.length, 'must name each component once');

/** The order in which a payment is spread. */
export const waterfallRules = z.strictObject({
  order: order.default(['penal', 'fees', 'interest', 'principal']),
  direction: z
    .enum(['vertical', 'horizontal'])
    .default('vertical')
    .describe('vertical: one instalment in full before the next; horizontal: one component of all first'),
});
export type Waterfall = z.output<typeof waterfallRules>;

const scheduleRules = z.strictObject({
  amortisation: z
    .enum(['equal-instalment', 'equal-principal', 'flat', 'interest-only'])
    .default('equal-instalment'),
  day_count: z
    .enum([
      ...(['months', '30/360', '30E/360', '30E/360-ISDA', 'actual/365', 'actual/360', 'actual/364'] as const),
      ...(['actual/actual-ISDA', 'actual/actual-ICMA', 'actual/actual-AFB'] as const),
    ])
    .default('months'),
  rounding: z.enum(['half-even', 'half-up', 'up', 'down']).default('half-even'),
  instalment_multiple: amount.optional().describe('the equal instalment is rounded to a multiple of it'),
  holiday_shift: z.enum(['none', 'next', 'previous', 'modified-next']).default('none'),
  grace_principal: z
    .int()
    .min(0)
    .max(120)
    .default(0)
    .describe('first instalments that ask for interest only'),
  moratorium: z.int().min(0).max(120).default(0).describe('first instalments that ask for nothing'),
  moratorium_treatment: z
    .enum(['carry-forward', 'spread'])
    .default('carry-forward')
    .describe(
      'its interest is asked for with the first instalment after it, or spread over those; never capitalised',
    ),
});

const accrualRules = z.strictObject({
  interest: z
    .enum(['at-due-date', 'daily'])
    .default('at-due-date')
    .describe('when interest becomes income: on its due date, or day by day'),
});

/** Charges for paying late. They are a charge, never interest: nothing is ever earned on them. */
export const penalRules = z.strictObject({
  version: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{0,49}$/)
    .default('rbi-2024')
    .describe('the rule’s name, kept with every charge'),
  base: z.enum(['overdue-instalment', 'overdue-principal', 'flat']).default('overdue-instalment'),
  flat_base: amount.optional().describe('what the daily rate is taken of where the base is flat'),
  bands: z
    .array(z.strictObject({ score_from: score, daily_rate: fraction }))
    .min(1)
    .max(BANDS_MAX)
    .default([
      { score_from: 0, daily_rate: '0.001' },
      { score_from: 650, daily_rate: '0.00075' },
      { score_from: 750, daily_rate: '0.0005' },
    ])
    .describe('the daily rate by the credit score at sanction; a score below the first band takes the first'),
  grace_days: days.default(0),
  grace_charged_back: z.boolean().default(true).describe('once grace is over, its days are charged as well'),
  cap_instalment: amount.optional(),
  cap_loan: amount.optional(),
  minimum: amount.optional().describe('least charge of an instalment that is charged at all'),
  tax_rate: fraction.default('0').describe('tax on the charge, e.g. 0.18'),
});
export type PenalRules = z.output<typeof penalRules>;

const earlyCharge = z.strictObject({
  bands: z
    .array(z.strictObject({ days_from: z.int().min(0).max(36_500).default(0), rate: fraction }))
    .max(BANDS_MAX)
    .default([])
    .describe('part of the principal that is paid early, by days since the disbursal; none: no charge'),
  minimum: amount.optional(),
  maximum: amount.optional(),
  tax_rate: fraction.default('0').describe('tax on the charge, e.g. 0.18'),
});
/** What the contract asks for principal that is paid early. */
export type EarlyCharge = z.output<typeof earlyCharge>;

/** What may be charged for paying early: the contract's word, and the loan's attributes that rule packs go by. */
export const chargesRules = z.strictObject({
  packs: z
    .array(z.enum(PACK_NAMES))
    .max(PACK_NAMES.length)
    .default([...PACK_NAMES])
    .describe('the rule packs that the lender is held to'),
  rate_type: z.enum(RATE_TYPES).default('fixed'),
  purpose: z.enum(PURPOSES).default('personal'),
  borrower_class: z.enum(BORROWER_CLASSES).default('individual'),
  lender_class: z.enum(LENDER_CLASSES).default('commercial-bank'),
  disclosed: z
    .boolean()
    .default(true)
    .describe('sanction letter, agreement and key facts statement name the charges'),
  prepayment: earlyCharge.prefault({}),
  foreclosure: earlyCharge.prefault({}),
});
export type ChargesRules = z.output<typeof chargesRules>;

const prepaymentRules = z.strictObject({
  minimum: z
    .enum(['one-instalment', 'none'])
    .default('one-instalment')
    .describe('less than one instalment is kept as an advance and changes no schedule'),
  quote_days: z.int().min(0).max(90).default(7).describe('how many days a foreclosure quote stands'),
});

/** Where the money of a loan goes. */
const disbursementRules = z.strictObject({
  to: z
    .enum(['wallet', 'bank'])
    .default('wallet')
    .describe('bank: on to the borrower’s newest bank account, in the same transaction'),
  mode: z.enum(['IMPS', 'NEFT', 'RTGS', 'UPI']).default('IMPS').describe('how it is sent there'),
  gateway: z
    .string()
    .regex(/^[a-z][a-z0-9-]{1,39}$/)
    .default('razorpay')
    .describe('who sends it there'),
});
export type DisbursementRules = z.output<typeof disbursementRules>;

const restructureRules = z.strictObject({
  observation_days: z
    .int()
    .min(0)
    .max(3_650)
    .default(365)
    .describe('a non-performing loan that is restructured stays non-performing for so long'),
});

const delinquencyRules = z.strictObject({
  due_date_counts_as: z
    .union([z.literal(0), z.literal(1)])
    .default(0)
    .describe('days past due on the due date'),
  sma_1_from: days.default(31),
  sma_2_from: days.default(61),
  npa_from: days.default(91),
});
export type DelinquencyRules = z.output<typeof delinquencyRules>;

const remindersRules = z.strictObject({
  before_due_days: z.array(z.int().min(1).max(60)).max(10).default([3]),
  overdue_days: z.array(z.int().min(1).max(365)).max(20).default([1, 7, 30]),
});

const age = z.int().min(0).max(150);

/** What an application is decided by, besides score_min, foir_max, reapply_days and the product's limits. */
export const decisionRules = z.strictObject({
  refer_below: score
    .optional()
    .describe(
      'a score from score_min up to here is for a person to look at; left out: there is no such band',
    ),
  exposure_max: amount
    .optional()
    .describe('what a borrower may owe, be promised and have asked for in all; left out: no limit'),
  age_min: age.default(18).describe('full years on the business date of the application'),
  age_max: age.default(100),
  on_fraud_flag: z.enum(['refer', 'refuse']).default('refer').describe('to a person, or out'),
});
export type DecisionRules = z.output<typeof decisionRules>;

const points = z.int().min(-1_000).max(1_000);

/** How the books move a borrower's score. */
export const scoreRules = z
  .strictObject({
    start: score.default(650).describe('where the bureau knows no score'),
    floor: score.default(300),
    ceiling: score.default(900),
    repayment: points.default(20),
    deposit: points.default(5),
    missed_due: points.default(-30).describe('an instalment was not paid on its due date'),
  })
  .refine(
    ({ floor, start, ceiling }) => floor <= start && start <= ceiling,
    'start must lie within the limits',
  );
export type ScoreRules = z.output<typeof scoreRules>;

/** What a customer's wallet may do before it looks like fraud. */
export const fraudRules = z.strictObject({
  transactions_max: z
    .int()
    .min(1)
    .max(1_000)
    .default(10)
    .describe('more than so many within the window alert'),
  window_s: z.int().min(1).max(3_600).default(5),
  freeze: z.boolean().default(false).describe('an alert freezes the wallet until a person unfreezes it'),
});
export type FraudRules = z.output<typeof fraudRules>;

const told = z.string().trim().min(1).max(500);
const FEES_MAX = 20;

/** What a borrower is charged besides interest, asked for outside of the schedule. */
const disclosedFee = z
  .strictObject({
    name: z.string().trim().min(1).max(100),
    payable_to: z.enum(['lender', 'third-party']).default('lender'),
    when: z
      .enum(['disbursal', 'every-instalment'])
      .default('disbursal')
      .describe('once, at the disbursal or before it; or again with every instalment'),
    amount: amount.optional(),
    rate: fraction.optional().describe('part of the sanctioned amount'),
    tax_rate: fraction.default('0').describe('tax on the fee, e.g. 0.18'),
  })
  .refine(({ amount, rate }) => (amount === undefined) !== (rate === undefined), 'has an amount or a rate');
export type DisclosedFee = z.output<typeof disclosedFee>;

/** What the key facts statement says that no other rule does. What is left out does not apply. */
export const disclosureRules = z.strictObject({
  fees: z
    .array(disclosedFee)
    .max(FEES_MAX)
    .default([])
    .describe('collected by the lender or a third party outside of the loan account; part of the APR'),
  disbursal: told.optional().describe('where the agreement tells of a payout in stages'),
  switching: told.optional().describe('charge for changing between a fixed and a floating rate'),
  other_charges: told.optional(),
  recovery_agents: told.optional().describe('clause of the agreement'),
  grievances: told.optional().describe('clause of the agreement'),
  grievance_officer: told.optional().describe('name, telephone and e-mail'),
  transfer: told.optional().describe('whether the loan may be sold or securitised'),
  co_lending: told.optional().describe('originating and partner lender, their shares, blended rate'),
  cooling_off: told.optional().describe('period in which a digital loan may be given back'),
  service_provider: told.optional().describe('who may recover a digital loan for the lender'),
  valid_business_days: z.int().min(1).max(30).default(3).describe('how long an offer’s terms stand'),
});

export const productRules = z.strictObject({
  decision: decisionRules.prefault({}),
  schedule: scheduleRules.prefault({}),
  disbursement: disbursementRules.prefault({}),
  accrual: accrualRules.prefault({}),
  waterfall: z
    .strictObject({
      standard: waterfallRules.prefault({}),
      npa: waterfallRules.prefault({
        order: ['principal', 'interest', 'fees', 'penal'],
        direction: 'horizontal',
      }),
    })
    .prefault({})
    .describe('by asset class: a non-performing account is paid in an order of its own'),
  excess: z
    .enum(['coming-instalments', 'advance', 'wallet'])
    .default('coming-instalments')
    .describe('where money goes that nothing due asks for'),
  penal: penalRules.prefault({}),
  charges: chargesRules.prefault({}),
  disclosures: disclosureRules.prefault({}),
  prepayment: prepaymentRules.prefault({}),
  restructure: restructureRules.prefault({}),
  delinquency: delinquencyRules.prefault({}),
  reminders: remindersRules.prefault({}),
  score: scoreRules.prefault({}),
  fraud: fraudRules.prefault({}),
});
export type ProductRules = z.output<typeof productRules>;

/** The rules with nothing chosen: every default. */
export const STANDARD_RULES: ProductRules = productRules.parse({});
