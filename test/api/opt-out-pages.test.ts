import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type OptOut, optOutToken } from '../../src/notifications/opt-out/link.ts';
import { keyRingOf } from '../../src/secrets/key-ring.ts';
import { createSecretBox } from '../../src/secrets/secret-box.ts';
import { testWebhooks } from '../events/webhooks.ts';
import { noBrowser, openPage, picture } from '../ops/browser.ts';
import { until } from '../support/until.ts';
import { testApi } from './support.ts';

const TEST_MS_MAX = 60_000;
const KEY = Buffer.alloc(32, 7).toString('base64');
const box = createSecretBox(keyRingOf(KEY, 'the test'));
const lines: string[] = [];
const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
const api = await testApi({ webhooks: await testWebhooks({ box }), log });
afterAll(() => api.close());
beforeAll(async () => {
  await api.database.superuser(`UPDATE tenant SET name = 'Acme & Sons' WHERE tenant_id = 'acme'`);
});

let people = 0;
/** The link of a message to somebody new. */
function linkTo(more: Partial<OptOut> = {}) {
  people += 1;
  const address = `asha.rao.${people}@example.in`;
  const wish: OptOut = { tenant: 'acme', channel: 'email', address, category: 'reminder', ...more };
  return { address: wish.address, path: `/v1/opt-out/${optOutToken(box, wish)}` };
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const post = (
  path: string,
  payload: string | Buffer = 'List-Unsubscribe=One-Click',
  headers: object = FORM,
) => api.app.inject({ method: 'POST', url: path, payload, headers: { ...headers } });
const look = (path: string) => api.app.inject(path);

/** What is stopped to an address, by lender. */
async function stopped(address: string): Promise<Record<string, string>> {
  const { rows } = await api.database.superuser(
    'SELECT tenant_id, reason, stops FROM notification_suppression WHERE address = $1',
    [address],
  );
  return Object.fromEntries(rows.map(({ tenant_id, reason, stops }) => [tenant_id, `${reason}: ${stops}`]));
}

test('whoever looks is told of whom and what, and nothing is changed by looking', async () => {
  const { address, path } = linkTo();
  const page = await look(path);
  expect([page.statusCode, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
  expect(page.headers['content-security-policy']).toContain("default-src 'none'");
  for (const words of ['Acme &#38; Sons', 'reminders and offers', '<form method="post">', 'asXXXX@']) {
    expect(page.body).toContain(words);
  }
  expect(page.body).not.toMatch(/<script|rao/);
  await api.app.inject({ method: 'HEAD', url: path });
  expect(await stopped(address)).toEqual({});
});

test('opting out counts at once, however often it is asked for, until the lender lifts it', async () => {
  const { address, path } = linkTo();
  for (let times = 0; times < 2; times += 1) {
    const done = await post(path);
    expect(done.statusCode).toBe(200);
    expect(done.body).toContain('sends no more reminders and offers');
  }
  expect(await stopped(address)).toEqual({ acme: 'opted-out: all-but-transactional' });
  expect((await look(path)).body).toContain('<h1>Unsubscribed</h1>');
  const [{ id }] = (await api.send('GET', '/v1/notification-suppressions?limit=1')).json().suppressions;
  await api.send('DELETE', `/v1/notification-suppressions/${id}`);
  expect((await look(path)).body).toContain('<h1>Unsubscribe</h1>');
  await post(path);
  expect(await stopped(address)).toEqual({ acme: 'opted-out: all-but-transactional' });
});

test('advertising ends alone; a wider wish takes its place, and a narrower one nothing', async () => {
  const { address, path } = linkTo({ category: 'marketing' });
  const reminder = linkTo({ address });
  await post(path);
  expect(await stopped(address)).toEqual({ acme: 'opted-out: marketing' });
  expect((await look(reminder.path)).body).toContain('<h1>Unsubscribe</h1>');
  await post(reminder.path);
  await post(path);
  expect(await stopped(address)).toEqual({ acme: 'opted-out: all-but-transactional' });
  await api.send('POST', '/v1/notification-suppressions', { channel: 'email', address });
  await post(reminder.path);
  expect(await stopped(address)).toEqual({ acme: 'asked: everything' });
});

test.each([
  ['a form', 'List-Unsubscribe=One-Click', FORM],
  ['a form in parts', '--x--', { 'content-type': 'multipart/form-data; boundary=x' }],
  ['JSON that is none', '{', { 'content-type': 'application/json' }],
  ['bytes of no type', Buffer.from([0, 255]), {}],
  ['nothing', '', {}],
])('%s will do as a body', async (_, payload, headers) => {
  const { address, path } = linkTo();
  expect((await post(path, payload, headers)).statusCode).toBe(200);
  expect(await stopped(address)).toHaveProperty('acme');
});

test('more than a form may have is not read', async () => {
  const { path } = linkTo();
  expect((await post(path, 'x'.repeat(20_000))).json().code).toBe('body-too-large');
});

test('what was made up, cut, added to or sealed by a forgotten key leads nowhere', async () => {
  const { address, path } = linkTo();
  const forgotten = createSecretBox(keyRingOf(Buffer.alloc(32, 8).toString('base64'), 'the past'));
  const wish: OptOut = { tenant: 'acme', channel: 'email', address, category: 'reminder' };
  const wrong = [
    ...['A'.repeat(100), 'x', '%F0%9F%92%A9', '..%2f..'].map((token) => `/v1/opt-out/${token}`),
    ...[path.slice(0, -1), path.slice(0, -8), `${path}A`, `${path}=`, `${path}%20`],
    path.replace(/.{10}$/, 'AAAAAAAAAA'),
    `/v1/opt-out/${optOutToken(forgotten, wish)}`,
    `/v1/opt-out/${box.seal(Buffer.from(JSON.stringify(Object.values(wish))), 'elsewhere').toString('base64url')}`,
    linkTo({ address, tenant: 'nobody' }).path,
  ];
  for (const each of wrong) {
    for (const answer of [await look(each), await post(each)]) {
      expect([each, answer.statusCode]).toEqual([each, 404]);
      expect(answer.body).toContain('Unknown link');
    }
  }
  expect(await stopped(address)).toEqual({});
});

test('the link of one lender ends nothing of another’s', async () => {
  const { address, path } = linkTo({ tenant: 'globex' });
  expect((await post(path)).statusCode).toBe(200);
  expect(await stopped(address)).toEqual({ globex: 'opted-out: all-but-transactional' });
});

test('the longest address there can be has a link that is taken', async () => {
  const address = `${'a'.repeat(64)}@${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(58)}.in`;
  const { path } = linkTo({ address, category: 'marketing' });
  expect(address.length).toBe(254);
  expect((await post(path)).statusCode).toBe(200);
  const longest = linkTo({ address, category: 'marketing', tenant: 'a'.repeat(31) });
  expect((await post(longest.path)).statusCode).toBe(404);
});

test('the audit trail has what was changed, and neither it nor a log has link or address', async () => {
  const { address, path } = linkTo();
  await post(path);
  await post(path);
  await post(`${path}x`);
  await look(`${path}?utm_source=${address}`);
  await look(path.replace('opt-out', '%6Fpt%2dout'));
  const [{ id }] = (await api.send('GET', '/v1/notification-suppressions?limit=1')).json().suppressions;
  const rows = await until('the audit row is written', async () => {
    const found = await api.database.superuser('SELECT * FROM audit WHERE subject = $1', [id]);
    return found.rows.length > 0 && found.rows;
  });
  expect(rows).toMatchObject([
    {
      ...{ tenant_id: 'acme', actor_kind: 'system', actor: 'recipient', action: 'opt-outs.done-page' },
      arguments: { channel: 'email', category: 'reminder' },
    },
  ]);
  expect(lines.join('')).toContain('/v1/opt-out/*');
  const everything =
    lines.join('') + JSON.stringify((await api.database.superuser('SELECT * FROM audit')).rows);
  expect(everything).not.toContain(path.split('/').at(-1));
  expect(everything).not.toContain(address);
});

test.skipIf(noBrowser)(
  'a borrower ends it by a button, without a script',
  { timeout: TEST_MS_MAX },
  async () => {
    const url = await api.app.listen({ port: 0, host: '127.0.0.1' });
    const { address, path } = linkTo();
    const page = await openPage();
    const refused: string[] = [];
    page.on('console', (message) => refused.push(message.text()));
    await page.goto(url + path);
    expect(await page.textContent('h1')).toBe('Unsubscribe');
    await picture(page, 'opt-out');
    await page.setViewportSize({ width: 360, height: 640 });
    await page.emulateMedia({ colorScheme: 'dark' });
    await picture(page, 'opt-out-narrow-dark');
    expect(await stopped(address)).toEqual({});
    await page.click('text="Unsubscribe" >> nth=-1');
    await page.waitForSelector('[role=status]');
    await picture(page, 'opted-out-narrow-dark');
    expect(await page.textContent('main')).toContain('Acme & Sons sends no more reminders and offers');
    expect(await stopped(address)).toEqual({ acme: 'opted-out: all-but-transactional' });
    await page.reload();
    expect(await page.textContent('h1')).toBe('Unsubscribed');
    await page.goto(`${url}${path}x`);
    await page.emulateMedia({ colorScheme: 'light' });
    await picture(page, 'opt-out-unknown');
    expect(await page.textContent('[role=alert]')).toContain('does not lead');
    // That the answer was 404 the browser says by itself.
    expect(refused.filter((text) => !text.includes('404'))).toEqual([]);
  },
);
