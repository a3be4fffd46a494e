import { describe, expect, test } from 'vitest';
import { CHANNELS } from '../../../src/notifications/channels.ts';
import { BUILT_IN_LOCALES } from '../../../src/notifications/templates/built-in/built-in.ts';
import { BUILT_INS } from '../../../src/notifications/templates/built-in/catalogue.ts';
import { ofBuiltIn } from '../../../src/notifications/templates/choose.ts';
import { TemplateError } from '../../../src/notifications/templates/errors.ts';
import { render } from '../../../src/notifications/templates/render.ts';
import { countSegments } from '../../../src/notifications/templates/segments.ts';
import { write } from '../../../src/notifications/templates/templates.ts';

const EVERY_ONE = [...BUILT_INS.values()];
const IN_EVERY_LOCALE = EVERY_ONE.flatMap((each) =>
  BUILT_IN_LOCALES.map((locale) => [each.name, locale, each] as const),
);
const ENGLISH_SEGMENTS_MAX = 2;
const SEGMENTS_MAX = 3;
const PUSH_CHARACTERS_MAX = 120;

test('they tell the life of a loan, and gather reminders', () => {
  expect([...BUILT_INS.keys()]).toEqual([
    ...['offer', 'disbursed', 'reminder-before-due', 'due', 'overdue', 'payment-received', 'bounced'],
    ...['foreclosure-quote', 'closed', 'statement-ready', 'digest'],
  ]);
});

describe.each(IN_EVERY_LOCALE)('%s in %s', (_name, locale, builtIn) => {
  const chosen = ofBuiltIn(builtIn, locale);
  const required = Object.keys(builtIn.sample).filter(
    (name) => !builtIn.needs.safeParse({ ...builtIn.sample, [name]: undefined }).success,
  );

  test('is written for every channel', () => {
    const [email, sms, push] = CHANNELS.map((channel) => write(chosen, { channel, data: builtIn.sample }));
    const { html, ...plain } = email as { html: string };
    expect({ ...plain, sms, push }).toMatchSnapshot();
    const { text } = sms as { text: string };
    expect(countSegments(text).segments).toBeLessThanOrEqual(
      locale === 'en-IN' ? ENGLISH_SEGMENTS_MAX : SEGMENTS_MAX,
    );
    const { title, body } = push as { title: string; body: string };
    expect(title.length + body.length).toBeLessThanOrEqual(PUSH_CHARACTERS_MAX);
    expect(html).not.toMatch(/<script|<link|src=|url\(/);
  });

  test('names lender, borrower and what it is about in every channel that has the room', () => {
    for (const channel of ['email', 'sms'] as const) {
      const { text } = write(chosen, { channel, data: builtIn.sample });
      expect(text).toContain('Sahyadri Finance');
      expect(text).toContain('Asha Rao');
    }
  });

  test.each(required)('is not written without %s', (missing) => {
    const { [missing]: _gone, ...data } = builtIn.sample;
    for (const channel of CHANNELS) {
      expect(() => write(chosen, { channel, data })).toThrow(TemplateError);
      expect(() => write(chosen, { channel, data: { ...data, [missing]: null } })).toThrow(
        expect.objectContaining({
          code: 'template-variable-missing',
          fields: [expect.objectContaining({ pointer: `/data/${missing}` })],
        }),
      );
    }
  });

  test('is written with nothing but what it requires: its schema promises no less than its words need', () => {
    const data = Object.fromEntries(required.map((name) => [name, builtIn.sample[name]]));
    for (const channel of CHANNELS) {
      const content = JSON.stringify(render({ parts: chosen.parts, channel, data, locale }));
      expect(content).not.toContain('{{');
    }
  });

  test('escapes what is filled in', () => {
    const data = { ...builtIn.sample, name: '<b>Asha</b>', lender: 'Rao & Sons' };
    const { html, text } = write(chosen, { channel: 'email', data });
    expect(html).not.toContain('<b>');
    expect(html).toContain('Rao &#38; Sons');
    expect(text).toContain('<b>Asha</b>');
  });
});

test.each(EVERY_ONE.filter(({ sample }) => 'pay_link' in sample || 'offer_link' in sample))(
  'the push message of $name tells the app the link, where there is one',
  (builtIn) => {
    const { pay_link, offer_link, ...data } = builtIn.sample;
    for (const locale of BUILT_IN_LOCALES) {
      const told = (given: typeof builtIn.sample) =>
        write(ofBuiltIn(builtIn, locale), { channel: 'push', data: given }).data;
      expect(told(builtIn.sample)).toEqual({ link: pay_link ?? offer_link });
      expect(told(data)).toBeUndefined();
    }
  },
);

test('a link that is not https is refused', () => {
  const due = BUILT_INS.get('due')!;
  const data = { ...due.sample, pay_link: 'javascript:alert(1)' };
  expect(() => write(ofBuiltIn(due, 'en-IN'), { channel: 'email', data })).toThrow(
    expect.objectContaining({
      code: 'invalid-template-data',
      fields: [expect.objectContaining({ pointer: '/data/pay_link' })],
    }),
  );
});
