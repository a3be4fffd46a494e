import type { GatewayCall } from '../../../src/payments/gateway/gateway.ts';
import { createRazorpay, type RazorpayOptions } from '../../../src/payments/gateway/razorpay/razorpay.ts';
import { answering, type Reply } from '../../support/answering.ts';

export type { Reply } from '../../support/answering.ts';

/** A Razorpay that gives these answers, as `answering` does. */
export async function razorpay(replies: Reply[], options: Partial<RazorpayOptions> = {}) {
  const { asked, url } = await answering(replies);
  return { asked, url, gateway: createRazorpay({ url, timeout_ms: 5_000, ...options }) };
}

export const ACCOUNT = {
  tenant: 'acme',
  gateway: 'razorpay',
  key_id: 'rzp_test_key',
  key_secret: 'the-key-secret',
  account_number: '7878780080316316',
};
export const BASIC = `Basic ${Buffer.from('rzp_test_key:the-key-secret').toString('base64')}`;

export const call = (signal = new AbortController().signal): GatewayCall => ({ account: ACCOUNT, signal });

/** Of an object, what is named differs. */
export type Change = Record<string, unknown>;

export const PAYOUT_ID = '0199a1b2-0000-7000-8000-000000000001';

/** As a payout is answered, fetched and told of in events. */
export const payoutEntity = (change: Change = {}) => ({
  id: 'pout_00000000000001',
  entity: 'payout',
  fund_account_id: 'fa_00000000000001',
  amount: 1_000_050,
  currency: 'INR',
  notes: { payout: PAYOUT_ID },
  fees: 590,
  tax: 90,
  status: 'processing',
  utr: null,
  mode: 'IMPS',
  purpose: 'payout',
  reference_id: PAYOUT_ID,
  narration: 'Acme Loan',
  batch_id: null,
  status_details: null,
  created_at: 1_545_383_037,
  fee_type: null,
  ...change,
});

export const refusal = (description: string, change: Change = {}) => ({
  error: {
    code: 'BAD_REQUEST_ERROR',
    description,
    source: 'business',
    step: null,
    reason: 'input_validation_failed',
    metadata: {},
    ...change,
  },
});
