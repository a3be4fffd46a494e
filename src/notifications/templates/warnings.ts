import type { Channel, ContentOf } from '../channels.ts';
import type { TemplateParts } from './parts.ts';
import { countSegments } from './segments.ts';

/** Longer ones are cut by most mail clients and telephones. */
const SUBJECT_SHOWN = 70;
const TITLE_SHOWN = 50;
const BODY_SHOWN = 150;
const SEGMENTS_WISE = 3;
/** Firebase takes no more, of words and data together. */
const PUSH_BYTES_MAX = 4_096;

/** What the writer of a message should know before it is sent. */
export function warningsOf<C extends Channel>(
  channel: C,
  content: ContentOf[C],
  parts: TemplateParts,
): string[] {
  const said: readonly Warning[] = WARNINGS[channel](content, parts);
  return said.filter(([holds]) => holds).map(([, text]) => text);
}

type Warning = readonly [holds: boolean, text: string];

const WARNINGS: { [C in Channel]: (content: ContentOf[C], parts: TemplateParts) => Warning[] } = {
  email: ({ subject, html }) => [
    [subject.length > SUBJECT_SHOWN, `The subject is cut after about ${SUBJECT_SHOWN} characters.`],
    [html === undefined, 'It is sent as plain text: there is no HTML part.'],
  ],
  sms: ({ text, dlt_template }, { sms }) => {
    const { segments, outside } = countSegments(text);
    const unchecked = dlt_template !== undefined && sms?.dlt_text === undefined;
    return [
      [segments > SEGMENTS_WISE, `It is charged as ${segments} messages.`],
      [
        isNearlyBasic(text, outside),
        `A segment holds less than half as much because of: ${outside.join(' ')}`,
      ],
      [!dlt_template, 'It has no id of a registered text (DLT): networks in India drop it.'],
      [unchecked, 'Without the registered text (dlt_text) nobody checks that this one fits it.'],
    ];
  },
  push: ({ title, body, data }) => [
    [title.length > TITLE_SHOWN, `The title is cut after about ${TITLE_SHOWN} characters.`],
    [body.length > BODY_SHOWN, `The body is cut after about ${BODY_SHOWN} characters.`],
    [
      Buffer.byteLength(JSON.stringify({ notification: { title, body }, data })) > PUSH_BYTES_MAX,
      `Firebase refuses it: with its data it is longer than ${PUSH_BYTES_MAX} bytes.`,
    ],
  ],
};

/** A stray sign in a text of Latin letters; in another script there is nothing to save. */
function isNearlyBasic(text: string, outside: readonly string[]): boolean {
  return outside.length > 0 && /\p{Script=Latin}/u.test(text) && !/\p{Letter}/u.test(outside.join(''));
}
