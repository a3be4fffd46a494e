import { v7 as uuidv7 } from 'uuid';
import { afterAll, expect, test } from 'vitest';
import { inTenant } from '../../src/db/transaction.ts';
import { emit } from '../../src/events/emit.ts';
import { ENDPOINTS_MAX } from '../../src/events/endpoints.ts';
import { createGuard } from '../../src/events/guard.ts';
import { happened } from '../events/support.ts';
import { testWebhooks } from '../events/webhooks.ts';
import { until } from '../support/until.ts';
import { testApi } from './support.ts';

const inside = new Set(['inside.example']);
const guard = createGuard({
  allow_private: false,
  resolve: async (name) => [{ address: inside.has(name) ? '10.0.0.1' : '93.184.215.14', family: 4 }],
});
const api = await testApi({ webhooks: await testWebhooks({ guard }) });
afterAll(() => api.close());

const ENDPOINTS = '/v1/webhook-endpoints';
let made = 0;
async function endpoint(body: Record<string, unknown> = {}) {
  made += 1;
  const answer = await api.send('POST', ENDPOINTS, { url: `https://shop.example/${made}`, ...body });
  expect(answer.statusCode).toBe(201);
  return answer.json();
}

test('an endpoint shows its secret when it is made and when it is rotated, and never again', async () => {
  const { secret, ...added } = await endpoint({ event_types: ['loan.*'], description: 'the shop' });
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  expect(added).toMatchObject({ event_types: ['loan.*'], state: 'enabled', created_by: 'service:all' });
  expect((await api.send('GET', `${ENDPOINTS}/${added.id}`)).json()).toEqual(added);
  expect((await api.send('GET', ENDPOINTS)).body).not.toContain('secret":"');

  const rotated = (
    await api.send('POST', `${ENDPOINTS}/${added.id}/rotate-secret`, { grace_hours: 48 })
  ).json();
  expect(rotated.secret).not.toBe(secret);
  const hours = (Date.parse(rotated.former_secret_until) - Date.now()) / 3_600_000;
  expect(hours).toBeCloseTo(48, 1);

  for (const text of [secret, rotated.secret]) {
    const bytes = Buffer.from(text.slice('whsec_'.length), 'base64');
    const { rows } = await api.database.superuser(
      `SELECT count(*)::int AS rows FROM webhook_endpoint e
       WHERE position($1 IN e::text) > 0 OR position($2::bytea IN secret) > 0 OR position($2 IN former_secret) > 0`,
      [text, bytes],
    );
    expect(rows).toEqual([{ rows: 0 }]);
  }
  const audit = await until('all is in the audit trail', async () => {
    const { rows } = await api.database.superuser(`SELECT audit::text AS row FROM audit WHERE subject = $1`, [
      added.id,
    ]);
    return rows.length >= 1 ? rows : undefined;
  });
  expect(JSON.stringify(audit)).not.toContain(secret);
});

test('an endpoint is changed, disabled, enabled and removed', async () => {
  const { id } = await endpoint();
  const path = `${ENDPOINTS}/${id}`;
  const change = async (body: unknown) => (await api.send('PATCH', path, body)).json();
  expect(await change({ event_types: ['loan.closed'], url: 'https://shop.example/moved' })).toMatchObject({
    ...{ event_types: ['loan.closed'], url: 'https://shop.example/moved', state: 'enabled' },
  });
  expect(await change({ state: 'disabled' })).toMatchObject({ state: 'disabled', disabled_reason: 'asked' });
  expect((await api.send('POST', `${path}/test`)).json().code).toBe('illegal-transition');
  expect(await change({ state: 'enabled' })).toMatchObject({ disabled_reason: null, disabled_at: null });
  expect(await change({ url: 'https://inside.example/' })).toMatchObject({ code: 'forbidden-address' });
  expect((await api.send('DELETE', path)).statusCode).toBe(204);
  for (const method of ['GET', 'DELETE'] as const) {
    expect((await api.send(method, path)).json().code).toBe('not-found');
  }
});

test.each([
  ['http://shop.example/', 'forbidden-address'],
  ['https://inside.example/', 'forbidden-address'],
  ['https://127.0.0.1/', 'forbidden-address'],
  ['https://[::ffff:169.254.169.254]/', 'forbidden-address'],
  ['https://shop.example:22/', 'forbidden-address'],
  ['nonsense', 'invalid-request'],
])('%s is refused as %s', async (url, code) => {
  expect((await api.send('POST', ENDPOINTS, { url })).json().code).toBe(code);
});

test('wrong event types are refused, and an address stands once', async () => {
  const wrong = await api.send('POST', ENDPOINTS, { url: 'https://shop.example/x', event_types: ['Loan'] });
  expect(wrong.json()).toMatchObject({ code: 'invalid-request', errors: [{ pointer: '/event_types/0' }] });
  const { url } = await endpoint();
  expect((await api.send('POST', ENDPOINTS, { url })).json().code).toBe('already-exists');
  const { id } = await endpoint();
  expect((await api.send('PATCH', `${ENDPOINTS}/${id}`, { url })).json().code).toBe('already-exists');
});

test('a test reaches that endpoint alone; events and deliveries are listed, newest first', async () => {
  const { id } = await endpoint({ event_types: ['loan.closed'] });
  const asked = await api.send('POST', `${ENDPOINTS}/${id}/test`);
  expect(asked.statusCode).toBe(202);
  const { event, links } = asked.json();
  expect((await api.send('GET', links.event)).json()).toMatchObject({ type: 'webhook.test', subject: id });
  expect((await api.send('GET', links.job)).json()).toMatchObject({
    kind: 'webhook.deliver',
    state: 'pending',
  });
  const { deliveries } = (await api.send('GET', `${ENDPOINTS}/${id}/deliveries`)).json();
  expect(deliveries).toMatchObject([{ event, type: 'webhook.test', state: 'pending', attempt: 0, links }]);

  const loan = uuidv7();
  await inTenant(api.database.app, 'acme', (tx) =>
    emit(tx, [happened(loan, 'loan.opened'), happened(loan, 'loan.closed', { amount: '1.00' })]),
  );
  const page = (await api.send('GET', `/v1/events?subject=${loan}&limit=1`)).json();
  expect(page.events).toMatchObject([{ type: 'loan.closed', sequence: 2, data: { amount: '1.00' } }]);
  expect((await api.send('GET', page.next)).json()).toMatchObject({ events: [{ type: 'loan.opened' }] });
  expect((await api.send('GET', '/v1/events?type=loan.opened')).json().events).toHaveLength(1);
});

test('whoever lacks the scope, or is of another tenant, sees and changes nothing', async () => {
  const { id } = await endpoint();
  const reader = { authorization: api.tokens.reader };
  expect((await api.send('GET', ENDPOINTS, undefined, reader)).json().code).toBe('missing-scope');
  expect((await api.send('GET', '/v1/events', undefined, reader)).json().code).toBe('missing-scope');
  const globex = { authorization: api.tokens.globex };
  expect((await api.send('GET', ENDPOINTS, undefined, globex)).json()).toEqual({ endpoints: [] });
  expect((await api.send('GET', '/v1/events', undefined, globex)).json().events).toEqual([]);
  for (const [method, path] of [
    ['GET', ''],
    ['DELETE', ''],
    ['POST', '/test'],
    ['GET', '/deliveries'],
  ] as const) {
    const answer = await api.send(method, `${ENDPOINTS}/${id}${path}`, undefined, globex);
    expect(answer.json().code).toBe('not-found');
  }
  const rotated = await api.send('POST', `${ENDPOINTS}/${id}/rotate-secret`, {}, globex);
  expect(rotated.json().code).toBe('not-found');
});

test('there is an end to the number of endpoints', async () => {
  for (;;) {
    made += 1;
    const answer = await api.send('POST', ENDPOINTS, { url: `https://shop.example/${made}` });
    if (answer.statusCode === 201) continue;
    expect(answer.json().code).toBe('too-many-endpoints');
    break;
  }
  expect((await api.send('GET', ENDPOINTS)).json().endpoints).toHaveLength(ENDPOINTS_MAX);
});
