/** Why a wish about applications or loans was not granted. Nothing was changed. */
export type LoanErrorCode =
  | 'not-found'
  | 'illegal-transition'
  | 'idempotency-conflict'
  | 'unknown-product'
  | 'own-request'
  | 'backlog-full';

/** A wish that a caller must change or give up; the API turns each code into a problem. */
export class LoanError extends Error {
  override name = 'LoanError';
  readonly code: LoanErrorCode;

  /** For what passes by itself: when to try again. */
  readonly retry_after_s: number | undefined;

  constructor(code: LoanErrorCode, message: string, options: { retry_after_s?: number } = {}) {
    super(message);
    this.code = code;
    this.retry_after_s = options.retry_after_s;
  }
}
