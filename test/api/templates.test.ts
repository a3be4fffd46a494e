import { afterAll, expect, test } from 'vitest';
import { inTenant } from '../../src/db/transaction.ts';
import { createTemplateChecks, renderFor } from '../../src/notifications/templates/templates.ts';
import { Contract } from './contract.ts';
import { testApi } from './support.ts';

const api = await testApi();
afterAll(() => api.close());

const PARTS = {
  sms: { text: 'Dear {{ name }}, {{ amount | money }} is due.' },
  email: { subject: 'Due', text: 'Dear {{ name }}', html: '<p>Dear {{ name }}</p>' },
};
const WORDING = { category: 'reminder', parts: PARTS };
const DATA = { name: 'Asha & Ravi', amount: '1250.50', currency: 'INR' };

const put = (name: string, locale: string, body: unknown, authorization = api.tokens.all) =>
  api.send('PUT', `/v1/templates/${name}/${locale}`, body, { authorization });

const due = { template: 'due', channel: 'sms', data: DATA } as const;
const sent = (locale: string, tenant = 'acme', name = 'polite') =>
  inTenant(api.database.app, tenant, (tx) => renderFor(tx, { ...due, template: name, locale }));

test('a wording is a version; the same again is none; every one is kept', async () => {
  const first = await put('polite', 'en-IN', WORDING);
  expect(first.statusCode).toBe(201);
  expect(first.json()).toMatchObject({
    name: 'polite',
    locale: 'en-IN',
    version: 1,
    made_by: 'service:all',
    ...WORDING,
  });
  const again = await put('polite', 'en-IN', WORDING);
  expect(again.statusCode).toBe(200);
  expect(again.json()).toEqual(first.json());
  const changed = { ...WORDING, parts: { sms: { text: 'Hello {{ name }}.' } } };
  expect((await put('polite', 'en-IN', changed)).json().version).toBe(2);
  const { versions } = (await api.send('GET', '/v1/templates/polite/en-IN/versions')).json();
  expect(versions.map(({ version }: { version: number }) => version)).toEqual([2, 1]);
  expect(versions[1]).toEqual(first.json());
  const older = await api.send('GET', '/v1/templates/polite/en-IN/versions?before=2&limit=1');
  expect(older.json().versions).toEqual([first.json()]);
  expect(await sent('en-IN')).toMatchObject({ version: 2, content: { text: 'Hello Asha & Ravi.' } });
});

test('several people who word it at once make versions, none lost', async () => {
  const texts = Array.from({ length: 6 }, (_, index) => `Text ${index}`);
  const answers = await Promise.all(
    texts.map((text) => put('busy', 'en-IN', { category: 'transactional', parts: { sms: { text } } })),
  );
  const versions = answers.map((answer) => answer.json().version);
  expect(versions.sort()).toEqual([1, 2, 3, 4, 5, 6]);
});

test.each([
  [
    { sms: { text: 'Dear\n{{ name | shout }}' } },
    '/parts/sms/text',
    'undefined filter: shout (line 2, column 1)',
  ],
  [{ sms: { text: '{% if name %}' } }, '/parts/sms/text', 'line 1'],
  [
    { email: { subject: 'x', text: 'x', html: '<p>{{ name | raw }}</p>' } },
    '/parts/email/html',
    'line 1, column 4',
  ],
  [{ push: { title: '{% include "x" %}', body: 'x' } }, '/parts/push/title', 'tag "include" not found'],
  [
    { push: { title: 'x', body: 'x', data: { 'deep/link': '{{ link | shout }}' } } },
    '/parts/push/data/deep~1link',
    'undefined filter: shout',
  ],
])('%j is refused where it is wrong', async (parts, pointer, message) => {
  const answer = await put('wrong', 'en-IN', { category: 'reminder', parts });
  expect(answer.statusCode).toBe(400);
  const { code, errors } = answer.json();
  expect(code).toBe('invalid-template');
  expect(errors).toEqual([{ pointer, message: expect.stringContaining(message) }]);
  expect((await api.send('GET', '/v1/templates/wrong')).statusCode).toBe(404);
});

test('where the variables are told, no other may be used, and their examples must make a message', async () => {
  const parts = { sms: { text: 'Dear {{ name }}: {{ amount | money }}', dlt_text: 'Dear {#var#}: {#var#}' } };
  const variables = { name: { example: 'Asha' }, amount: { about: 'what is due', example: '12.50' } };
  const wording = { category: 'reminder', parts };
  expect(
    (await put('told', 'en-IN', { ...wording, variables: { name: { example: 'x' } } })).json(),
  ).toMatchObject({
    code: 'invalid-template',
    errors: [{ pointer: '/variables/amount' }],
  });
  expect((await put('told', 'en-IN', { ...wording, variables })).json().code).toBe(
    'template-variable-missing',
  );
  const whole = { ...variables, currency: { example: 'INR' } };
  expect((await put('told', 'en-IN', { ...wording, variables: whole })).statusCode).toBe(201);
  const unfit = { ...wording, parts: { sms: { ...parts.sms, dlt_text: 'Hello {#var#}' } }, variables: whole };
  expect((await put('told', 'en-IN', unfit)).json().code).toBe('dlt-mismatch');
  const shown = (await api.send('POST', '/v1/templates/told/preview', {})).json();
  expect(shown).toMatchObject({ channels: { sms: { content: { text: 'Dear Asha: Rs.12.50' } } } });
});

test('the nearest locale is written, the tenant’s own before the built-in one', async () => {
  const text = (words: string) => ({ category: 'reminder', parts: { sms: { text: words } } });
  await put('near', 'mr', text('marathi'));
  await put('near', 'en-IN', text('english'));
  const written = async (locale: string) =>
    ((await sent(locale, 'acme', 'near')).content as { text: string }).text;
  expect(await written('mr-IN')).toBe('marathi');
  expect(await written('ta-IN')).toBe('english');
  await put('near', 'ta', text('tamil'));
  expect(await written('ta-IN')).toBe('tamil');
  await api.send('PUT', '/v1/template-settings', { locale: 'mr-IN' });
  expect((await api.send('GET', '/v1/template-settings')).json()).toEqual({ locale: 'mr-IN' });
  expect(await written('bn-IN')).toBe('marathi');
  await api.send('PUT', '/v1/template-settings', {});
  expect(await written('bn-IN')).toBe('english');
});

test('a built-in one is there for everybody, until the tenant words it itself; a channel it lacks stays', async () => {
  const { data } = (await api.send('POST', '/v1/templates/closed/preview', { channel: 'sms' })).json();
  const write = (tenant: string, locale: string, channel: 'sms' | 'push') =>
    inTenant(api.database.app, tenant, (tx) => renderFor(tx, { template: 'closed', locale, channel, data }));
  expect(await write('acme', 'en-IN', 'sms')).toMatchObject({ template: 'kist/closed', version: 1 });
  await put('closed', 'en-IN', {
    category: 'transactional',
    parts: { sms: { text: 'Closed, {{ name }}.' } },
  });
  expect(await write('acme', 'en-IN', 'sms')).toMatchObject({
    template: 'closed',
    content: { text: 'Closed, Asha Rao.' },
  });
  expect(await write('acme', 'en-IN', 'push')).toMatchObject({ template: 'kist/closed' });
  expect(await write('acme', 'hi-IN', 'sms')).toMatchObject({ template: 'kist/closed', locale: 'hi-IN' });
  expect(await write('globex', 'en-IN', 'sms')).toMatchObject({ template: 'kist/closed' });
});

test('requests are checked without a query each, and a change is seen at once', async () => {
  const checks = createTemplateChecks(api.database.app);
  const request = { template: 'due', channels: ['sms', 'push'], data: {} } as const;
  await expect(checks.checkRenders('acme', request)).rejects.toMatchObject({
    code: 'template-variable-missing',
    fields: expect.arrayContaining([{ pointer: '/data/lender', message: 'is needed by the template due' }]),
  });
  await expect(checks.checkRenders('acme', { ...request, template: 'nothing' })).rejects.toMatchObject({
    code: 'unknown-template',
  });
  const { data } = (await api.send('POST', '/v1/templates/due/preview', { channel: 'sms' })).json();
  const good = { ...request, data };
  expect(await checks.checkRenders('acme', good)).toMatchObject({
    sms: { template: 'kist/due', version: 2, locale: 'en-IN', category: 'reminder' },
    push: { template: 'kist/due' },
  });
  await put('due', 'en-IN', { category: 'reminder', parts: { sms: { text: '{{ extra }}' } } });
  checks.forget('acme', 'due');
  await expect(checks.checkRenders('acme', good)).rejects.toMatchObject({
    code: 'template-variable-missing',
  });
  expect(await checks.checkRenders('globex', good)).toMatchObject({ sms: { template: 'kist/due' } });
});

test('the preview is what would be sent: parts, segments, warnings', async () => {
  const answer = await api.send('POST', '/v1/templates/overdue/preview', { locale: 'hi-IN' });
  const { channels } = answer.json();
  expect(Object.keys(channels)).toEqual(['email', 'sms', 'push']);
  expect(channels.sms).toMatchObject({
    origin: { template: 'kist/overdue', version: 2, locale: 'hi-IN', category: 'reminder' },
    segments: { encoding: 'UCS-2', segments: 3 },
    warnings: ['It has no id of a registered text (DLT): networks in India drop it.'],
  });
  expect(channels.email.content.html).toContain('lang="hi-IN"');
  expect(channels.email.segments).toBeNull();
});

test('a push message may tell the app something, as a link; the preview shows it', async () => {
  const push = { title: 'Due', body: '{{ name }}', data: { link: '{{ pay_link }}' } };
  const wording = { category: 'reminder', parts: { push } };
  expect((await put('pushed', 'en-IN', wording)).statusCode).toBe(201);
  const data = { name: 'Asha', pay_link: 'https://acme.example/p/7' };
  const { channels } = (await api.send('POST', '/v1/templates/pushed/preview', { data })).json();
  expect(channels.push.content).toEqual({ title: 'Due', body: 'Asha', data: { link: data.pay_link } });
  const [shown] = (await api.send('GET', '/v1/templates/pushed')).json().wordings;
  expect(shown.variables.map(({ name }: { name: string }) => name)).toEqual(['name', 'pay_link']);
  const untold = { ...wording, variables: { name: { example: 'Asha' } } };
  expect((await put('pushed', 'en-IN', untold)).json().errors).toMatchObject([
    { pointer: '/variables/pay_link' },
  ]);
  const told = (told: object) =>
    put('pushed', 'en-IN', { ...wording, parts: { push: { ...push, data: told } } });
  for (const [wrong, pointer] of [
    [{ 'google.sent': 'x' }, '/parts/push/data/google.sent'],
    [{ link: '' }, '/parts/push/data/link'],
    [{ ['a'.repeat(101)]: 'x' }, `/parts/push/data/${'a'.repeat(100)}`],
    [Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`n${index}`, 'x'])), '/parts/push/data'],
  ] as const) {
    const { code, errors } = (await told(wrong)).json();
    expect([code, errors[0].pointer]).toEqual(['invalid-request', pointer]);
  }
  const long = Object.fromEntries(Array.from({ length: 5 }, (_, index) => [`n${index}`, 'x'.repeat(900)]));
  const draft = { parts: { push: { ...push, data: long } }, data };
  const { warnings } = (await api.send('POST', '/v1/templates/pushed/preview', draft)).json().channels.push;
  expect(warnings).toEqual(['Firebase refuses it: with its data it is longer than 4096 bytes.']);
});

test('a draft is shown before it is kept, with the data given', async () => {
  const draft = {
    parts: { sms: { text: 'It’s {{ amount | money }}, {{ name }}' } },
    data: DATA,
    locale: 'en-IN',
  };
  const { channels } = (await api.send('POST', '/v1/templates/unborn/preview', draft)).json();
  expect(channels.sms).toMatchObject({
    origin: null,
    content: { text: 'It’s Rs.1,250.50, Asha & Ravi' },
    segments: { encoding: 'UCS-2', outside: ['’'] },
  });
  expect(channels.sms.warnings[0]).toContain('’');
  const missing = await api.send('POST', '/v1/templates/unborn/preview', { ...draft, data: {} });
  expect(missing.json()).toMatchObject({
    code: 'template-variable-missing',
    errors: [{ pointer: '/data/amount' }],
  });
  expect((await api.send('POST', '/v1/templates/unborn/preview', {})).json().code).toBe('unknown-template');
  const push = { ...draft, channel: 'push' };
  expect((await api.send('POST', '/v1/templates/unborn/preview', push)).json().code).toBe('unknown-template');
});

test('answers are what the document says', async () => {
  const contract = new Contract((await api.app.inject({ url: '/openapi.json' })).json());
  const requests: [Parameters<typeof api.send>[0], string, unknown?][] = [
    ['GET', '/v1/templates'],
    ['GET', '/v1/templates/offer'],
    ['GET', '/v1/templates/polite'],
    ['GET', '/v1/templates/no%20name'],
    ['GET', '/v1/templates/told/en-IN/versions'],
    ['PUT', '/v1/templates/told/en-in', WORDING],
    ['PUT', '/v1/templates/told/en-IN', { category: 'reminder', parts: {} }],
    ['PUT', '/v1/templates/told/hi-IN', WORDING],
    ['DELETE', '/v1/templates/told/hi-IN'],
    ['GET', '/v1/templates/told'],
    ['GET', '/v1/templates/told/hi-IN/versions'],
    ['DELETE', '/v1/templates/told/hi-IN'],
    ['DELETE', '/v1/templates/told/Hindi'],
    ['POST', '/v1/templates/offer/preview', {}],
    ['POST', '/v1/templates/offer/preview', { data: { amount: 5 } }],
    ['GET', '/v1/template-settings'],
    ['PUT', '/v1/template-settings', { locale: 'Hindi' }],
  ];
  for (const [method, url, body] of requests) {
    expect(contract.violations(method, url, await api.send(method, url, body))).toEqual([]);
  }
});

test('nobody else sees or words it, and the audit trail keeps no borrower’s data', async () => {
  const other = { authorization: api.tokens.globex };
  expect((await api.send('GET', '/v1/templates/polite', undefined, other)).statusCode).toBe(404);
  expect(
    (await api.send('GET', '/v1/templates/polite/en-IN/versions', undefined, other)).json().versions,
  ).toEqual([]);
  expect((await put('polite', 'en-IN', WORDING, api.tokens.reader)).json().code).toBe('missing-scope');
  await expect
    .poll(
      async () =>
        (
          await api.database.superuser(
            `SELECT a::text AS row FROM audit AS a WHERE action = 'templates.preview'`,
          )
        ).rows.length,
    )
    .toBeGreaterThan(5);
  const { rows } = await api.database.superuser(
    `SELECT a::text AS row FROM audit AS a WHERE action LIKE 'templates.%'`,
  );
  expect(rows.map(({ row }) => row).join()).not.toContain('Ravi');
});
