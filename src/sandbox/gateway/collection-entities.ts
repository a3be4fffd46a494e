import type { Notes } from './entities.ts';

/** The gateway's objects on the way in. Amounts are whole paise, moments Unix seconds. */

export interface Order {
  id: string;
  entity: 'order';
  amount: number;
  amount_paid: number;
  amount_due: number;
  currency: string;
  receipt: string | null;
  offer_id: null;
  status: 'created' | 'attempted' | 'paid';
  attempts: number;
  notes: Notes;
  created_at: number;
}

export type PaymentMethod = 'upi' | 'netbanking' | 'card' | 'emandate' | 'nach';

export interface Payment {
  id: string;
  entity: 'payment';
  amount: number;
  currency: string;
  status: 'created' | 'authorized' | 'captured' | 'refunded' | 'failed';
  order_id: string;
  invoice_id: null;
  international: false;
  method: PaymentMethod;
  amount_refunded: number;
  refund_status: 'partial' | 'full' | null;
  captured: boolean;
  description: string | null;
  card_id: null;
  bank: string | null;
  wallet: null;
  vpa: string | null;
  email: string;
  contact: string;
  customer_id?: string;
  token_id?: string;
  notes: Notes;
  /** Holds the tax as well; null until it is captured. */
  fee: number | null;
  tax: number | null;
  error_code: string | null;
  error_description: string | null;
  error_source: string | null;
  error_step: string | null;
  error_reason: string | null;
  acquirer_data: Record<string, string | null>;
  created_at: number;
}

export interface Refund {
  id: string;
  entity: 'refund';
  amount: number;
  currency: string;
  payment_id: string;
  notes: Notes;
  receipt: string | null;
  acquirer_data: { arn: string | null };
  batch_id: null;
  status: 'pending' | 'processed' | 'failed';
  speed_requested: 'normal' | 'optimum';
  speed_processed: 'normal' | 'instant' | null;
  created_at: number;
}

export type DisputeStatus = 'open' | 'under_review' | 'won' | 'lost' | 'closed';

export interface Dispute {
  id: string;
  entity: 'dispute';
  payment_id: string;
  amount: number;
  currency: string;
  /** What was taken from the lender when it opened. */
  amount_deducted: number;
  reason_code: string;
  respond_by: number;
  status: DisputeStatus;
  phase: 'chargeback' | 'pre_arbitration' | 'fraud' | 'retrieval';
  created_at: number;
}

export interface Customer {
  id: string;
  entity: 'customer';
  name: string;
  email: string | null;
  contact: string | null;
  gstin: null;
  notes: Notes;
  created_at: number;
}

/** A borrower's standing order to debit an account. */
export interface Token {
  id: string;
  entity: 'token';
  token: string;
  method: PaymentMethod;
  recurring: true;
  recurring_details: { status: 'confirmed' | 'cancelled'; failure_reason: null };
  max_amount: number;
  expired_at: number;
  created_at: number;
}

export interface Settlement {
  id: string;
  entity: 'settlement';
  amount: number;
  status: 'processed';
  fees: number;
  tax: number;
  utr: string;
  created_at: number;
}

/** A line of the settlement report. A payment's credit is its amount less the fee; the tax is a part of the fee. */
export interface SettlementRow {
  entity_id: string;
  type: 'payment' | 'refund' | 'adjustment';
  debit: number;
  credit: number;
  amount: number;
  currency: string;
  fee: number;
  tax: number;
  on_hold: boolean;
  settled: boolean;
  created_at: number;
  settled_at: number;
  settlement_id: string;
  posted_at: null;
  credit_type: 'default';
  description: string | null;
  notes: Notes | null;
  payment_id: string | null;
  settlement_utr: string | null;
  order_id: string | null;
  order_receipt: string | null;
  method: string | null;
  card_network: null;
  card_issuer: null;
  card_type: null;
  dispute_id: string | null;
}
