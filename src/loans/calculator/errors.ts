/** Why a calculation has no answer. A code is a promise: it is never renamed. */
export type CalculationErrorCode =
  | 'malformed-json'
  | 'line-too-long'
  | 'unknown-function'
  | 'invalid-value'
  | 'missing-field'
  | 'unknown-field'
  | 'out-of-range'
  | 'dates-disordered'
  | 'not-supported'
  | 'never-pays-off'
  | 'too-many-instalments'
  | 'after-last-due'
  | 'prepayment-too-large';

/** What was asked cannot be calculated. `field` is the dotted path of the part at fault, '' for the whole. */
export class CalculationError extends Error {
  override name = 'CalculationError';
  readonly code: CalculationErrorCode;
  readonly field: string;

  constructor(code: CalculationErrorCode, message: string, field: string) {
    super(message);
    this.code = code;
    this.field = field;
  }
}
