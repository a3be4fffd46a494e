import type { Channel, ContentOf } from '../channels.ts';
import { contentOf } from '../channels.ts';
import { withoutNulls } from './data.ts';
import { checkDlt } from './dlt.ts';
import { fill, type Style } from './engine.ts';
import { TemplateError } from './errors.ts';
import { pointerOf, STYLES } from './fields.ts';
import type { PartsOf, TemplateData, TemplateParts } from './parts.ts';

/** A message to be written: a template's parts of one channel, and what they are filled with. */
export interface Writing<C extends Channel> {
  parts: TemplateParts;
  channel: C;
  data: TemplateData;
  locale: string;
}

/**
 * Writes a message of a channel from a template.
 * @throws TemplateError template-variable-missing, naming variable and part; invalid-template-data where
 * a value cannot be shown or the message is longer than its channel carries; dlt-mismatch;
 * template-too-costly; invalid-template
 */
export function render<C extends Channel>({ parts, channel, data, locale }: Writing<C>): ContentOf[C] {
  const part = parts[channel];
  if (!part) throw new TemplateError('unknown-template', `The template has no part for ${channel}.`);
  const given = withoutNulls(data);
  const write: Write = (field, source, entry) => {
    const style = (STYLES[channel] as Record<string, Style>)[field]!;
    return fill(style, source, { pointer: pointerOf(channel, field, entry), data: given, locale });
  };
  const content = WRITERS[channel](part as never, write);
  const checked = contentOf[channel].safeParse(content);
  if (checked.success) return checked.data as ContentOf[C];
  const fields = checked.error.issues.map(({ path, message }) => ({
    pointer: `/parts/${channel}/${path.join('/')}`,
    message,
  }));
  const text = fields.map(({ pointer, message }) => `${pointer}: ${message}`).join('; ');
  throw new TemplateError('invalid-template-data', `What was written cannot be sent: ${text}.`, fields);
}

/** @param entry its name, of a field that has several */
type Write = (field: string, source: string, entry?: string) => string;

const WRITERS: { [C in Channel]: (part: PartsOf<C>, write: Write) => unknown } = {
  email: ({ subject, text, html }, write) => ({
    subject: oneLine(write('subject', subject)),
    text: tidy(write('text', text)),
    ...(html === undefined ? {} : { html: write('html', html).trim() }),
  }),
  sms: ({ text, dlt_template, dlt_text, sender }, write) => {
    const written = tidy(write('text', text));
    if (dlt_text !== undefined) checkDlt(written, dlt_text);
    return { text: written, ...(dlt_template && { dlt_template }), ...(sender && { sender }) };
  },
  push: ({ title, body, data = {} }, write) => {
    const told = Object.entries(data)
      .map(([name, source]) => [name, write('data', source, name).trim()] as const)
      .filter(([, text]) => text !== '');
    return {
      title: oneLine(write('title', title)),
      body: tidy(write('body', body)),
      ...(told.length > 0 && { data: Object.fromEntries(told) }),
    };
  },
};

/** What a name with a line break in it would make of a header: two. */
function oneLine(text: string): string {
  return text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
}

/** Without the empty lines that conditions leave behind. */
function tidy(text: string): string {
  return text
    .split(/\r\n?|\n/)
    .map((line) => line.trimEnd())
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
}
