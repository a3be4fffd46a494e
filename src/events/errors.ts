/** Why a wish about endpoints was not granted. Nothing was changed. */
export type EventErrorCode =
  | 'not-found'
  | 'forbidden-address'
  | 'already-exists'
  | 'too-many-endpoints'
  | 'illegal-transition';

/** A wish that a caller must change or give up; the API turns each code into a problem. */
export class EventError extends Error {
  override name = 'EventError';
  readonly code: EventErrorCode;

  constructor(code: EventErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
