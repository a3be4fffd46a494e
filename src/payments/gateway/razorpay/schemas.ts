import { z } from 'zod';
import { amount, currency, moment, signedAmount } from './money.ts';

/*
 * The parts of Razorpay's objects that we read; what else they carry is left alone. Amounts come out as decimal
 * strings, moments as dates.
 */

/** Missing, null and nothing in it are one. */
const text = z
  .string()
  .nullish()
  .transform((given) => given || null);
const amountIfAny = amount.nullish().transform((given) => given ?? null);
const momentIfAny = moment.nullish().transform((given) => given ?? null);
const id = z.string().min(1);

/** `NA` where they name none. */
const reasonCode = text.transform((given) => (given === 'NA' ? null : given));

export const refusal = z.object({
  error: z.object({
    code: z.string(),
    description: z.string().default(''),
    reason: reasonCode,
    field: text,
  }),
});
export type Refusal = z.output<typeof refusal>;

export const contact = z.object({ id });
export const fundAccount = z.object({ id });

export const payout = z.object({
  id,
  status: z.enum([
    ...(['pending', 'queued', 'scheduled', 'processing', 'processed'] as const),
    ...(['reversed', 'failed', 'cancelled', 'rejected'] as const),
  ]),
  amount,
  currency,
  fees: amountIfAny,
  tax: amountIfAny,
  utr: text,
  mode: text,
  reference_id: text,
  status_details: z.object({ reason: reasonCode, description: text }).nullish(),
  // Both deprecated, and still sent.
  error: z.object({ reason: reasonCode, description: text }).nullish(),
  failure_reason: text,
  created_at: moment,
});
export type PayoutEntity = z.output<typeof payout>;

export function collectionOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item) });
}

export const accountCheck = z.object({
  id,
  status: z.enum(['created', 'completed', 'failed']),
  reference_id: text,
  amount: amountIfAny,
  utr: text,
  status_details: z.object({ reason: reasonCode }).nullish(),
  validation_results: z
    .object({
      // Docs list `active`, their samples show `valid`.
      account_status: z.enum(['active', 'valid', 'invalid']).nullish(),
      registered_name: text,
      name_match_score: z.coerce.number().min(0).max(100).nullish(),
    })
    .nullish(),
});

export const bankingBalance = z.object({
  account_number: z.string(),
  available_amount: signedAmount,
  refreshed_at: moment,
});

/** `[]` where there are none. */
const notes = z
  .union([z.record(z.string(), z.unknown()), z.array(z.unknown()), z.string()])
  .nullish()
  .transform((given): Record<string, string> => {
    if (given === null || typeof given !== 'object' || Array.isArray(given)) return {};
    return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, String(value)]));
  });

export const order = z.object({
  id,
  status: z.enum(['created', 'attempted', 'paid']),
  amount,
  amount_paid: amount,
  currency,
  receipt: text,
  created_at: moment,
});
export type OrderEntity = z.output<typeof order>;

export const payment = z.object({
  id,
  status: z.enum(['created', 'authorized', 'captured', 'refunded', 'failed']),
  amount,
  amount_refunded: amountIfAny,
  currency,
  order_id: text,
  method: text,
  fee: amountIfAny,
  tax: amountIfAny,
  error_code: text,
  error_reason: text,
  error_description: text,
  notes,
  created_at: moment,
});
export type PaymentEntity = z.output<typeof payment>;

/** What a mandate's debit is answered with. */
export const presented = z.object({ razorpay_payment_id: id });

export const refund = z.object({
  id,
  status: z.enum(['pending', 'processed', 'failed']),
  amount,
  currency,
  payment_id: id,
  receipt: text,
  created_at: moment,
});
export type RefundEntity = z.output<typeof refund>;

export const dispute = z.object({
  id,
  status: z.enum(['open', 'under_review', 'won', 'lost', 'closed']),
  amount,
  currency,
  payment_id: id,
  reason_code: text,
  respond_by: momentIfAny,
  created_at: moment,
});
export type DisputeEntity = z.output<typeof dispute>;

export const settlement = z.object({
  id,
  status: z.string(),
  amount,
  // Razorpay settles in rupees, and does not say so.
  currency: currency.default('INR'),
  fees: amountIfAny,
  tax: amountIfAny,
  utr: text,
  created_at: moment,
});
export type SettlementEntity = z.output<typeof settlement>;

/** A row of settlements/recon/combined. */
export const reconRow = z.object({
  entity_id: id,
  type: z.string(),
  debit: amount,
  credit: amount,
  amount,
  currency,
  fee: amountIfAny,
  tax: amountIfAny,
  settled: z.boolean().nullish(),
  settlement_id: text,
  settlement_utr: text,
  payment_id: text,
  description: text,
  created_at: moment,
  settled_at: momentIfAny,
});
export type ReconRow = z.output<typeof reconRow>;

/** A line of the statement of a RazorpayX account, and what it is about. */
export const transaction = z.object({
  id,
  debit: amount,
  credit: amount,
  amount,
  currency,
  balance: signedAmount.nullish().transform((given) => given ?? null),
  source: z
    .object({
      id: text,
      entity: text,
      payout_id: text,
      status: text,
      fees: amountIfAny,
      tax: amountIfAny,
      utr: text,
      bank_reference: text,
    })
    .nullish(),
  created_at: moment,
});
export type TransactionEntity = z.output<typeof transaction>;
