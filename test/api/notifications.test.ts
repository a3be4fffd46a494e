import { afterAll, describe, expect, test } from 'vitest';
import { plantMessage } from '../ops/notifications-fixture.ts';
import { testApi } from './support.ts';

const api = await testApi();
afterAll(() => api.close());

const PHONE = '+919812345678';
const TEXT = {
  type: 'SMS',
  recipient: { phone: PHONE },
  content: { sms: { text: 'Your EMI is due on Friday.' } },
};
const URL = '/v1/notifications';

function pointersOf(body: { errors: { pointer: string }[] }): string[] {
  return body.errors.map(({ pointer }) => pointer).sort();
}

describe('a notification', () => {
  test('is written down and answered at once: one job a channel, each on a queue of its own', async () => {
    const everything = {
      type: 'ALL',
      recipient: {
        email: 'asha@example.com',
        phone: PHONE,
        push_token: 'token-of-ashas-phone',
        name: 'Asha',
      },
      content: {
        email: { subject: 'Due soon', text: 'Your EMI is due on Friday.' },
        sms: { text: 'Your EMI is due on Friday.' },
        push: { title: 'Due soon', body: 'On Friday.' },
      },
    };
    const answer = await api.send('POST', URL, everything);
    expect(answer.statusCode).toBe(202);
    const { id, jobs } = answer.json();
    expect(jobs.map(({ channel }: { channel: string }) => channel)).toEqual(['email', 'sms', 'push']);
    const { rows } = await api.database.superuser(`SELECT queue FROM job WHERE key = $1 ORDER BY queue`, [
      id,
    ]);
    expect(rows.map(({ queue }) => queue)).toEqual([
      'notifications-email',
      'notifications-push',
      'notifications-sms',
    ]);
    const shown = (await api.send('GET', `${URL}/${id}`)).json();
    expect(
      shown.channels.map(({ state, attempts }: { state: string; attempts: [] }) => [state, attempts]),
    ).toEqual([
      ['pending', []],
      ['pending', []],
      ['pending', []],
    ]);
  });

  test('names what is missing for which channel', async () => {
    const bare = await api.send('POST', URL, {
      type: 'ALL',
      recipient: {},
      content: { sms: { text: 'Hello' } },
    });
    expect([bare.statusCode, bare.json().code]).toEqual([400, 'invalid-notification']);
    expect(pointersOf(bare.json())).toEqual([
      ...['/content/email', '/content/push', '/recipient/email', '/recipient/phone', '/recipient/push_token'],
    ]);
    expect(bare.json().errors[0].message).toContain('EMAIL needs');
    const neither = await api.send('POST', URL, { type: 'SMS', recipient: { phone: PHONE } });
    expect(pointersOf(neither.json())).toEqual(['/template']);
    const both = await api.send('POST', URL, { ...TEXT, template: 'due' });
    expect(pointersOf(both.json())).toEqual(['/template']);
  });

  test.each([
    ['a phone that is none', { recipient: { phone: '12' } }, '/recipient/phone'],
    [
      'a zone that is none',
      { recipient: { phone: PHONE, time_zone: 'Mars/Olympus' } },
      '/recipient/time_zone',
    ],
    [
      'a header in a subject',
      { content: { email: { subject: 'a\r\nBcc: b', text: 'x' } } },
      '/content/email/subject',
    ],
    ['a deadline that is none', { deadline: 'soon' }, '/deadline'],
    ['an order nobody knows', { ordering: 'galaxy' }, '/ordering'],
    ['a field nobody knows', { urgent: true }, '/urgent'],
  ])('is refused with %s, and nothing is done', async (_what, change, pointer) => {
    const before = await jobs();
    const answer = await api.send('POST', URL, { ...TEXT, ...change });
    expect([answer.statusCode, pointersOf(answer.json())]).toEqual([400, [pointer]]);
    expect(await jobs()).toBe(before);
  });

  test.each([
    ['a name that Firebase keeps for itself', { from: 'x' }, '/content/push/data/from'],
    ['a name of its family', { 'google.sent': 'x' }, '/content/push/data/google.sent'],
    ['no name', { '': 'x' }, '/content/push/data/'],
    [
      'too many entries',
      Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`n${index}`, 'x'])),
      '/content/push/data',
    ],
  ])('that tells the app something by %s is refused, and nothing is done', async (_what, data, pointer) => {
    const push = (told: object) =>
      api.send('POST', URL, {
        type: 'PUSH',
        recipient: { push_token: 'token-of-ashas-phone' },
        content: { push: { title: 'Due soon', body: 'On Friday.', data: told } },
      });
    const before = await jobs();
    const answer = await push(data);
    expect([answer.statusCode, pointersOf(answer.json())]).toEqual([400, [pointer]]);
    expect(await jobs()).toBe(before);
    const most = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`google${index}`, 'x']));
    expect((await push(most)).statusCode).toBe(202);
  });

  test('of a template is refused where a variable is missing, while somebody listens', async () => {
    const wish = { type: 'SMS', recipient: { phone: PHONE }, template: 'due', data: {} };
    const answer = await api.send('POST', URL, wish);
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'template-variable-missing']);
    const unknown = await api.send('POST', URL, { ...wish, template: 'no-such' });
    expect(unknown.json().code).toBe('unknown-template');
  });
});

describe('the key of a request', () => {
  const key = { 'idempotency-key': 'notice-1' };

  test('makes its repeat the same notification', async () => {
    const first = await api.send('POST', URL, TEXT, key);
    const again = await api.send('POST', URL, TEXT, key);
    expect([again.statusCode, again.headers['idempotent-replayed']]).toEqual([202, 'true']);
    expect(again.json()).toEqual(first.json());
  });

  test.each([
    ['another text', { content: { sms: { text: 'Something else.' } } }],
    [
      'another channel',
      {
        type: 'EMAIL',
        recipient: { email: 'asha@example.com' },
        content: { email: { subject: 'a', text: 'b' } },
      },
    ],
  ])('with %s is a conflict, and nothing is done', async (_what, change) => {
    const before = await jobs();
    const answer = await api.send('POST', URL, { ...TEXT, ...change }, key);
    expect([answer.statusCode, answer.json().code]).toEqual([422, 'idempotency-conflict']);
    expect(answer.json().detail).toContain('The key came before');
    expect(await jobs()).toBe(before);
  });

  test('makes its repeat the same also where the template came to be of another category meanwhile', async () => {
    const word = (category: string) =>
      api.send('PUT', '/v1/templates/festival/en-IN', {
        category,
        parts: { sms: { text: 'Happy Diwali!' } },
      });
    expect((await word('marketing')).statusCode).toBeLessThan(300);
    const wish = { type: 'SMS', recipient: { phone: PHONE }, template: 'festival', data: {} };
    const festival = { 'idempotency-key': 'festival-1' };
    const first = await api.send('POST', URL, wish, festival);
    expect((await word('reminder')).statusCode).toBeLessThan(300);
    const again = await api.send('POST', URL, wish, festival);
    expect([again.statusCode, again.headers['idempotent-replayed']]).toEqual([202, 'true']);
    const next = await api.send('POST', URL, wish);
    const ids = [first, next].map((answer) => answer.json().jobs[0].id);
    const { rows } = await api.database.superuser(
      `SELECT payload ->> 'category' AS category, split_part(ordering_key, '/', 3) AS queue FROM job
       WHERE id = ANY ($1) ORDER BY id`,
      [ids],
    );
    expect(rows).toEqual([
      { category: 'marketing', queue: 'marketing' },
      { category: 'reminder', queue: 'reminder' },
    ]);
  });

  test('is one tenant’s own', async () => {
    const theirs = await api.send('POST', URL, TEXT, { ...key, authorization: api.tokens.globex });
    expect([theirs.statusCode, theirs.headers['idempotent-replayed']]).toEqual([202, undefined]);
    const { id } = theirs.json();
    expect((await api.send('GET', `${URL}/${id}`)).statusCode).toBe(404);
  });
});

test('a try shows what went with it, and so does the proof', async () => {
  const file = {
    name: 'statement.pdf',
    type: 'application/pdf',
    size_bytes: 30_512,
    sha256: '6b3a'.repeat(16),
  };
  const planted = { tenant: 'acme', channel: 'email', message: 'sent' } as const;
  const id = await plantMessage(api.database, { ...planted, attempts: ['sent'], files: [file] });
  const { channels } = (await api.send('GET', `${URL}/${id}`)).json();
  expect(channels[0].attempts).toMatchObject([{ outcome: 'sent', files: [file] }]);
  const { parts } = (await api.send('GET', `${URL}/${id}/proof`)).json();
  expect(parts.at(-1)).toMatchObject({ part: 'attempt', body: { files: [file] } });
});

test('who may not send is turned away', async () => {
  const reader = { authorization: api.tokens.reader };
  expect((await api.send('POST', URL, TEXT, reader)).json().code).toBe('missing-scope');
});

describe('a channel', () => {
  const CHANNELS = '/v1/notification-channels';

  test('is held with a reason, shown, and opened again', async () => {
    expect((await api.send('POST', `${CHANNELS}/sms/hold`, {})).statusCode).toBe(400);
    const held = await api.send('POST', `${CHANNELS}/sms/hold`, { reason: 'The sender header lapsed.' });
    expect(held.json()).toMatchObject({ code: 'asked', message: 'The sender header lapsed.' });
    const { channels } = (await api.send('GET', CHANNELS)).json();
    expect(
      channels.map(({ channel, held }: { channel: string; held: unknown }) => [channel, held !== null]),
    ).toEqual([
      ...[
        ['email', false],
        ['sms', true],
        ['push', false],
      ],
    ]);
    expect((await api.send('POST', `${CHANNELS}/sms/open`)).json()).toEqual({ was_held: true });
    expect((await api.send('POST', `${CHANNELS}/sms/open`)).json()).toEqual({ was_held: false });
  });

  test('has a policy: three retries two seconds apart unless the tenant says otherwise', async () => {
    const { channels } = (await api.send('GET', CHANNELS)).json();
    expect(channels[0].policy).toMatchObject({ retries: 3, wait_ms: 2_000 });
    const set = await api.send('PUT', `${CHANNELS}/sms/policy`, { retries: 5 });
    expect(set.json()).toMatchObject({ retries: 5, wait_ms: 2_000 });
    expect((await api.send('PUT', `${CHANNELS}/sms/policy`, { retries: 1_000 })).statusCode).toBe(400);
    const never = {
      contact_window: { from: '08:00', to: '09:00' },
      quiet_hours: { from: '07:00', to: '10:00' },
    };
    expect((await api.send('PUT', `${CHANNELS}/sms/policy`, never)).json().errors[0].pointer).toBe(
      '/quiet_hours',
    );
  });
});

async function jobs(): Promise<number> {
  const { rows } = await api.database.superuser('SELECT count(*)::int AS count FROM job');
  return rows[0].count;
}
