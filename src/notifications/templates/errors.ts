import type { WrongField } from '../errors.ts';

/** Why a template was not kept, or a message not written from it. Nothing was changed or sent. */
export type TemplateErrorCode =
  | 'unknown-template'
  | 'invalid-template'
  | 'template-variable-missing'
  | 'invalid-template-data'
  | 'template-too-costly'
  | 'dlt-mismatch';

/** A fault of a template or of the data for it. Its message names parts and variables, never what they hold. */
export class TemplateError extends Error {
  override name = 'TemplateError';
  readonly code: TemplateErrorCode;
  readonly fields: readonly WrongField[];

  constructor(code: TemplateErrorCode, message: string, fields: readonly WrongField[] = []) {
    super(message);
    this.code = code;
    this.fields = fields;
  }
}
