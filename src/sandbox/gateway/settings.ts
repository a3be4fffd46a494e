import type { FaultSettings } from './faults.ts';

/** Where an account's events go. */
export interface WebhookTarget {
  url: string;
  secret: string;
  /** The secret before the last change; events under the fault `old-secret` are signed with it. */
  former_secret?: string;
  /** Only these events; all by default. */
  events?: readonly string[];
}

/** A lender's account with the gateway; each sees only what is its own. */
export interface GatewayAccount {
  /** `acc_…`, as in the events. */
  id: string;
  key_id: string;
  key_secret: string;
  /** The bank account that payouts leave from and settlements reach. */
  account_number: string;
  webhook?: WebhookTarget;
  /** Paise in the bank account at the beginning. */
  opening_balance: number;
}

export interface GatewaySettings {
  /** The same seed: the same ids, lives and faults. */
  seed: number;
  /** How long an answer takes. */
  delay_ms: number;
  /** How long the line stays open under the fault `commit-then-hang`. */
  hang_ms: number;
  /** How long a payout that nothing befalls is processing. */
  processing_ms_min: number;
  processing_ms_max: number;
  /** How long a payout is not yet found by the list, by the gateway's clock. */
  list_lag_ms: number;
  /** How often the gateway looks for what its clock made due; 0: only when it is told to. */
  tick_ms: number;
  /** Paise a payout costs before tax. */
  payout_fee: number;
  /** Whether a reversal brings the fees back as well. */
  fees_return: boolean;
  /** What a captured payment costs before tax, in parts of 10,000. */
  collection_fee_basis_points: number;
  /** Days from capture to settlement. */
  settlement_days: number;
  /** Days after which a payment that nobody captured goes back. */
  capture_days: number;
  /** Days from the presentation of a mandate debit to its result, at least and at most. */
  mandate_days_min: number;
  mandate_days_max: number;
  /** Days until a refund of normal speed reaches the payer. */
  refund_days: number;
  /** Webhooks under way at once; those about one object never overtake each other. */
  deliveries_max: number;
}

export interface GatewayOptions extends Partial<GatewaySettings> {
  accounts?: readonly GatewayAccount[];
  /** The clock that payouts progress by; the system's by default, and then it can be moved ahead. */
  now?: () => Date;
  /** Where the state is kept (JSON lines); without it, in memory. */
  file?: string;
  faults?: Partial<FaultSettings>;
}

/** The account there is when none is configured. */
export const SANDBOX_ACCOUNT: GatewayAccount = {
  id: 'acc_Sandbox0000001',
  key_id: 'rzp_test_sandbox',
  key_secret: 'sandbox-secret',
  account_number: '7878780080316316',
  opening_balance: 1_000_000_000_000,
};

export const DEFAULT_SETTINGS: GatewaySettings = {
  seed: 20_261_120,
  delay_ms: 0,
  hang_ms: 30_000,
  processing_ms_min: 1_000,
  processing_ms_max: 5_000,
  list_lag_ms: 0,
  tick_ms: 25,
  payout_fee: 500,
  fees_return: false,
  collection_fee_basis_points: 200,
  settlement_days: 2,
  capture_days: 3,
  mandate_days_min: 1,
  mandate_days_max: 2,
  refund_days: 5,
  deliveries_max: 16,
};

export const DAY_MS = 86_400_000;
/** Goods and services tax on what the gateway charges. */
const TAX_PERCENT = 18;

/** What the gateway takes for a service; the tax is a part of the fees. */
export function feesOf(fee: number): { fees: number; tax: number } {
  const tax = Math.round((fee * TAX_PERCENT) / 100);
  return { fees: fee + tax, tax };
}
