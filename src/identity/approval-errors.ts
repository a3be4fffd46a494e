/** Why a proposal or a vote was turned away. Nothing was changed. */
export type ApprovalErrorCode =
  | 'not-found'
  | 'own-request'
  | 'not-proposer'
  | 'already-voted'
  | 'approval-hash-mismatch'
  | 'approval-expired'
  | 'illegal-transition';

export class ApprovalError extends Error {
  override name = 'ApprovalError';
  readonly code: ApprovalErrorCode;

  constructor(code: ApprovalErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * What was proposed cannot be done (any more). Thrown by an action: when proposing, the proposer hears
 * it; when applying, it ends the approval as refused, under this code.
 */
export class ActionRefused extends Error {
  override name = 'ActionRefused';
  /** Stable: one of src/api/errors.ts. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
