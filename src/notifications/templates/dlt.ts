import { TemplateError } from './errors.ts';

/**
 * India's networks drop a text that is not the registered one (DLT): it may differ only in the places
 * {#var#}, and in each by no more than so many characters.
 */
const PLACE = /\{#[a-z]+#\}/gi;
const PLACE_CHARACTERS_MAX = 30;

/** @throws TemplateError dlt-mismatch, saying from which registered words on the text differs */
export function checkDlt(text: string, registered: string): void {
  const fixed = normal(registered).split(PLACE);
  const sent = normal(text);
  let reached = new Set(sent.startsWith(fixed[0]!) ? [fixed[0]!.length] : []);
  if (reached.size === 0) throw mismatch(fixed[0]!);
  for (const words of fixed.slice(1)) {
    reached = after(sent, reached, words);
    if (reached.size === 0) throw mismatch(words);
  }
  if (!reached.has(sent.length)) throw mismatch('');
}

/** Where the next registered words may end, each place holding 0 to 30 characters. */
function after(sent: string, reached: ReadonlySet<number>, words: string): Set<number> {
  const ends = new Set<number>();
  for (const start of reached) {
    for (let at = start; at <= Math.min(start + PLACE_CHARACTERS_MAX, sent.length); at += 1) {
      if (sent.startsWith(words, at)) ends.add(at + words.length);
    }
  }
  return ends;
}

function normal(text: string): string {
  return text.replaceAll('\r\n', '\n').trim();
}

function mismatch(words: string): TemplateError {
  const where = words === '' ? 'at its end' : `where the registered text has “${words}”`;
  const message = `sms.text does not fit the text registered for it (DLT), ${where}`;
  return new TemplateError('dlt-mismatch', `${message}.`, [{ pointer: '/parts/sms/dlt_text', message }]);
}
