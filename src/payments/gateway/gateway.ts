/** A tenant's account with a gateway, opened for use. It holds secrets: never log it, never store it. */
export interface GatewayAccount {
  tenant: string;
  gateway: string;
  key_id: string;
  key_secret: string;
  /** Our own, from which payouts are paid. */
  account_number: string;
}

/** What every call is told: whose account, and when to give up. */
export interface GatewayCall {
  account: GatewayAccount;
  signal: AbortSignal;
}

/** Where money is paid to: a bank account or a UPI address. */
export interface Beneficiary {
  /** Our id of it. */
  id: string;
  holder: string;
  ifsc: string | null;
  account_number: string | null;
  vpa: string | null;
}

export const PAYOUT_MODES = ['IMPS', 'NEFT', 'RTGS', 'UPI'] as const;
export type PayoutMode = (typeof PAYOUT_MODES)[number];

/** One payment that is to be made. Amounts here and in all pictures are decimal strings such as "1250.50". */
export interface PayoutOrder {
  /** Ours, and the gateway's reference of it. */
  id: string;
  fund_account: string;
  amount: string;
  currency: string;
  mode: PayoutMode;
  purpose: 'disbursal' | 'withdrawal';
  /** What the borrower's statement says, as far as the banks pass it on. */
  narration: string;
}

/** What a gateway says of an object at a moment: in an answer, an event, a poll, a line of a statement. */
interface Picture {
  id: string;
  currency: string;
  amount: string;
  created_at: Date;
}

export const PAYOUT_STATUSES = [
  ...(['pending', 'queued', 'scheduled', 'processing', 'succeeded'] as const),
  ...(['reversed', 'failed', 'cancelled', 'rejected'] as const),
] as const;
/** In our words, whatever the gateway calls them. */
export type PayoutStatus = (typeof PAYOUT_STATUSES)[number];

export interface PayoutPicture extends Picture {
  of: 'payout';
  /** Our id of it; null where the gateway does not tell. */
  reference: string | null;
  status: PayoutStatus;
  mode: string | null;
  /** `tax` is a part of `fees`; null while they are not known. */
  fees: string | null;
  tax: string | null;
  utr: string | null;
  /** Why it stands so: the gateway's code and words, and what our rules make of it. */
  reason: { code: string; message: string; remedy: Remedy } | null;
}

/** What may be done about a payout that failed. */
export type Remedy = 'none' | 'pay-again' | 'other-account' | 'fund-account';

export const PAYMENT_STATUSES = ['created', 'authorized', 'captured', 'refunded', 'failed'] as const;
export type PaymentStatus = (typeof PAYMENT_STATUSES)[number];

/** Money that a borrower pays in. */
export interface PaymentPicture extends Picture {
  of: 'payment';
  order: string | null;
  status: PaymentStatus;
  method: string | null;
  /** `tax` is a part of `fee`; null before the capture. */
  fee: string | null;
  tax: string | null;
  amount_refunded: string;
  error: { code: string; message: string } | null;
  notes: Readonly<Record<string, string>>;
}

export interface OrderPicture extends Picture {
  of: 'order';
  /** Our id of it. */
  receipt: string | null;
  status: 'created' | 'attempted' | 'paid';
  amount_paid: string;
}

export interface RefundPicture extends Picture {
  of: 'refund';
  payment: string;
  /** Our id of it. */
  receipt: string | null;
  status: 'pending' | 'processed' | 'failed';
}

export interface DisputePicture extends Picture {
  of: 'dispute';
  payment: string;
  status: 'open' | 'under-review' | 'won' | 'lost' | 'closed';
  reason: string | null;
  respond_by: Date | null;
}

/** A settlement that the gateway has paid, or is about to pay, to our bank. */
export interface SettlementPicture extends Picture {
  of: 'settlement';
  status: string;
  fees: string;
  tax: string;
  utr: string | null;
}

export type AnyPicture =
  | PayoutPicture
  | PaymentPicture
  | OrderPicture
  | RefundPicture
  | DisputePicture
  | SettlementPicture;

/** One line of what the gateway says it settled, for the reconciliation. */
export interface SettlementRow {
  /** The gateway's id of what was settled. */
  entity: string;
  kind: 'payment' | 'refund' | 'payout' | 'reversal' | 'adjustment' | 'transfer' | 'other';
  /** Payment that a refund is of, or payout that a reversal is of. */
  parent: string | null;
  debit: string;
  credit: string;
  amount: string;
  currency: string;
  fee: string;
  tax: string;
  status: string | null;
  settlement: string | null;
  utr: string | null;
  happened_at: Date;
  settled_at: Date | null;
  /** Running balance of the account, where the statement shows one. */
  balance: string | null;
  description: string;
}

/** An event, read after its signature was found good. */
export interface GatewayEvent {
  type: string;
  at: Date;
  pictures: readonly AnyPicture[];
}

/** A check of a bank account by a payment into it. What the gateway takes for it, only its statement tells. */
export interface AccountCheck {
  id: string;
  /** Our id of it; null where the gateway does not tell. */
  reference: string | null;
  status: 'created' | 'completed' | 'failed';
  account: 'active' | 'invalid' | null;
  /** The holder's name as the bank has it. */
  registered_name: string | null;
  /** How well the names fit, as the gateway has it: 0 to 100. */
  name_match: number | null;
  /** What was paid into the account; null where the gateway does not tell. */
  amount: string | null;
  utr: string | null;
  /** Why there is no answer, in the gateway's word. */
  reason: string | null;
}

/**
 * What Kist asks of a payment gateway: all it knows of any. A second gateway is a second implementation, and a
 * line in gateways.ts. It holds nothing of a tenant's, tries nothing twice by itself, and ends every call
 * in a picture or in a GatewayError.
 */
export interface Gateway {
  readonly name: string;

  /** Makes the beneficiary known; safe to repeat. @returns what the gateway calls it */
  register(beneficiary: Beneficiary, call: GatewayCall): Promise<{ contact: string; fund_account: string }>;
  /** Begins a check of a bank account by a payment of the least amount. There is no key: again is another check. */
  checkAccount(beneficiary: Beneficiary, reference: string, call: GatewayCall): Promise<AccountCheck>;
  accountCheck(id: string, call: GatewayCall): Promise<AccountCheck>;
  /** By our id of it, among those begun about then; null where the gateway knows none (yet: its lists may lag). */
  accountCheckByReference(
    wanted: { reference: string; begun_at: Date },
    call: GatewayCall,
  ): Promise<AccountCheck | null>;
  /** What our account holds; the gateway's own answer may be minutes old. */
  balance(call: GatewayCall): Promise<{ available: string; at: Date }>;

  /** The exact body that asks for a payout: store it before it is sent. */
  payoutBody(order: PayoutOrder, account: Pick<GatewayAccount, 'account_number'>): string;
  /** Asks for a payout. The same key and body again are answered with the payout as it stands now. */
  sendPayout(request: { key: string; body: string }, call: GatewayCall): Promise<PayoutPicture>;
  payout(id: string, call: GatewayCall): Promise<PayoutPicture>;
  /** By our id of it; null where the gateway knows none (yet: its lists may lag). */
  payoutByReference(reference: string, call: GatewayCall): Promise<PayoutPicture | null>;
  cancelPayout(id: string, call: GatewayCall): Promise<PayoutPicture>;

  createOrder(
    order: { id: string; amount: string; currency: string; partial: boolean; notes: Record<string, string> },
    call: GatewayCall,
  ): Promise<OrderPicture>;
  order(id: string, call: GatewayCall): Promise<OrderPicture>;
  paymentsOfOrder(id: string, call: GatewayCall): Promise<readonly PaymentPicture[]>;
  payment(id: string, call: GatewayCall): Promise<PaymentPicture>;
  capture(
    payment: Pick<PaymentPicture, 'id' | 'amount' | 'currency'>,
    call: GatewayCall,
  ): Promise<PaymentPicture>;
  /** Presents a mandate for an order. @returns the gateway's id of the payment that it tries */
  debitMandate(
    debit: {
      order: string;
      amount: string;
      currency: string;
      customer: string;
      token: string;
      email: string;
      phone: string;
      description: string;
    },
    call: GatewayCall,
  ): Promise<string>;
  /** The exact body that asks for a refund: store it before it is sent. */
  refundBody(refund: { id: string; amount: string; currency: string }): string;
  sendRefund(
    request: { payment: string; key: string; body: string },
    call: GatewayCall,
  ): Promise<RefundPicture>;
  refund(id: string, call: GatewayCall): Promise<RefundPicture>;
  dispute(id: string, call: GatewayCall): Promise<DisputePicture>;

  /** What was settled on a day, for collections, page by page. */
  settlementRows(on: string, call: GatewayCall): AsyncIterable<SettlementRow>;
  /** The statement of the account that payouts are paid from, between two days, both included. */
  accountRows(days: { from: string; to: string }, call: GatewayCall): AsyncIterable<SettlementRow>;

  /** Whether the gateway signed exactly these bytes with the secret; takes as long whatever is wrong. */
  isSigned(body: Buffer, headers: Headers, secret: string): boolean;
  /** The gateway's own id of the event; null where it is missing. */
  eventId(headers: Headers): string | null;
  /** @throws SyntaxError for what is no event. One that we know nothing of has no pictures. */
  readEvent(body: string): GatewayEvent;
}

/** Headers of a request, names in lower case. */
export type Headers = Readonly<Record<string, string | string[] | undefined>>;
