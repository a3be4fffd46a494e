import { afterAll, expect, test } from 'vitest';
import { inTenant } from '../../src/db/transaction.ts';
import { openAccount, webhookSecrets } from '../../src/payments/gateway/accounts.ts';
import { testWebhooks } from '../events/webhooks.ts';
import { until } from '../support/until.ts';
import { testApi } from './support.ts';

const webhooks = await testWebhooks();
const api = await testApi({ webhooks });
afterAll(() => api.close());

const RAZORPAY = '/v1/gateways/razorpay';
const account = {
  key_id: 'rzp_live_AbCdEf123456',
  key_secret: 'key-secret-1-0a1b2c3d',
  account_number: '2323230012345678',
  webhook_secret: 'webhook-secret-1-4e5f',
};
const acme = { tenant: 'acme', gateway: 'razorpay' };
const opened = () => inTenant(api.database.app, 'acme', (tx) => openAccount(tx, webhooks.box, acme));
const secrets = () => inTenant(api.database.app, 'acme', (tx) => webhookSecrets(tx, webhooks.box, acme));

test('an account is set, and shown without its secrets', async () => {
  expect((await api.send('GET', RAZORPAY)).json().code).toBe('not-found');
  const set = await api.send('PUT', RAZORPAY, account);
  expect(set.statusCode).toBe(200);
  expect(set.json()).toMatchObject({
    ...{ gateway: 'razorpay', state: 'enabled', key_id: account.key_id, account_number: 'XXXX5678' },
    ...{ former_webhook_secret_until: null, updated_by: 'service:all' },
  });
  expect((await api.send('GET', RAZORPAY)).json()).toEqual(set.json());
  expect(await opened()).toEqual({
    ...acme,
    key_id: account.key_id,
    key_secret: account.key_secret,
    account_number: account.account_number,
  });
});

test('another webhook secret leaves the former one good for two days; told twice, it stays so', async () => {
  const rotate = () =>
    api.send('POST', `${RAZORPAY}/rotate-webhook-secret`, { webhook_secret: 'webhook-secret-2' });
  for (const answer of [await rotate(), await rotate()]) {
    const hours = (Date.parse(answer.json().former_webhook_secret_until) - Date.now()) / 3_600_000;
    expect(hours).toBeCloseTo(48, 1);
  }
  expect(await secrets()).toMatchObject({
    present: 'webhook-secret-2',
    former: { secret: account.webhook_secret },
  });
  const again = await api.send('PUT', RAZORPAY, { ...account, webhook_secret: 'webhook-secret-3' });
  expect(again.json().former_webhook_secret_until).not.toBeNull();
  expect(await secrets()).toMatchObject({
    present: 'webhook-secret-3',
    former: { secret: 'webhook-secret-2' },
  });
});

test('a disabled account opens for nobody, and every change raises the version', async () => {
  const before = (await secrets())!.version;
  expect((await api.send('POST', `${RAZORPAY}/disable`)).json().state).toBe('disabled');
  expect([await opened(), await secrets()]).toEqual([null, null]);
  expect((await api.send('PUT', RAZORPAY, account)).json().state).toBe('disabled');
  expect((await api.send('POST', `${RAZORPAY}/enable`)).json().state).toBe('enabled');
  expect((await secrets())!.version).toBeGreaterThan(before + 2);
});

test('what is not right is named by its field, and never repeated', async () => {
  const wrong = await api.send('PUT', RAZORPAY, {
    ...account,
    key_secret: 'has a space',
    account_number: '12-34',
  });
  expect(wrong.json().errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
    ...['/key_secret', '/account_number'],
  ]);
  expect(wrong.body).not.toContain('has a space');
  const unknown = await api.send('PUT', '/v1/gateways/stripe', account);
  expect(unknown.json()).toMatchObject({
    code: 'unknown-gateway',
    detail: expect.stringContaining('razorpay'),
  });
  for (const verb of ['disable', 'enable']) {
    const globex = await api.send('POST', `${RAZORPAY}/${verb}`, undefined, {
      authorization: api.tokens.globex,
    });
    expect(globex.json().code).toBe('not-found');
  }
  const reader = await api.send('PUT', RAZORPAY, account, { authorization: api.tokens.reader });
  expect(reader.json().code).toBe('missing-scope');
});

test('neither the database nor the audit trail holds a secret as it is', async () => {
  // Misspelt, it is refused, and still a secret.
  await api.send('PUT', RAZORPAY, {
    ...account,
    webhook_secret: undefined,
    webhook_sercet: 'misspelt-secret',
  });
  const texts = [account.key_secret, account.webhook_secret, 'webhook-secret-2', 'webhook-secret-3'];
  await until('all is in the audit trail', async () => {
    const { rows } = await api.database.superuser(
      `SELECT FROM audit WHERE action = 'gateways.set' AND error_code = 'invalid-request'`,
    );
    return rows.length >= 2;
  });
  for (const table of ['audit', 'payment_gateway', 'event', 'job', 'approval']) {
    const { rows } = await api.database.superuser(`SELECT t::text AS row FROM ${table} AS t`);
    const all = rows.map(({ row }) => row).join('\n');
    for (const text of [...texts, 'misspelt-secret', account.account_number]) {
      if (table === 'payment_gateway' && text === account.account_number) continue;
      expect(all).not.toContain(text);
      expect(all).not.toContain(Buffer.from(text).toString('hex'));
    }
  }
});
