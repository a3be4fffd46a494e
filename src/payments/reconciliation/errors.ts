export type ReconciliationErrorCode = 'bad-statement' | 'unknown-statement' | 'gateway-needed' | 'not-found';

/** What a caller must mend or give up; nothing was changed. */
export class ReconciliationError extends Error {
  override name = 'ReconciliationError';
  readonly code: ReconciliationErrorCode;
  /** One line each: which line and column of a statement cannot be read, and why. */
  readonly details: readonly string[];

  constructor(code: ReconciliationErrorCode, message: string, details: readonly string[] = []) {
    super(message);
    this.code = code;
    this.details = details;
  }
}
