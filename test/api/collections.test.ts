import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLender } from '../loans/lending.ts';
import { collecting, paymentPicture } from '../payments/collections/collecting.ts';
import { type TestApi, testApi } from './support.ts';

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});
afterAll(() => api.close());

test('a payment that no loan took is seen with its moves, and goes back only on two people’s word', async () => {
  const lender = await openLender(api.database);
  const { applied, collection } = collecting(lender, api.database);
  const paid = paymentPicture({ amount: '75.00', status: 'captured' });
  await applied(paid);
  const { id } = await collection(paid.id);
  const listed = await api.send('GET', '/v1/collections?unallocated=true');
  expect(listed.json()).toMatchObject({ collections: [{ id, unallocated: '75.00' }], next: null });
  const shown = await api.send('GET', `/v1/collections/${id}`);
  expect(shown.json()).toMatchObject({
    ...{ state: 'captured', refunds: [], disputes: [] },
    moves: [{ to: 'created' }, { from: 'created', to: 'captured', evidence: 'event' }],
  });
  const wish = { amount: '75.00', reason: 'Nobody knows her.' };
  const proposed = await api.send('POST', `/v1/collections/${id}/refunds`, wish);
  expect(proposed.statusCode).toBe(202);
  const { hash, links } = proposed.json();
  expect((await api.send('GET', `/v1/collections/${id}`)).json()).toMatchObject({ refunds: [] });
  const headers = { authorization: api.tokens.approver };
  const approved = await api.send('POST', links.approve, { hash }, headers);
  expect(approved.json()).toMatchObject({ state: 'applied', result: { outcome: 'asked' } });
  expect((await api.send('GET', `/v1/collections/${id}`)).json()).toMatchObject({
    ...{ unallocated: '0.00', refunded: '75.00' },
    refunds: [{ state: 'requested', amount: '75.00' }],
  });
});

test('orders and mandates of a loan: accepted as jobs, listed, and what the gateway debits by is never shown', async () => {
  const lender = await openLender(api.database);
  const [loan] = await lender.open([{ principal: '12000.00', months: 3 }]);
  const asked = { amount: '500', reference: uuidv7() };
  const order = await api.send('POST', `/v1/loans/${loan}/collection-orders`, asked);
  expect(order.json()).toMatchObject({ kind: 'payments.create-order', state: 'pending' });
  expect((await api.send('GET', `/v1/loans/${loan}/collection-orders`)).json()).toEqual({ orders: [] });
  const mandate = {
    ...{ customer: 'cust_1', token: 'token_secret', method: 'upi', max_amount: '9000' },
    ...{ email: 'asha@example.in', phone: '+919812345678' },
  };
  const added = await api.send('POST', `/v1/loans/${loan}/mandates`, mandate);
  expect(added.statusCode).toBe(201);
  expect(added.body).not.toMatch(/token_secret|asha@|9812345678/);
  expect((await api.send('POST', `/v1/loans/${loan}/mandates`, mandate)).statusCode).toBe(200);
  const { id } = added.json();
  const debit = await api.send('POST', `/v1/mandates/${id}/debits`, { instalment: 1, reference: uuidv7() });
  expect(debit.json()).toMatchObject({ kind: 'payments.debit-mandate' });
  expect((await api.send('GET', `/v1/loans/${loan}/mandates`)).json()).toMatchObject({
    mandates: [{ id }],
    debits: [],
  });
  const reader = { authorization: api.tokens.reader };
  expect((await api.send('GET', '/v1/collections', undefined, reader)).statusCode).toBe(403);
});
