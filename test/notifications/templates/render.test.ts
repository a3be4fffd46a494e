import { expect, test } from 'vitest';
import type { Channel } from '../../../src/notifications/channels.ts';
import { TemplateError } from '../../../src/notifications/templates/errors.ts';
import type { TemplateData, TemplateParts } from '../../../src/notifications/templates/parts.ts';
import { render } from '../../../src/notifications/templates/render.ts';

const mail = (html: string, data: TemplateData, more: { subject?: string; text?: string } = {}) =>
  render({
    parts: { email: { subject: 'Hello', text: 'Hello', html, ...more } },
    channel: 'email',
    data,
    locale: 'en-IN',
  });

const sms = (text: string, data: TemplateData = {}, more: Partial<TemplateParts['sms']> = {}) =>
  render({ parts: { sms: { text, ...more } }, channel: 'sms', data, locale: 'en-IN' });

/** What is thrown, as the caller is told. */
function fault(work: () => unknown) {
  try {
    work();
  } catch (error) {
    if (error instanceof TemplateError)
      return { code: error.code, message: error.message, fields: error.fields };
    throw error;
  }
  throw new Error('Nothing was thrown.');
}

test('what is filled in is text in HTML, and stays what it is elsewhere', () => {
  const data = { name: `<img src=x onerror="alert('&')">` };
  const { html, text } = mail('<p>{{ name }}</p>', data, { text: '{{ name }}' });
  expect(html).toBe('<p>&#60;img src=x onerror=&#34;alert(&#39;&#38;&#39;)&#34;&#62;</p>');
  expect(text).toBe(data.name);
});

test.each([
  '{{ name | raw }}',
  '{% include "x" %}',
  '{% render "x" %}',
  '{% layout "x" %}',
  '{{ 1 | plus: 1 }}',
])('%s is refused: no way around escaping, no files, no floats', (html) => {
  const { code, fields } = fault(() => mail(`<p>\n${html}</p>`, { name: 'x' }));
  expect(code).toBe('invalid-template');
  expect(fields).toEqual([
    { pointer: '/parts/email/html', message: expect.stringContaining('line 2, column 1') },
  ]);
});

test.each(['Asha\r\nBcc: all@bank.in', 'Asha\u2028Bcc: all@bank.in', 'Asha\u0085Bcc: all@bank.in'])(
  'a name with a line break makes no header: %j',
  (name) => {
    const { subject } = mail('x', { name }, { subject: 'Dear {{ name }}' });
    expect(subject).toBe('Dear Asha Bcc: all@bank.in');
    const { title } = render({
      parts: { push: { title: '{{ name }}', body: 'x' } },
      channel: 'push',
      data: { name },
      locale: 'en-IN',
    });
    expect(title).toBe('Asha Bcc: all@bank.in');
  },
);

test.each([
  [{}, 'name', '/data/name'],
  [{ name: null }, 'name', '/data/name'],
])('what is missing is told with its part: %j', (data, variable, pointer) => {
  const { code, message, fields } = fault(() => sms('Dear {{ name }}', data));
  expect(code).toBe('template-variable-missing');
  expect(message).toBe(`sms.text needs the variable ${variable}.`);
  expect(fields).toMatchObject([{ pointer }]);
});

test('a part of a variable can be missing too, and the currency that an amount needs', () => {
  expect(fault(() => sms('{{ loan.number }}', { loan: {} })).fields[0]?.pointer).toBe('/data/loan/number');
  expect(fault(() => sms('{{ amount | money }}', { amount: '5' })).message).toBe(
    'sms.text needs the variable currency.',
  );
  expect(sms('{{ amount | money: "USD" }}', { amount: '5' }).text).toBe('$5.00');
});

test('what may be missing is asked for with if or default', () => {
  const text = 'Due{% if link %}: {{ link }}{% endif %}, {{ name | default: "customer" }}.';
  expect(sms(text).text).toBe('Due, customer.');
  expect(sms(text, { link: 'L', name: 'Asha' }).text).toBe('Due: L, Asha.');
});

test.each([
  ['{{ amount | money }}', { amount: 7341.5, currency: 'INR' }],
  ['{{ amount | money }}', { amount: 'a lot', currency: 'INR' }],
  ['{{ on | date }}', { on: 'tomorrow' }],
  ['{{ person }}', { person: { pan: 'ABCDE1234F' } }],
])('%s of %j cannot be written, and the error repeats no value', (text, data) => {
  const { code, message } = fault(() => sms(text, data));
  expect(code).toBe('invalid-template-data');
  expect(message).toContain('sms.text');
  for (const value of ['7341.5', 'a lot', 'tomorrow', 'ABCDE1234F']) expect(message).not.toContain(value);
});

test('lists are written one by one, in the order and with the words that the template wants', () => {
  const text =
    '{% assign late = dues | where: "late", true | sort: "on" %}{% for due in late %}{{ forloop.index }}. {{ due.on | date }}, {{ due.amount | money }}{% unless forloop.last %}; {% endunless %}{% endfor %} ({{ late | size }} of {{ dues | map: "on" | join: "/" | upcase }})';
  const due = (on: string, late: boolean) => ({ on, amount: '5', late });
  const dues = [due('2026-12-21', true), due('2027-01-21', false), due('2026-11-21', true)];
  expect(sms(text, { dues, currency: 'INR' }).text).toBe(
    '1. 21 Nov 2026, Rs.5.00; 2. 21 Dec 2026, Rs.5.00 (2 of 2026-12-21/2027-01-21/2026-11-21)',
  );
});

test('nothing of ours is within reach of a template', () => {
  for (const path of [
    'constructor',
    'name.constructor',
    'process',
    'globalThis',
    'loan.__proto__',
    'loan.toString',
  ]) {
    expect(fault(() => sms(`{{ ${path} }}`, { name: 'x', loan: {} })).code).toBe('template-variable-missing');
  }
});

test.each([
  ['a loop in a loop', '{% for i in (1..9000) %}{% for j in (1..9000) %}{{ j }}{% endfor %}{% endfor %}'],
  ['a list without end', '{% for i in (1..100000000) %}{{ i }}{% endfor %}'],
  [
    'text that doubles',
    `{% assign s = "aaaaaaaaaaaaaaaa" %}{% for i in (1..40) %}{% assign s = s | append: s %}{% endfor %}{{ s }}`,
  ],
  [
    'captures that double',
    `{% capture s %}aaaaaaaaaaaaaaaa{% endcapture %}{% for i in (1..40) %}{% capture s %}{{ s }}{{ s }}{% endcapture %}{% endfor %}{{ s }}`,
  ],
  ['much text often', `{% for i in (1..900) %}${'y'.repeat(1_000)}{% endfor %}`],
])('%s is cut short', (_, text) => {
  const { code, fields } = fault(() => sms(text));
  expect(code).toBe('template-too-costly');
  expect(fields[0]?.pointer).toBe('/parts/sms/text');
});

test('a text longer than its channel carries is not sent', () => {
  const { code, fields } = fault(() => sms('{{ words }}', { words: 'a'.repeat(671) }));
  expect(code).toBe('invalid-template-data');
  expect(fields[0]?.pointer).toBe('/parts/sms/text');
});

test('a template without the channel says so', () => {
  const writing = { parts: { sms: { text: 'x' } }, channel: 'push' as Channel, data: {}, locale: 'en-IN' };
  expect(fault(() => render(writing)).code).toBe('unknown-template');
});

const push = (told: Record<string, string>, data: TemplateData = {}) =>
  render({
    parts: { push: { title: 'Due', body: 'Today', data: told } },
    channel: 'push',
    data,
    locale: 'en-IN',
  });

test('the app is told what the words do not say; an entry that comes out empty is left out', () => {
  const told = { link: '{% if link %}{{ link }}{% endif %}', loan: '{{ loan }}', 'what/for': 'due' };
  const link = 'https://lender.example/pay?loan=7&by=upi';
  expect(push(told, { link, loan: 'L-7' }).data).toEqual({ link, loan: 'L-7', 'what/for': 'due' });
  expect(push(told, { loan: 'L-7' }).data).toEqual({ loan: 'L-7', 'what/for': 'due' });
  expect(push({ link: '{% if link %}{{ link }}{% endif %}\n' })).toEqual({ title: 'Due', body: 'Today' });
});

test.each([
  ['{{ pay_link }}', {}, 'template-variable-missing', '/data/pay_link', 'push.data.link needs'],
  ['{{ words }}', { words: 'a'.repeat(1_001) }, 'invalid-template-data', '/parts/push/data/link', '1000'],
])('what the app would be told by %s of %j is refused', (link, data, code, pointer, words) => {
  const refused = fault(() => push({ link }, data));
  expect(refused).toMatchObject({ code, fields: [{ pointer }] });
  expect(refused.message).toContain(words);
});

const REGISTERED = 'Dear {#var#}, EMI Rs.{#var#} is due on {#var#}. - SAHYAD';
const DLT = { dlt_text: REGISTERED, dlt_template: '1107161234567890123', sender: 'SAHYAD' };

test('a text that fits what was registered goes with its ids', () => {
  const data = { name: 'Asha', amount: '12,481.00', on: '21 Dec 2026' };
  expect(sms('Dear {{ name }}, EMI Rs.{{ amount }} is due on {{ on }}. - SAHYAD', data, DLT)).toEqual({
    text: 'Dear Asha, EMI Rs.12,481.00 is due on 21 Dec 2026. - SAHYAD',
    dlt_template: '1107161234567890123',
    sender: 'SAHYAD',
  });
});

test.each([
  ['Hello {{ name }}, EMI Rs.5 is due on 21 Dec. - SAHYAD', 'Asha', 'Dear '],
  ['Dear {{ name }}, EMI Rs.5 was due on 21 Dec. - SAHYAD', 'Asha', ' is due on '],
  ['Dear {{ name }}, EMI Rs.5 is due on 21 Dec. - SAHYAD', 'A'.repeat(31), ', EMI Rs.'],
  ['Dear {{ name }}, EMI Rs.5 is due on 21 Dec. - SAHYAD today', 'Asha', 'at its end'],
])('%s for %s would be dropped by the networks', (text, name, words) => {
  const { code, message } = fault(() => sms(text, { name }, DLT));
  expect(code).toBe('dlt-mismatch');
  expect(message).toContain(words);
  expect(message).not.toContain(name);
});

test('many places are no burden', () => {
  const registered = '{#var#}a'.repeat(60);
  expect(fault(() => sms('a'.repeat(600), {}, { dlt_text: `${registered}b` })).code).toBe('dlt-mismatch');
});
