import { afterAll, expect, test } from 'vitest';
import { Contract } from './contract.ts';
import { testApi } from './support.ts';

const api = await testApi();
afterAll(() => api.close());
const contract = new Contract((await api.app.inject({ url: '/openapi.json' })).json());

/** Held against the document. */
async function ask(method: 'GET' | 'PUT' | 'DELETE', url: string, body?: unknown) {
  const answer = await api.send(method, url, body);
  expect(contract.violations(method, url, answer), `${method} ${url}`).toEqual([]);
  return { status: answer.statusCode, ...(answer.body === '' ? {} : answer.json()) };
}

const PARTS = {
  sms: { text: 'Farewell.' },
  push: { title: 'Farewell', body: 'All is paid.' },
  email: { subject: 'Farewell', text: 'All is paid.' },
};
type Channel = keyof typeof PARTS;

const word = (name: string, locale: string, ...channels: Channel[]) =>
  ask('PUT', `/v1/templates/${name}/${locale}`, {
    category: 'transactional',
    parts: Object.fromEntries(channels.map((channel) => [channel, PARTS[channel]])),
  });
const tell = (rule: string, template: string, channels: Channel[], more = {}) =>
  ask('PUT', `/v1/notices/rules/${rule}`, {
    ...{ event_type: 'loan.closed', template, channels, category: 'transactional', ...more },
  });
const writeIn = (locale?: string) => ask('PUT', '/v1/template-settings', { locale });
const remove = (rule: string) => ask('DELETE', `/v1/notices/rules/${rule}`);
const versionsOf = async (name: string, locale: string) =>
  (await ask('GET', `/v1/templates/${name}/${locale}/versions`)).versions.length;

test('a new wording without a channel that an enabled rule tells by is refused, and the rules are named', async () => {
  await word('farewell', 'en-IN', 'sms', 'push');
  await tell('farewell', 'farewell', ['sms', 'push']);
  await tell('farewell-again', 'farewell', ['push'], { event_type: 'loan.foreclosed' });
  await tell('farewell-by-text', 'farewell', ['sms'], { event_type: 'loan.prepaid' });
  expect(await word('farewell', 'en-IN', 'sms', 'email')).toMatchObject({
    ...{ status: 409, code: 'template-in-use' },
    detail: 'Nothing could be written any more of farewell by push for the rules: farewell, farewell-again.',
  });
  expect(await versionsOf('farewell', 'en-IN')).toBe(1);

  expect(await word('farewell', 'en-IN', 'sms', 'email', 'push')).toMatchObject({ status: 201, version: 2 });
  await tell('farewell-again', 'farewell', ['push'], { enabled: false });
  await tell('farewell', 'farewell', ['sms']);
  expect(await word('farewell', 'en-IN', 'sms')).toMatchObject({ status: 201, version: 3 });
});

test('what else has the channel stands in: another locale, or the wording that Kist has', async () => {
  await word('parting', 'en-IN', 'sms', 'push');
  await word('parting', 'hi-IN', 'sms', 'push');
  await tell('parting', 'parting', ['sms', 'push']);
  expect(await word('parting', 'hi-IN', 'sms')).toMatchObject({ status: 201 });
  expect(await word('parting', 'en-IN', 'sms')).toMatchObject({ code: 'template-in-use' });

  await word('closed', 'en-IN', 'sms', 'push');
  await tell('closed', 'closed', ['sms', 'push']);
  expect(await word('closed', 'en-IN', 'sms')).toMatchObject({ status: 201 });
});

test('another locale of the lender is refused where rules have their words in the present one alone', async () => {
  expect(await writeIn('mr-IN')).toMatchObject({ status: 200 });
  await word('dhanyavad', 'mr-IN', 'sms');
  await word('namaskar', 'mr-IN', 'sms', 'email');
  await tell('thanks', 'dhanyavad', ['sms']);
  await tell('greeting', 'namaskar', ['sms', 'email']);
  await tell('idle', 'namaskar', ['sms'], { enabled: false });
  for (const locale of ['ta-IN', undefined]) {
    expect(await writeIn(locale)).toMatchObject({
      ...{ status: 409, code: 'template-in-use' },
      detail: expect.stringMatching(
        / of namaskar, dhanyavad by sms, email for the rules: greeting, thanks\.$/,
      ),
    });
  }
  const { status: _status, ...kept } = await ask('GET', '/v1/template-settings');
  expect(kept).toEqual({ locale: 'mr-IN' });

  await word('dhanyavad', 'ta-IN', 'sms');
  await word('namaskar', 'en-IN', 'email');
  expect((await writeIn('ta-IN')).detail).toMatch(/ of namaskar by sms for the rules: greeting\.$/);
  await tell('greeting', 'namaskar', ['email']);
  expect(await writeIn('ta-IN')).toMatchObject({ status: 200, locale: 'ta-IN' });
  await Promise.all(['thanks', 'greeting'].map(remove));
  expect(await writeIn()).toMatchObject({ status: 200 });
});

test('a rule that had no words before bars nobody from finding it some', async () => {
  await word('lost', 'en-IN', 'push');
  await tell('lost', 'lost', ['push']);
  await api.database.superuser(`UPDATE notice_rule SET channels = '{sms,email}' WHERE name = 'lost'`);
  expect(await writeIn('en-IN')).toMatchObject({ status: 200 });
  expect(await word('lost', 'en-IN', 'email')).toMatchObject({ status: 201 });
  expect((await word('lost', 'en-IN', 'push')).detail).toMatch(/ of lost by email for the rules: lost\.$/);
  await remove('lost');
});

test('all built-in rules at once are given no channel that the template of one has no words for', async () => {
  const switchOn = (...channels: Channel[]) => ask('PUT', '/v1/notices', { enabled: true, channels });
  await switchOn('sms');
  await word('goodbye', 'en-IN', 'sms');
  await tell('closed', 'goodbye', ['sms']);
  await tell('foreclosed', 'goodbye', ['sms'], { event_type: 'loan.foreclosed' });
  const before = await ask('GET', '/v1/notices');
  expect(await switchOn('email', 'sms')).toMatchObject({
    ...{ status: 400, code: 'unknown-template' },
    detail: expect.stringMatching(/ the rules: closed, foreclosed\.$/),
    errors: [
      {
        pointer: '/channels',
        message: 'the rule closed tells by goodbye, which has no wording for email',
      },
      { pointer: '/channels', message: expect.stringContaining('the rule foreclosed') },
    ],
  });
  expect(await ask('GET', '/v1/notices')).toEqual(before);

  await tell('foreclosed', 'goodbye', ['sms'], { event_type: 'loan.foreclosed', enabled: false });
  expect((await switchOn('email', 'sms')).detail).toMatch(/: closed\.$/);
  await word('goodbye', 'en-IN', 'sms', 'email');
  const { rules } = await switchOn('email', 'sms');
  expect(rules.find(({ name }: { name: string }) => name === 'closed')).toMatchObject({
    ...{ template: 'goodbye', channels: ['email', 'sms'] },
  });
});

test('of another locale and a rule that begins to need the present one at once, one is refused', async () => {
  for (let round = 1; round <= 8; round += 1) {
    await writeIn('mr-IN');
    const name = `contested-${round}`;
    await word(name, 'mr-IN', 'sms');
    const [moved, ruled] = await Promise.all([writeIn(), tell(name, name, ['sms'])]);
    expect([
      ['template-in-use', undefined],
      [undefined, 'unknown-template'],
    ]).toContainEqual([moved.code, ruled.code]);
    if (ruled.code === undefined) await remove(name);
  }
});

test('of a channel for all rules and a wording that leaves it out at once, one is refused', async () => {
  for (let round = 1; round <= 8; round += 1) {
    const name = `torn-${round}`;
    await word(name, 'en-IN', 'sms', 'push');
    await tell('closed', name, ['sms']);
    const [widened, reworded] = await Promise.all([
      ask('PUT', '/v1/notices', { enabled: true, channels: ['sms', 'push'] }),
      word(name, 'en-IN', 'sms'),
    ]);
    expect([
      ['unknown-template', undefined],
      [undefined, 'template-in-use'],
    ]).toContainEqual([widened.code, reworded.code]);
  }
});
