/** Why a wish about applications or loans was not granted. Nothing was changed. */
export type LoanErrorCode =
  | 'not-found'
  | 'illegal-transition'
  | 'idempotency-conflict'
  | 'unknown-product'
  | 'own-request';

/** A wish that a caller must change or give up; the API turns each code into a problem. */
export class LoanError extends Error {
  override name = 'LoanError';
  readonly code: LoanErrorCode;

  constructor(code: LoanErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
