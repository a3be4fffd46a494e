import type { PayoutPicture, Remedy } from '../gateway.ts';
import { impersonal } from './answers.ts';
import type { PayoutEntity } from './schemas.ts';

/**
 * What may be done about a payout that failed or came back, by `status_details.reason` ("next steps" of
 * Razorpay's payout status details). Reasons that stand nowhere here are for people.
 */
const REMEDIES: Readonly<Record<Exclude<Remedy, 'none'>, readonly string[]>> = {
  // The account is the trouble, and stays it.
  'other-account': [
    'bank_account_closed',
    'bank_account_frozen',
    'bank_account_invalid',
    'beneficiary_account_dormant',
    'beneficiary_account_invalid',
    'beneficiary_bank_rejected',
    'beneficiary_vpa_invalid',
    'invalid_beneficiary',
    'invalid_ifsc_code',
    'transaction_limit_exceeded',
  ],
  // Half an hour later, as a new payment.
  'pay-again': [
    'amount_limit_exhausted_neft',
    'beneficiary_bank_failure',
    'beneficiary_bank_offline',
    'beneficiary_bank_technical_error',
    'beneficiary_psp_offline',
    'gateway_down',
    'gateway_technical_error',
    'gateway_timeout',
    'npci_beneficiary_timeout',
    'server_error_temporary',
  ],
  'fund-account': ['insufficient_funds'],
};

const REMEDY_OF = new Map<string, Remedy>(
  Object.entries(REMEDIES).flatMap(([remedy, codes]) => codes.map((code) => [code, remedy as Remedy])),
);

/** Why a payout stands as it does: status_details, and where they are missing what they have replaced. */
export function reasonOf(payout: PayoutEntity): PayoutPicture['reason'] {
  const { status_details, error, failure_reason } = payout;
  const code = status_details?.reason ?? error?.reason;
  if (!code && !failure_reason) return null;
  const message = status_details?.description ?? error?.description ?? failure_reason ?? '';
  return {
    code: code ?? 'unnamed',
    message: impersonal(message),
    remedy: REMEDY_OF.get(code ?? '') ?? 'none',
  };
}
