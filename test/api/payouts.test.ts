import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { SteppedClock } from '../../src/calendar/clock.ts';
import { NOON } from '../ledger/books.ts';
import { ACCOUNT_NUMBER, addBorrower, stubGateway } from '../payments/stub-gateway.ts';
import { until } from '../support/until.ts';
import { testApi } from './support.ts';

const gateway = stubGateway();
const clock = new SteppedClock(NOON);
const api = await testApi({
  ...{ services: gateway.services, clock, workers: ['wallets', 'payouts'] },
});
afterAll(() => api.close());
beforeEach(() => Object.assign(gateway, { answers: 'processing', cancels: true, open: true }));

const get = async (url: string) => (await api.send('GET', url)).json();
const balanceOf = async (wallet: string) => (await get(`/v1/wallets/${wallet}`)).balance;

/** Asks for a payout and waits until it stands in the state. @returns its id and its wallet */
async function payout(state: string, amount = '400.00') {
  const { wallet } = await addBorrower(api.database, '1000.00');
  const asked = await api.send('POST', `/v1/wallets/${wallet}/payouts`, {
    ...{ amount, currency: 'INR', reference: uuidv7() },
  });
  expect(asked.statusCode).toBe(202);
  const { id } = await until(`the payout is ${state}`, async () => {
    const [found] = (await get(`/v1/payouts?wallet=${wallet}`)).payouts;
    return found?.state === state ? found : undefined;
  });
  return { id, wallet, job: asked.json().id, url: `/v1/payouts/${id}` };
}

test('a payout asked for by HTTP tells every move with its evidence, and no account number', async () => {
  const { url, wallet } = await payout('processing');
  const answer = await api.send('GET', url);
  expect(answer.json()).toMatchObject({
    ...{ wallet, amount: '400.00', currency: 'INR', state: 'processing', purpose: 'withdrawal', attempt: 1 },
    to: { holder: 'Asha Rao', account_number: 'XXXX5678' },
    moves: [
      { from: null, to: 'approved', evidence: 'machine', journal: /./ },
      { from: 'approved', to: 'submitting', evidence: 'machine' },
      { from: 'submitting', to: 'processing', evidence: 'answer', journal: null },
    ],
    ...{ attempts: [], exceptions: [] },
  });
  for (const number of [ACCOUNT_NUMBER, '7878780080316316']) expect(answer.body).not.toContain(number);
  expect(await balanceOf(wallet)).toBe('600.00');
});

test('one key is one payout, and the list is asked by state and page', async () => {
  const { wallet } = await addBorrower(api.database, '1000.00');
  const body = { amount: '10.00', currency: 'INR', reference: 'rent' };
  const key = { 'idempotency-key': 'rent-1' };
  const first = await api.send('POST', `/v1/wallets/${wallet}/payouts`, body, key);
  const again = await api.send('POST', `/v1/wallets/${wallet}/payouts`, body, key);
  expect(again.json().id).toBe(first.json().id);
  const other = await api.send('POST', `/v1/wallets/${wallet}/payouts`, { ...body, amount: '11.00' }, key);
  expect(other.json().code).toBe('idempotency-conflict');

  await payout('processing');
  const page = await get('/v1/payouts?state=processing&limit=1');
  expect(page.payouts).toHaveLength(1);
  const next = await get(page.next);
  expect(next.payouts[0].id < page.payouts[0].id).toBe(true);
});

test('what no gateway has heard of is cancelled at once, and is never sent', async () => {
  gateway.open = false;
  const { id, url, wallet } = await payout('approved');
  const cancelled = await api.send('POST', `${url}/cancel`);
  expect(cancelled.statusCode).toBe(200);
  expect(cancelled.json()).toMatchObject({ state: 'cancelled', reason: 'cancelled-by-people' });
  expect(await balanceOf(wallet)).toBe('1000.00');

  gateway.open = true;
  await until('its job has come to rest', async () => {
    const { jobs } = await get(`/v1/jobs?kind=payments.payout&key=${id}`);
    return jobs[0].state === 'done' ? jobs[0] : undefined;
  });
  expect(gateway.sent).not.toContain(id);
  expect((await get(url)).moves.at(-1)).toMatchObject({ evidence: 'person', detail: { by: 'service:all' } });
  expect((await api.send('POST', `${url}/cancel`)).json().code).toBe('illegal-transition');
});

test('what waits at the gateway is cancelled once the gateway says so', async () => {
  gateway.answers = 'queued';
  const { url, wallet } = await payout('queued');
  const asked = await api.send('POST', `${url}/cancel`);
  expect(asked.statusCode).toBe(202);
  const { result } = await get(`/v1/jobs/${asked.json().id}?wait=20s`);
  expect(result).toMatchObject({ outcome: 'cancelled', state: 'cancelled' });
  expect(await balanceOf(wallet)).toBe('1000.00');
});

test('what the gateway does not cancel any more goes on, as the gateway says', async () => {
  Object.assign(gateway, { answers: 'queued', cancels: false });
  const { id, url, wallet } = await payout('queued');
  gateway.become(id, 'processing');
  const asked = await api.send('POST', `${url}/cancel`);
  const { result } = await get(`/v1/jobs/${asked.json().id}?wait=20s`);
  expect(result).toMatchObject({ outcome: 'not-cancelled', state: 'processing', code: 'BAD_REQUEST_ERROR' });
  expect(await balanceOf(wallet)).toBe('600.00');
  expect((await api.send('POST', `${url}/cancel`)).json()).toMatchObject({ code: 'illegal-transition' });
});

test('what nobody can tell of is put before people, who say who looks after it, and how long it waits', async () => {
  gateway.answers = 'no-answer';
  const { id } = await payout('suspense');
  const { exceptions } = await get(`/v1/payment-exceptions?state=open&subject=${id}`);
  expect(exceptions).toMatchObject([{ code: 'unknown-outcome', subject: id, owner: null, age_days: 0 }]);
  const assign = `/v1/payment-exceptions/${exceptions[0].id}/assign`;
  expect((await api.send('POST', assign, { owner: 'asha@acme.in' })).json()).toMatchObject({
    owner: 'asha@acme.in',
  });
  clock.moveTo(new Date('2026-11-24T06:30:00Z'));
  expect((await get(`/v1/payouts/${id}`)).exceptions).toMatchObject([{ owner: 'asha@acme.in', age_days: 4 }]);
});

test('others neither see nor touch it', async () => {
  const { id, url, wallet } = await payout('processing');
  const globex = { authorization: api.tokens.globex };
  expect((await api.send('GET', url, undefined, globex)).json().code).toBe('not-found');
  expect((await api.send('POST', `${url}/cancel`, undefined, globex)).json().code).toBe('not-found');
  expect((await api.send('GET', `/v1/payouts?wallet=${wallet}`, undefined, globex)).json().payouts).toEqual(
    [],
  );
  const reader = { authorization: api.tokens.reader };
  for (const [method, path] of [
    ['GET', url],
    ['GET', '/v1/payouts'],
    ['GET', '/v1/payment-exceptions'],
    ['POST', `${url}/cancel`],
    ['POST', `/v1/wallets/${wallet}/payouts`],
  ] as const) {
    const body = method === 'POST' ? { amount: '1', currency: 'INR', reference: 'x' } : undefined;
    expect((await api.send(method, path, body, reader)).json().code, path).toBe('missing-scope');
  }
  expect((await api.send('POST', `/v1/payment-exceptions/${id}/assign`, { owner: null })).json().code).toBe(
    'not-found',
  );
});
