import { z } from 'zod';
import type { Debit } from '../payments/collections/debits.ts';
import type { Dispute } from '../payments/collections/disputes.ts';
import { MANDATE_METHODS, type Mandate } from '../payments/collections/mandates.ts';
import { ORDER_PURPOSES, ORDER_STATES, type Order } from '../payments/collections/orders.ts';
import type { Refund } from '../payments/collections/refund-rows.ts';
import type { Collection } from '../payments/collections/rows.ts';
import {
  COLLECTION_STATES,
  DEBIT_STATES,
  DISPUTE_STATES,
  REFUND_STATES,
} from '../payments/collections/states.ts';
import { moveSchema } from './payment-schemas.ts';
import { businessDate, timestamp, uuid } from './schemas.ts';

export const orderSchema = z
  .strictObject({
    id: uuid,
    loan: uuid.nullable(),
    gateway: z.string(),
    purpose: z.enum(ORDER_PURPOSES),
    reference: z.string(),
    amount: z.string(),
    currency: z.string(),
    state: z.enum(ORDER_STATES).describe('asking: the gateway has not answered yet'),
    provider_id: z.string().nullable().describe('what the gateway’s checkout is given'),
    reason: z.string().nullable(),
    created_at: timestamp,
  })
  .meta({ id: 'CollectionOrder' });

const collectionFields = {
  id: uuid,
  gateway: z.string(),
  provider_id: z.string().describe('the gateway’s id of the payment'),
  order: uuid.nullable(),
  loan: uuid.nullable(),
  amount: z.string(),
  currency: z.string(),
  fee: z.string().nullable(),
  tax: z.string().nullable().describe('a part of the fee'),
  method: z.string().nullable(),
  state: z.enum(COLLECTION_STATES),
  reason: z.string().nullable(),
  paid_on: businessDate.describe('the day the borrower paid: a repayment counts from it'),
  captured_at: timestamp.nullable(),
  allocated: z.string().describe('taken by loans'),
  unallocated: z.string().describe('owed to nobody yet: two people give it to a loan, or back'),
  refunded: z.string().describe('given back by us, or about to be'),
  returned: z.string().describe('taken back by the bank or the gateway'),
  lost: z.string().describe('lost in disputes'),
};
export const collectionSchema = z.strictObject(collectionFields).meta({ id: 'Collection' });

export const refundSchema = z
  .strictObject({
    id: uuid,
    instruction: uuid.describe('the first attempt to give the same back'),
    attempt: z.int(),
    collection: uuid,
    amount: z.string(),
    currency: z.string(),
    state: z.enum(REFUND_STATES).describe('suspense: two people say what became of it'),
    provider_id: z.string().nullable(),
    reason: z.string().nullable(),
    asked_by: z.string(),
    created_at: timestamp,
  })
  .meta({ id: 'Refund' });

export const disputeSchema = z
  .strictObject({
    id: uuid,
    provider_id: z.string(),
    collection: uuid,
    amount: z.string(),
    currency: z.string(),
    state: z.enum(DISPUTE_STATES),
    reason: z.string().nullable(),
    respond_by: timestamp.nullable(),
    opened_at: timestamp,
  })
  .meta({ id: 'Dispute' });

export const wholeCollectionSchema = z
  .strictObject({
    ...collectionFields,
    moves: z.array(moveSchema),
    refunds: z.array(refundSchema),
    disputes: z.array(disputeSchema),
  })
  .meta({ id: 'CollectionWithMoves' });

export const mandateSchema = z
  .strictObject({
    id: uuid,
    loan: uuid,
    gateway: z.string(),
    method: z.enum(MANDATE_METHODS),
    max_amount: z.string(),
    currency: z.string(),
    state: z.enum(['active', 'revoked']),
    added_by: z.string(),
    added_at: timestamp,
  })
  .meta({ id: 'Mandate' });

export const debitSchema = z
  .strictObject({
    id: uuid,
    mandate: uuid,
    loan: uuid,
    instalment: z.int(),
    attempt: z.int(),
    order: uuid,
    amount: z.string(),
    currency: z.string(),
    state: z
      .enum(DEBIT_STATES)
      .describe('unknown: it may have been presented; nothing is presented before it is known'),
    contradicts: z.boolean().describe('it came through after it had bounced, beside another attempt'),
    provider_id: z.string().nullable(),
    reason: z.string().nullable(),
    created_at: timestamp,
    presented_at: timestamp.nullable(),
    resolved_at: timestamp.nullable(),
  })
  .meta({ id: 'MandateDebit' });

export function orderResource({ created_at, looks: _, ...order }: Order) {
  return { ...order, created_at: created_at.toISOString() };
}

export function collectionResource(collection: Collection) {
  const { paid_at: _, created_at: __, business_date: ___, captured_at, ...rest } = collection;
  return { ...rest, captured_at: captured_at?.toISOString() ?? null };
}

export function refundResource({ created_at, looks: _, request_body: __, ...refund }: Refund) {
  return { ...refund, created_at: created_at.toISOString() };
}

export function disputeResource({ respond_by, opened_at, ...dispute }: Dispute) {
  return { ...dispute, respond_by: respond_by?.toISOString() ?? null, opened_at: opened_at.toISOString() };
}

/** Without what the gateway debits by, and without the borrower's addresses. */
export function mandateResource(mandate: Mandate) {
  const { customer: _, token: __, email: ___, phone: ____, added_at, ...rest } = mandate;
  return { ...rest, added_at: added_at.toISOString() };
}

export function debitResource({ created_at, presented_at, resolved_at, ...debit }: Debit) {
  return {
    ...{ ...debit, created_at: created_at.toISOString() },
    ...{ presented_at: presented_at?.toISOString() ?? null, resolved_at: resolved_at?.toISOString() ?? null },
  };
}
