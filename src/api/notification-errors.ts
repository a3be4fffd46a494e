import { type ErrorEntry, entry } from './error-entry.ts';

/** Errors of notifications, of their templates and of those who carry them. */
export const NOTIFICATION_ERRORS = {
  'invalid-notification': entry(
    400,
    'The notification lacks what a channel needs.',
    'A channel of its type has no address or no content; or both a template and content are given, or neither.',
    'Look at `errors`: each names the field, and the channel that needs it.',
  ),
  'unknown-template': entry(
    400,
    'There is no such template.',
    'Neither the tenant nor Kist has a template of this name with a wording for this channel.',
    'GET /v1/templates lists them, with channels and locales; `detail` names the rules of notices that it is about, if any.',
  ),
  'invalid-template': entry(
    400,
    'The template cannot be read.',
    'Its Liquid is not well-formed, or uses a tag, filter or variable that it may not.',
    '`errors` names each text with line and column; docs/templates.md lists what may be used.',
  ),
  'template-variable-missing': entry(
    400,
    'The template needs a variable that was not given.',
    'A text of it reads a variable that is missing or null.',
    '`errors` names the variable and the text; GET /v1/templates/{name} lists them all.',
  ),
  'invalid-template-data': entry(
    400,
    'The message cannot be written from these values.',
    'An amount is no decimal string, a day no date, a link not https, or the text is longer than its channel carries.',
    '`errors` names what is wrong. Amounts are strings as "1250.50", days as "2026-11-20".',
  ),
  'template-too-costly': entry(
    400,
    'The template takes more time or space than a message may.',
    'It goes around too often, or makes a text without end.',
    'Make it simpler.',
  ),
  'dlt-mismatch': entry(
    400,
    'The text does not fit the one that is registered for it.',
    'India’s networks drop a text message that differs from its registered text (DLT) elsewhere than in its variable places.',
    'Mend the template, or register the new text and set its dlt_text and dlt_template.',
  ),
  'template-in-use': entry(
    409,
    'A rule of notices needs a wording that would be gone.',
    'A wording taken back, a channel left out of a new one, or another locale of the tenant would leave a rule that is enabled without a wording for one of its channels.',
    '`detail` names the rules: disable or change them first, or word their templates in the tenant’s locale.',
  ),
  'unknown-provider': entry(
    404,
    'There is no such provider of notifications.',
    'The channel or the name in the address is misspelt, or of another release.',
    '`detail` names those there are.',
  ),
} as const satisfies Record<string, ErrorEntry>;
