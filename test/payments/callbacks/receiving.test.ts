import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import { testApi } from '../../api/support.ts';
import { testWebhooks } from '../../events/webhooks.ts';
import { payoutEvent, setAccount, tell } from './gateway-side.ts';

const webhooks = await testWebhooks();
const api = await testApi({ webhooks });
afterAll(() => api.close());
await setAccount(api.database.app, webhooks.box);

const heard: Record<string, number> = {};
api.runtime.events.on('callback-received', ({ gateway, received }) => {
  heard[`${gateway} ${received}`] = (heard[`${gateway} ${received}`] ?? 0) + 1;
});
const count = async (table: string) =>
  (await api.database.superuser(`SELECT count(*)::int AS rows FROM ${table}`)).rows[0].rows as number;
const jobs = () => count(`job WHERE kind = 'payments.apply-callback'`);
/** Without what services did before, whose rows come a moment after their answers. */
const strangersAudited = () => count(`audit WHERE actor <> 'all'`);

test('an event is stored as it came, with the job that applies it; told again, nothing more happens', async () => {
  const before = { events: await count('callback_event'), jobs: await jobs() };
  const event_id = randomUUID();
  const body = payoutEvent('pout_1');
  const first = await tell(api, body, { event_id });
  expect([first.statusCode, first.json()]).toEqual([200, { status: 'stored' }]);
  const again = await tell(api, body, { event_id });
  expect([again.statusCode, again.json()]).toEqual([200, { status: 'known' }]);
  expect(await count('callback_event')).toBe(before.events + 1);
  expect(await jobs()).toBe(before.jobs + 1);

  const { events } = (await api.send('GET', '/v1/gateway-events?object=pout_1')).json();
  expect(events).toMatchObject([
    { event_id, type: 'payout.processed', object: 'pout_1', signed_with: 'present', applied_at: null },
  ]);
  const raw = await api.send('GET', `/v1/gateway-events/${events[0].id}/body`);
  expect(raw.body).toBe(body);
});

test('of fifty repeats at once one is stored, with one job', async () => {
  const before = { events: await count('callback_event'), jobs: await jobs() };
  const event_id = randomUUID();
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => tell(api, payoutEvent('pout_2'), { event_id })),
  );
  const statuses = answers.map((answer) => answer.json().status);
  expect(statuses.filter((status) => status === 'stored')).toHaveLength(1);
  expect(statuses.filter((status) => status === 'known')).toHaveLength(49);
  expect(await count('callback_event')).toBe(before.events + 1);
  expect(await jobs()).toBe(before.jobs + 1);
});

test('whatever is wrong with signature or address is answered alike, and leaves nothing', async () => {
  const before = [await count('callback_event'), await count('job'), await strangersAudited()];
  const body = payoutEvent('pout_3');
  const answers = await Promise.all([
    tell(api, body, { secret: 'somebody else’s' }),
    tell(api, body, { headers: { 'x-razorpay-signature': '' } }),
    tell(api, body, { headers: { 'x-razorpay-signature': 'zz'.repeat(32) } }),
    tell(api, body, { to: 'razorpay/globex' }),
    tell(api, body, { to: 'razorpay/nobody' }),
    tell(api, body, { to: 'razorpay/Not%20a%20tenant' }),
    tell(api, body, { to: 'stripe/acme' }),
    tell(api, body, { secret: 'forged', event_id: null }),
    tell(api, '', { secret: 'forged' }),
  ]);
  const seen = answers.map((answer) => {
    const { request_id: _, instance: __, ...document } = answer.json();
    const { 'x-request-id': ___, date: ____, 'content-length': _____, ...headers } = answer.headers;
    return JSON.stringify([answer.statusCode, headers, document]);
  });
  expect(new Set(seen).size).toBe(1);
  expect(answers[0]!.json()).toMatchObject({ status: 401, code: 'callback-refused' });
  expect([await count('callback_event'), await count('job'), await strangersAudited()]).toEqual(before);
  expect(heard).toMatchObject({ 'unknown refused': 1 });
  expect(heard['razorpay refused']).toBeGreaterThanOrEqual(8);
});

test('what is signed and nameless, or too long, is refused; a signed jumble is kept for people', async () => {
  const nameless = await tell(api, payoutEvent('pout_4'), { event_id: null });
  expect([nameless.statusCode, nameless.json().code]).toEqual([400, 'invalid-request']);
  expect((await tell(api, randomBytes(300 * 1024))).statusCode).toBe(413);
  const jumble = Buffer.concat([Buffer.from('{"a":"\\u0000'), randomBytes(500), Buffer.from([0, 255])]);
  const event_id = randomUUID();
  expect((await tell(api, jumble, { event_id, headers: { 'content-type': 'text/odd' } })).statusCode).toBe(
    200,
  );
  const { rows } = await api.database.superuser(
    'SELECT body, type, object FROM callback_event WHERE event_id = $1',
    [event_id],
  );
  expect(rows).toEqual([{ body: jumble, type: 'unreadable', object: null }]);
});

test('an operator sees the body without personal data, and the bytes only with the scope for it', async () => {
  const event_id = randomUUID();
  await tell(api, payoutEvent('pout_5', 'processed', { notes: { email: 'asha@example.in' } }), { event_id });
  const { events } = (await api.send('GET', '/v1/gateway-events?limit=1')).json();
  const shown = await api.send('GET', `/v1/gateway-events/${events[0].id}`);
  expect(shown.json().body.payload.payout.entity).toMatchObject({ id: 'pout_5', status: 'processed' });
  expect(shown.body).not.toContain('asha@example.in');
  const reader = { authorization: api.tokens.reader };
  const bytes = await api.send('GET', `/v1/gateway-events/${events[0].id}/body`, undefined, reader);
  expect(bytes.json().code).toBe('missing-scope');
  const globex = { authorization: api.tokens.globex };
  const other = await api.send('GET', `/v1/gateway-events/${events[0].id}`, undefined, globex);
  expect(other.json().code).toBe('not-found');
});
