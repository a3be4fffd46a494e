/** Why a wish about payments was not granted. Nothing was changed. */
export type PaymentErrorCode =
  | 'not-found'
  | 'unknown-gateway'
  | 'unknown-owner'
  | 'already-exists'
  | 'illegal-transition';

/** A wish that a caller must change or give up; the API turns each code into a problem. */
export class PaymentError extends Error {
  override name = 'PaymentError';
  readonly code: PaymentErrorCode;

  constructor(code: PaymentErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
