import { afterAll, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { Contract } from './contract.ts';
import { testApi } from './support.ts';

const api = await testApi();
afterAll(() => api.close());
const contract = new Contract((await api.app.inject({ url: '/openapi.json' })).json());

type Method = 'GET' | 'PUT' | 'POST' | 'DELETE';

/** Held against the document. */
async function ask(method: Method, url: string, body?: unknown, token: 'all' | 'reader' | 'globex' = 'all') {
  const answer = await api.send(method, url, body, { authorization: api.tokens[token] });
  expect(contract.violations(method, url, answer), `${method} ${url}`).toEqual([]);
  return { status: answer.statusCode, ...answer.json() };
}

const sms = (text: string) => ({ category: 'transactional', parts: { sms: { text } } });
const word = (name: string, locale: string, text: string) =>
  ask('PUT', `/v1/templates/${name}/${locale}`, sms(text));
const takeBack = (name: string, locale: string) => ask('DELETE', `/v1/templates/${name}/${locale}`);
const look = (name: string, locale: string) =>
  ask('POST', `/v1/templates/${name}/preview`, { channel: 'sms', locale });
const ruleFor = (template: string, more = {}) => ({
  ...{ event_type: 'loan.closed', template, channels: ['sms'], category: 'transactional', ...more },
});

test('taken back, the built-in wording counts again; the versions stay, and the next one is the next number', async () => {
  const first = await word('closed', 'en-IN', 'Ours.');
  expect((await look('closed', 'en-IN')).channels.sms).toMatchObject({ origin: { template: 'closed' } });
  const back = await takeBack('closed', 'en-IN');
  expect(back).toMatchObject({
    ...{ status: 200, name: 'closed', locale: 'en-IN', version: 2, taken_back: true },
    ...{ category: null, parts: null, variables: null, made_by: 'service:all' },
  });
  expect((await look('closed', 'en-IN')).channels.sms).toMatchObject({ origin: { template: 'kist/closed' } });
  const shown = await ask('GET', '/v1/templates/closed');
  expect(shown.taken_back).toEqual([{ locale: 'en-IN', version: 2 }]);
  expect(new Set(shown.wordings.map(({ source }: { source: string }) => source))).toEqual(
    new Set(['built-in']),
  );

  expect(await word('closed', 'en-IN', 'Ours.')).toMatchObject({
    status: 201,
    version: 3,
    taken_back: false,
  });
  expect((await look('closed', 'en-IN')).channels.sms).toMatchObject({ origin: { version: 3 } });
  expect((await ask('GET', '/v1/templates/closed')).taken_back).toEqual([]);
  const { versions } = await ask('GET', '/v1/templates/closed/en-IN/versions');
  expect(versions).toMatchObject([{ version: 3 }, { version: 2, taken_back: true }, { version: 1 }]);
  const { status: _created, ...before } = first;
  expect(versions[2]).toEqual(before);
});

test('of a template that Kist does not have, the next locale counts; without any it cannot be sent by', async () => {
  await word('welcome', 'en-IN', 'Welcome.');
  await word('welcome', 'mr-IN', 'स्वागत.');
  await takeBack('welcome', 'mr-IN');
  expect((await look('welcome', 'mr-IN')).channels.sms.content).toEqual({ text: 'Welcome.' });
  await takeBack('welcome', 'en-IN');
  expect(await look('welcome', 'mr-IN')).toMatchObject({ status: 400, code: 'unknown-template' });
  expect(await ask('GET', '/v1/templates/welcome')).toMatchObject({
    ...{ wordings: [], taken_back: [{ locale: 'en-IN' }, { locale: 'mr-IN' }] },
  });
  const { templates } = await ask('GET', '/v1/templates');
  expect(templates.map(({ name }: { name: string }) => name)).not.toContain('welcome');
});

test('what nobody worded, or is taken back already, is not found; nobody else’s is touched', async () => {
  await word('greeting', 'en-IN', 'Hello.');
  for (const [name, locale] of [
    ['greeting', 'hi-IN'],
    ['nothing', 'en-IN'],
    ['due', 'en-IN'],
  ] as const) {
    expect(await takeBack(name, locale)).toMatchObject({ status: 404, code: 'not-found' });
  }
  const url = '/v1/templates/greeting/en-IN';
  expect(await ask('DELETE', url, undefined, 'globex')).toMatchObject({ status: 404 });
  expect(await ask('DELETE', url, undefined, 'reader')).toMatchObject({ code: 'missing-scope' });
  expect(await ask('DELETE', '/v1/templates/greeting/English')).toMatchObject({ code: 'invalid-request' });
  expect((await ask('GET', `${url}/versions`)).versions).toHaveLength(1);

  const both = await Promise.all([takeBack('greeting', 'en-IN'), takeBack('greeting', 'en-IN')]);
  expect(both.map(({ status }) => status).sort()).toEqual([200, 404]);
  expect((await ask('GET', `${url}/versions`)).versions).toHaveLength(2);
});

test('a wording that an enabled rule cannot do without stays, and the rules are named', async () => {
  await word('farewell', 'en-IN', 'Farewell.');
  await word('farewell', 'ta-IN', 'Tamil.');
  await ask('PUT', '/v1/notices/rules/farewell', ruleFor('farewell'));
  await ask(
    'PUT',
    '/v1/notices/rules/farewell-again',
    ruleFor('farewell', { event_type: 'loan.foreclosed' }),
  );
  expect(await takeBack('farewell', 'en-IN')).toMatchObject({
    ...{ status: 409, code: 'template-in-use' },
    detail: expect.stringContaining('farewell, farewell-again'),
  });
  expect((await ask('GET', '/v1/templates/farewell/en-IN/versions')).versions).toHaveLength(1);
  expect((await look('farewell', 'en-IN')).channels.sms.content).toEqual({ text: 'Farewell.' });
  // Those who read Tamil are told in English then.
  expect(await takeBack('farewell', 'ta-IN')).toMatchObject({ status: 200 });

  await ask('PUT', '/v1/notices/rules/farewell-again', ruleFor('farewell', { enabled: false }));
  expect((await takeBack('farewell', 'en-IN')).detail).toMatch(/: farewell\.$/);
  await api.send('DELETE', '/v1/notices/rules/farewell');
  expect(await takeBack('farewell', 'en-IN')).toMatchObject({ status: 200 });
});

test('a rule by a template that Kist has goes on in its words, for every channel', async () => {
  await word('payment-received', 'en-IN', 'Thank you.');
  const rule = ruleFor('payment-received', { channels: ['email', 'sms', 'push'] });
  await ask('PUT', '/v1/notices/rules/thanks', rule);
  expect(await takeBack('payment-received', 'en-IN')).toMatchObject({ status: 200 });
});

test('of taking a wording back and a rule that begins to need it at once, one is refused', async () => {
  for (let round = 1; round <= 8; round += 1) {
    const name = `contested-${round}`;
    await word(name, 'en-IN', 'Contested.');
    const [back, rule] = await Promise.all([
      takeBack(name, 'en-IN'),
      ask('PUT', `/v1/notices/rules/${name}`, ruleFor(name)),
    ]);
    expect([
      ['template-in-use', undefined],
      [undefined, 'unknown-template'],
    ]).toContainEqual([back.code, rule.code]);
  }
});

test('the audit trail says who took what back', async () => {
  const row = await until('the audit row is written', async () => {
    const { rows } = await api.database.superuser(
      `SELECT actor FROM audit WHERE action = 'templates.take-back' AND subject = 'closed/en-IN'`,
    );
    return rows[0];
  });
  expect(row).toEqual({ actor: 'all' });
});
