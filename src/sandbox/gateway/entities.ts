/** The gateway's objects, as its answers and events show them. Amounts are whole paise, moments Unix seconds. */

export type Notes = Record<string, string | number> | [];

export interface Contact {
  id: string;
  entity: 'contact';
  name: string;
  contact: string | null;
  email: string | null;
  type: string | null;
  reference_id: string | null;
  batch_id: null;
  active: boolean;
  notes: Notes;
  created_at: number;
}

export interface FundAccount {
  id: string;
  entity: 'fund_account';
  contact_id: string;
  account_type: 'bank_account' | 'vpa';
  bank_account?: { ifsc: string; bank_name: string; name: string; notes: []; account_number: string };
  vpa?: { username: string; handle: string; address: string };
  batch_id: null;
  active: boolean;
  created_at: number;
}

export interface Validation {
  id: string;
  entity: 'fund_account.validation';
  fund_account: FundAccount;
  status: 'created' | 'completed' | 'failed';
  amount: number;
  currency: string;
  notes: Notes;
  reference_id: string | null;
  validation_results: {
    account_status: 'active' | 'invalid' | null;
    registered_name: string | null;
    name_match_score: number | null;
    details: string | null;
  };
  utr: string | null;
  status_details: StatusDetails | null;
  created_at: number;
}

export type PayoutStatus =
  | 'pending'
  | 'queued'
  | 'scheduled'
  | 'processing'
  | 'processed'
  | 'reversed'
  | 'failed'
  | 'cancelled'
  | 'rejected';

export interface StatusDetails {
  description: string;
  source: 'gateway' | 'beneficiary_bank' | 'business' | 'internal';
  reason: string;
}

export interface Payout {
  id: string;
  entity: 'payout';
  fund_account_id: string;
  amount: number;
  currency: string;
  notes: Notes;
  /** Holds the tax as well. Both are 0 until it is processing. */
  fees: number;
  tax: number;
  status: PayoutStatus;
  purpose: string;
  utr: string | null;
  mode: string;
  reference_id: string | null;
  narration: string | null;
  batch_id: null;
  status_details: StatusDetails | null;
  created_at: number;
  fee_type: string | null;
  debit_account_number: string;
}

/** A line of the account's statement; `balance` is what the account holds after it. */
export interface Transaction {
  id: string;
  entity: 'transaction';
  account_number: string;
  amount: number;
  currency: string;
  credit: number;
  debit: number;
  balance: number;
  source: { id: string; entity: string; amount: number } & Record<string, unknown>;
  created_at: number;
}
