import { expect, test } from 'vitest';
import { type Answer, type Lender, openLender, openReceiver } from './a-gateway.ts';

function control(lender: Lender) {
  const url = lender.url.replace('/v1', '/sandbox');
  return async (method: string, path: string, body?: object): Promise<Answer> => {
    const response = await fetch(`${url}${path}`, {
      method,
      ...(body ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    const is_json = response.headers.get('content-type')?.includes('json');
    return { status: response.status, headers: response.headers, body: is_json ? JSON.parse(text) : text };
  };
}

test('over HTTP: faults are scripted, time passes, events go out, the truth is told', async () => {
  const receiver = await openReceiver();
  const lender = await openLender();
  const ask = control(lender);
  await ask('PUT', '/webhook', { url: receiver.url, secret: 'whisper' });
  await ask('POST', '/faults', [
    { fault: 'commit-then-500', subject: 'loan-1' },
    { fault: 'processed-reversed', subject: 'loan-1', days: 1 },
  ]);
  expect((await lender.pay('loan-1')).status).toBe(500);
  expect((await ask('POST', '/clock', { seconds: 10 })).body).toEqual({ now: '2026-11-21T06:00:10.000Z' });
  expect((await ask('GET', '/paid-out')).body).toMatchObject([{ reference_id: 'loan-1', kept: 50_000 }]);
  await ask('POST', '/clock', { to: '2026-11-23T00:00:00Z' });
  expect((await ask('GET', '/paid-out')).body).toMatchObject([{ status: 'reversed', kept: 0 }]);
  expect(receiver.events()).toContain('payout.reversed');
  expect((await ask('GET', '/log')).body.at(-1)).toMatchObject({ fault: 'commit-then-500', status: 500 });
  expect((await ask('GET', '/deliveries')).body[0]).toMatchObject({ status: 200 });
  const { body, headers } = await ask('GET', '/bank-statement?from=2026-11-21&to=2026-11-30');
  expect(headers.get('content-type')).toContain('text/csv');
  expect(body.trim().split('\n')).toHaveLength(3);
});

test('over HTTP: a borrower pays, signs, contests; it is settled', async () => {
  const lender = await openLender();
  const ask = control(lender);
  const order = await lender.call('POST', '/orders', { amount: 100_000, currency: 'INR' });
  const { body: payment } = await ask('POST', `/orders/${order.body.id}/pay`, { method: 'netbanking' });
  expect(payment).toMatchObject({ status: 'captured', method: 'netbanking', bank: 'HDFC' });
  const { body: dispute } = await ask('POST', `/payments/${payment.id}/dispute`, { amount: 1_000 });
  expect((await ask('POST', `/disputes/${dispute.id}`, { status: 'lost' })).body.status).toBe('lost');
  const { body: customer } = await lender.call('POST', '/customers', { name: 'Asha Rao' });
  const { body: token } = await ask('POST', '/mandates', { customer: customer.id });
  expect((await lender.call('GET', `/customers/${customer.id}/tokens`)).body.items).toEqual([token]);
  await ask('POST', '/clock', { days: 2 });
  expect((await ask('GET', '/settlements?day=2026-11-23')).body).toMatchObject([{ truth: [{}, {}] }]);
});

test.each([
  ['POST', '/faults', { fault: 'sunshine', subject: '*' }],
  ['POST', '/faults', { fault: 'reset' }],
  ['POST', '/clock', { weeks: 1 }],
  ['PUT', '/webhook', { url: 'nowhere', secret: 'x' }],
  ['POST', '/deposits', { amount: -1 }],
  ['POST', '/accounts', { id: 'acc_Sandbox0000001', key_id: 'k', key_secret: 's', account_number: '1' }],
  ['POST', '/orders/order_0/pay', {}],
  ['POST', '/mandates', { customer: 'cust_0' }],
  ['POST', '/payments/pay_0/dispute', {}],
  ['GET', '/bank-statement?from=yesterday&to=today', undefined],
])('%s %s of something wrong is refused with what is wrong', async (method, path, body) => {
  const answer = await control(await openLender())(method, path, body);
  expect(answer.status).toBe(400);
  expect(answer.body.error.description).not.toBe('');
});
