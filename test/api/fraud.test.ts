import { v7 as uuidv7 } from 'uuid';
import { afterAll, expect, test } from 'vitest';
import { FOLLOWERS } from '../../src/followers.ts';
import { follow } from '../../src/following/follow.ts';
import { testApi } from './support.ts';

const api = await testApi({ workers: ['wallets'] });
afterAll(() => api.close());

const followBooks = async () => {
  const pass = await follow(api.runtime.pool, 'acme', FOLLOWERS);
  expect(pass?.failures).toEqual([]);
};
async function openWallet(): Promise<string> {
  return (await api.send('POST', '/v1/wallets', { owner: 'Ravi', currency: 'INR' })).json().id;
}
async function move(kind: 'deposit' | 'withdraw', wallet: string) {
  const payload = { wallet, amount: '5', currency: 'INR', reference: uuidv7() };
  const accepted = await api.send('POST', `/v1/jobs/wallet.${kind}`, { payload });
  return (await api.send('GET', `${accepted.json().links.self}?wait=20s`)).json().result;
}

test('a burst of deposits is listed as an alert, and each has moved the score', async () => {
  const wallet = await openWallet();
  expect((await api.send('GET', `/v1/borrowers/${wallet}/score`)).json()).toMatchObject({
    code: 'not-found',
  });
  await Promise.all(Array.from({ length: 11 }, () => move('deposit', wallet)));
  await followBooks();
  const { alerts, next } = (await api.send('GET', `/v1/fraud-alerts?wallet=${wallet}`)).json();
  expect(alerts).toMatchObject([{ wallet, transactions: 11, window_s: 5, froze: false }]);
  expect(next).toBeNull();
  const score = (await api.send('GET', `/v1/borrowers/${wallet}/score?limit=10`)).json();
  expect(score).toMatchObject({ borrower: wallet, score: 705 });
  expect(score.moves[0]).toMatchObject({ number: 11, reason: 'deposit', points: 5, moved: 5, score: 705 });
  const rest = (await api.send('GET', score.next)).json();
  expect(rest).toMatchObject({ moves: [{ number: 1, score: 655 }], next: null });
});

test('an operator freezes a wallet and unfreezes it; a service that only writes wallets may not', async () => {
  const wallet = await openWallet();
  await move('deposit', wallet);
  const body = { reason: 'stolen phone' };
  const frozen = await api.send('POST', `/v1/wallets/${wallet}/freeze`, body);
  expect(frozen.json()).toMatchObject({ id: wallet, balance: '5.00', frozen_for: 'stolen phone' });
  expect(frozen.json().frozen_at).not.toBeNull();
  expect(await move('withdraw', wallet)).toMatchObject({ outcome: 'refused', code: 'account-frozen' });
  expect(await move('deposit', wallet)).toMatchObject({ outcome: 'deposited' });
  const again = await api.send('POST', `/v1/wallets/${wallet}/freeze`, { reason: 'another' });
  expect(again.json(), 'it keeps its first reason').toMatchObject({ frozen_for: 'stolen phone' });
  const thawed = await api.send('POST', `/v1/wallets/${wallet}/unfreeze`);
  expect(thawed.json()).toMatchObject({ frozen_at: null, frozen_for: null });
  expect(await move('withdraw', wallet)).toMatchObject({ outcome: 'withdrawn' });
  const nobody = await api.send('POST', `/v1/wallets/${uuidv7()}/unfreeze`);
  expect(nobody.json()).toMatchObject({ code: 'not-found' });
  const reader = await api.send('POST', `/v1/wallets/${wallet}/freeze`, body, {
    authorization: api.tokens.reader,
  });
  expect(reader.json()).toMatchObject({ code: 'missing-scope' });
});
