import { createHash } from 'node:crypto';
import { z } from 'zod';
import { amountSchema, sum, toDecimal } from '../ledger/money.ts';

/** Nobody alive was born before; what age a borrower may have is a rule of the product. */
const BORN_MIN = '1900-01-01';

const text = (max: number) => z.string().trim().min(1).max(max);

/** As amountSchema, but nothing is an amount too: "0" and "0.00". */
export const amountOrZeroSchema = z.union([
  z
    .string()
    .regex(/^0(\.0{1,2})?$/, { error: 'must be an amount such as "1250.50" or "0"' })
    .transform(() => '0.00'),
  amountSchema,
]);

export const applicantSchema = z.strictObject({
  reference: text(100).meta({
    description: 'The lender’s own name for the person; one person, one reference',
  }),
  name: text(200),
  phone: z
    .string()
    .regex(/^\+[1-9]\d{7,14}$/, { error: 'must be a phone number such as "+919812345678"' })
    .meta({ examples: ['+919812345678'] }),
  email: z.email().max(254).optional().meta({ description: 'kept where none is known yet' }),
  date_of_birth: z.iso.date().refine((date) => date >= BORN_MIN, { error: `must not be before ${BORN_MIN}` }),
  city: text(100),
});

const TRANCHES_MAX = 50;

const tranche = z.strictObject({
  on: z.iso.date().optional().meta({ description: 'when it is paid out; when it is asked for if left out' }),
  amount: amountSchema,
});

/** The parts in which a loan is paid out, in order; the first one with the approval. */
const tranches = z
  .array(tranche)
  .min(2)
  .max(TRANCHES_MAX)
  .refine(
    ([first]) => first!.on === undefined,
    'the first is paid out with the approval, on no day of its own',
  )
  .refine(
    (given) => given.every(({ on }, index) => (on ?? '9') >= (given[index - 1]?.on ?? '')),
    'must be in the order of their days',
  );

/** What one applies with: the body of POST /v1/loan-applications. */
export const applicationRequest = z
  .strictObject({
    reference: text(100).meta({
      description: 'The lender’s own name for this application: sent again, it is the same application',
    }),
    product: z.string().max(50).default('personal-loan'),
    applicant: applicantSchema,
    amount: amountSchema,
    tenure_months: z.int().min(1).max(360),
    monthly_income: amountOrZeroSchema,
    monthly_obligations: amountOrZeroSchema.meta({
      description: 'What the applicant pays on other debts a month',
    }),
    tranches: tranches.optional().meta({
      description: 'the parts in which it is paid out, which add up to the amount; at once if left out',
    }),
  })
  .refine(
    ({ amount, tranches: parts }) =>
      parts === undefined || sum(parts.map((part) => toDecimal(part.amount))).eq(toDecimal(amount)),
    { path: ['tranches'], error: 'must add up to the amount' },
  );
export type ApplicationRequest = z.output<typeof applicationRequest>;

/** SHA-256 over every field, so that one reference cannot mean two different applications. */
export function fingerprintOf(request: ApplicationRequest): string {
  const { applicant, ...rest } = request;
  const fields = [...Object.entries(applicant), ...Object.entries(rest)].sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(fields)).digest('hex');
}
