/** Why a paper was not made. */
export type DocumentErrorCode = 'wrong-period' | 'too-long' | 'no-terms';

export class DocumentError extends Error {
  override name = 'DocumentError';
  readonly code: DocumentErrorCode;

  constructor(code: DocumentErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
