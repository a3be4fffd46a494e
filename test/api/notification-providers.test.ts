import { afterAll, expect, test } from 'vitest';
import { inTenant } from '../../src/db/transaction.ts';
import { Connections } from '../../src/notifications/providers/connections.ts';
import { createProviders } from '../../src/notifications/providers/providers.ts';
import { testWebhooks } from '../events/webhooks.ts';
import { testApi } from './support.ts';

const webhooks = await testWebhooks();
const api = await testApi({ webhooks });
const connections = new Connections({ providers: createProviders(), box: webhooks.box });
afterAll(async () => {
  connections.close();
  await api.close();
});

const PROVIDERS = '/v1/notification-providers';
const BREVO = `${PROVIDERS}/email/brevo`;
const SMTP = `${PROVIDERS}/email/smtp`;
const brevo = { api_key: 'xkeysib-0123456789', sender: { email: 'hello@acme.in', name: 'Acme' } };
const smtp = { host: 'mail.acme.in', user: 'acme', password: 'p', sender: { email: 'hello@acme.in' } };

const tried = () =>
  inTenant(api.database.app, 'acme', async (tx) =>
    (await connections.open(tx, 'acme', 'email')).map(({ provider }) => provider.name),
  );
const pointersOf = (answer: { json(): { errors: { pointer: string }[] } }) =>
  answer.json().errors.map(({ pointer }) => pointer);

test('accounts are set and shown without their secrets, the later one tried after the earlier', async () => {
  expect((await api.send('GET', BREVO)).json().code).toBe('not-found');
  const set = await api.send('PUT', BREVO, { credentials: brevo });
  expect(set.statusCode).toBe(200);
  expect(set.json()).toMatchObject({
    ...{ channel: 'email', provider: 'brevo', place: 1, state: 'enabled', updated_by: 'service:all' },
    shown: { sender: 'Acme <hello@acme.in>' },
  });
  expect((await api.send('GET', BREVO)).json()).toEqual(set.json());
  expect((await api.send('PUT', SMTP, { credentials: smtp })).json()).toMatchObject({ place: 2 });
  const list = await api.send('GET', PROVIDERS);
  expect(list.json().providers.map(({ provider }: { provider: string }) => provider)).toEqual([
    'brevo',
    'smtp',
  ]);
  expect(await tried()).toEqual(['brevo', 'smtp']);
});

test('the order is what the tenant says, and stays when only credentials change', async () => {
  await api.send('PUT', BREVO, { credentials: brevo, place: 3 });
  expect(await tried()).toEqual(['smtp', 'brevo']);
  expect((await api.send('PUT', BREVO, { credentials: brevo })).json().place).toBe(3);
});

test('a disabled account is passed over and stays disabled when it is set; a removed one is gone', async () => {
  expect((await api.send('POST', `${BREVO}/disable`)).json().state).toBe('disabled');
  expect(await tried()).toEqual(['smtp']);
  expect((await api.send('PUT', BREVO, { credentials: brevo })).json().state).toBe('disabled');
  expect((await api.send('POST', `${BREVO}/enable`)).json().state).toBe('enabled');
  expect((await api.send('DELETE', SMTP)).statusCode).toBe(204);
  expect(await tried()).toEqual(['brevo']);
  expect((await api.send('DELETE', SMTP)).json().code).toBe('not-found');
});

test('what is not right is named by its field, and never repeated', async () => {
  const wrong = await api.send('PUT', SMTP, {
    credentials: { ...smtp, port: 70_000, passwrod: 'misspelt-sesame', sender: { email: 'sesame at home' } },
  });
  expect(wrong.json().code).toBe('invalid-request');
  expect(pointersOf(wrong)).toEqual([
    '/credentials/port',
    '/credentials/sender/email',
    '/credentials/passwrod',
  ]);
  expect(wrong.body).not.toContain('sesame');
  const half = await api.send('PUT', SMTP, { credentials: { ...smtp, password: undefined } });
  expect(pointersOf(half)).toEqual(['/credentials/password']);
  expect(pointersOf(await api.send('PUT', SMTP, { credentials: smtp, place: 0 }))).toEqual(['/place']);
  expect(pointersOf(await api.send('PUT', SMTP, {}))).toEqual(['/credentials']);
});

test('a provider that there is not is answered with those that there are', async () => {
  for (const strange of ['email/fcm', 'email/__proto__', 'letter/brevo', 'toString/constructor']) {
    const answer = await api.send('PUT', `${PROVIDERS}/${strange}`, { credentials: brevo });
    expect(answer.json()).toMatchObject({
      code: 'unknown-provider',
      detail: expect.stringContaining('email/brevo, email/smtp, sms/two-factor, push/fcm'),
    });
  }
});

test('nobody without the scope, and no other tenant, has to do with it', async () => {
  const globex = { authorization: api.tokens.globex };
  expect((await api.send('GET', BREVO, undefined, globex)).json().code).toBe('not-found');
  expect((await api.send('DELETE', BREVO, undefined, globex)).json().code).toBe('not-found');
  const reader = { authorization: api.tokens.reader };
  for (const [method, url] of [
    ['PUT', BREVO],
    ['GET', BREVO],
    ['GET', PROVIDERS],
    ['DELETE', BREVO],
  ] as const) {
    expect(
      (await api.send(method, url, method === 'PUT' ? { credentials: brevo } : undefined, reader)).json()
        .code,
    ).toBe('missing-scope');
  }
  expect(await tried()).toEqual(['brevo']);
});
