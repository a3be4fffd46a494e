import { afterAll, expect, test } from 'vitest';
import { testApi } from './support.ts';

const api = await testApi();
afterAll(() => api.close());

const URL = '/v1/notification-suppressions';
const ASHA = { channel: 'email', address: 'Asha.Rao@example.in' };

test('an address is suppressed once, shown masked, and sent to again once that is lifted', async () => {
  const added = await api.send('POST', URL, { ...ASHA, reason: 'opted-out', detail: 'by phone' });
  expect(added.statusCode).toBe(200);
  expect(added.json()).toMatchObject({
    ...{ channel: 'email', address: 'asXXXX@example.in', reason: 'opted-out', detail: 'by phone' },
    stops: 'all-but-transactional',
  });
  const { id } = added.json();
  const narrower = await api.send('POST', URL, { ...ASHA, stops: 'marketing' });
  expect(narrower.json()).toEqual(added.json());
  const wider = await api.send('POST', URL, { ...ASHA, address: 'asha.rao@example.in' });
  expect(wider.json()).toMatchObject({ id, reason: 'asked', stops: 'everything' });

  const list = await api.send('GET', `${URL}?channel=email`);
  expect(list.json()).toEqual({ suppressions: [wider.json()], next: null });
  expect(list.body).not.toContain('rao');
  const elsewhere = await api.send('GET', URL, undefined, { authorization: api.tokens.globex });
  expect(elsewhere.json().suppressions).toEqual([]);

  expect((await api.send('DELETE', `${URL}/${id}`)).statusCode).toBe(204);
  expect((await api.send('DELETE', `${URL}/${id}`)).statusCode).toBe(404);
  expect((await api.send('GET', URL)).json().suppressions).toEqual([]);
});

test('a list is told page by page', async () => {
  for (const digit of [1, 2, 3]) {
    await api.send('POST', URL, { channel: 'sms', address: `+91981234567${digit}` });
  }
  const first = (await api.send('GET', `${URL}?limit=2`)).json();
  const second = (await api.send('GET', first.next)).json();
  expect([...first.suppressions, ...second.suppressions].map(({ address }) => address)).toEqual([
    ...['XXXX5673', 'XXXX5672', 'XXXX5671'],
  ]);
});

test.each([
  [{ channel: 'sms', address: '12345' }, '/address'],
  [{ channel: 'fax', address: '+919812345678' }, '/channel'],
  [{ ...ASHA, reason: 'bounced' }, '/reason'],
])('%j is refused for %s', async (body, pointer) => {
  const { code, errors } = (await api.send('POST', URL, body)).json();
  expect({ code, pointer: errors[0].pointer }).toEqual({ code: 'invalid-request', pointer });
});
