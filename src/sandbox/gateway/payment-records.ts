import type { Order, Payment, PaymentMethod } from './collection-entities.ts';

export interface OrderRecord {
  id: string;
  account: string;
  order: Order;
  /** Captured as soon as it is authorised. */
  captures: boolean;
  partial: boolean;
  payments: string[];
  subjects: (string | null)[];
}

export interface PaymentRecord {
  id: string;
  account: string;
  payment: Payment;
  receipt: string | null;
  subjects: (string | null)[];
}

/** How a borrower pays an order. */
export interface Paying {
  /** Paise; what is due by default. Less only where the order takes parts. */
  amount?: number;
  method?: PaymentMethod;
  /** What the fault script says by default, and `captured` where it says nothing. */
  outcome?: 'authorized' | 'captured' | 'failed';
  /** Why it failed. */
  reason?: string;
}

/** What a payment is made from. */
export interface Draft {
  amount: number;
  method: PaymentMethod;
  customer_id?: string;
  token_id?: string;
  email?: string;
  contact?: string;
  description?: string | null;
  notes?: Payment['notes'];
}
