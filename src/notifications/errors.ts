/** Why a wish about notifications was not granted. Nothing was changed. */
export type NotificationErrorCode =
  | 'not-found'
  | 'invalid-notification'
  | 'unknown-provider'
  | 'template-in-use';

/** One field that is wrong, as a JSON pointer into the request. */
export interface WrongField {
  pointer: string;
  message: string;
}

/** A wish that a caller must change or give up; the API turns each code into a problem. */
export class NotificationError extends Error {
  override name = 'NotificationError';
  readonly code: NotificationErrorCode;
  readonly fields: readonly WrongField[];

  constructor(code: NotificationErrorCode, message: string, fields: readonly WrongField[] = []) {
    super(message);
    this.code = code;
    this.fields = fields;
  }
}
