import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { SANDBOX_ACCOUNT } from '../../../src/sandbox/gateway/settings.ts';
import { type Answer, type Lender, openLender, openReceiver } from './a-gateway.ts';

async function told(): Promise<{ lender: Lender; events: () => string[]; last: () => { payload: unknown } }> {
  const receiver = await openReceiver();
  const lender = await openLender();
  lender.gateway.setWebhook({ url: receiver.url, secret: 'whisper' });
  return { lender, events: receiver.events, last: () => receiver.received.at(-1)! };
}

async function order(lender: Lender, receipt = 'due-1', changes: object = {}): Promise<string> {
  const sent = { amount: 100_000, currency: 'INR', receipt, ...changes };
  return (await lender.call('POST', '/orders', sent)).body.id;
}

async function paymentOf(lender: Lender, id: string): Promise<Answer['body']> {
  return (await lender.call('GET', `/payments/${id}`)).body;
}

test('a borrower pays an order: authorised, captured, and the order is paid', async () => {
  const { lender, events, last } = await told();
  const id = await order(lender);
  expect((await lender.call('GET', `/orders/${id}`)).body).toMatchObject({
    status: 'created',
    amount_due: 100_000,
  });
  const payment = lender.gateway.payBy(id);
  expect(payment).toMatchObject({ status: 'captured', amount: 100_000, fee: 2_360, tax: 360, order_id: id });
  await lender.gateway.tick();
  expect(events()).toEqual(['payment.authorized', 'payment.captured', 'order.paid']);
  expect(last().payload).toMatchObject({
    order: { entity: { status: 'paid' } },
    payment: { entity: { id: payment.id } },
  });
  expect((await lender.call('GET', `/orders/${id}/payments`)).body).toMatchObject({
    count: 1,
    items: [payment],
  });
  expect((await lender.call('GET', '/orders?receipt=due-1')).body).toMatchObject({
    count: 1,
    items: [{ id }],
  });
  expect(() => lender.gateway.payBy(id)).toThrow(RangeError);
});

test.each([
  ['amount', { amount: 99 }],
  ['currency', { currency: 'USD' }],
  ['receipt', { receipt: 'x'.repeat(41) }],
])('an order with a wrong %s is refused', async (field, changes) => {
  const lender = await openLender();
  const { status, body } = await lender.call('POST', '/orders', { amount: 100, currency: 'INR', ...changes });
  expect([status, body.error.field]).toEqual([400, field]);
});

test('an order that takes parts is paid when all of them came', async () => {
  const lender = await openLender();
  const whole = await order(lender, 'due-1');
  expect(() => lender.gateway.payBy(whole, { amount: 40_000 })).toThrow(RangeError);
  const id = await order(lender, 'due-2', { partial_payment: true });
  lender.gateway.payBy(id, { amount: 40_000 });
  expect((await lender.call('GET', `/orders/${id}`)).body).toMatchObject({
    status: 'attempted',
    amount_due: 60_000,
  });
  lender.gateway.payBy(id);
  expect((await lender.call('GET', `/orders/${id}`)).body).toMatchObject({ status: 'paid', attempts: 2 });
});

test('what is only authorised is captured by the lender, or goes back to the payer', async () => {
  const { lender, events } = await told();
  const paid = async (receipt: string) =>
    lender.gateway.payBy(await order(lender, receipt, { payment_capture: false })).id;
  const [first, second] = [await paid('due-1'), await paid('due-2')];
  const capture = (amount: number) =>
    lender.call('POST', `/payments/${first}/capture`, { amount, currency: 'INR' });
  expect((await capture(1)).body.error.field).toBe('amount');
  expect((await capture(100_000)).body).toMatchObject({ status: 'captured', fee: 2_360 });
  expect((await capture(100_000)).status).toBe(400);
  await lender.pass({ days: 3 });
  expect(await paymentOf(lender, second)).toMatchObject({ status: 'refunded', captured: false, fee: null });
  expect(events().filter((event) => event === 'payment.captured')).toHaveLength(1);
});

test('late-authorised: a payment that failed is authorised and captured days later', async () => {
  const { lender, events } = await told();
  const id = await order(lender);
  lender.gateway.script({ fault: 'late-authorised', subject: 'due-1', days: 2 });
  const failed = lender.gateway.payBy(id);
  expect(failed).toMatchObject({ status: 'failed', error_reason: 'payment_timed_out' });
  await lender.pass({ days: 2 });
  expect(await paymentOf(lender, failed.id)).toMatchObject({ status: 'captured', error_reason: null });
  expect(events()).toEqual(['payment.failed', 'payment.authorized', 'payment.captured', 'order.paid']);
});

test('payment-failed: the borrower tries again; a late yes for a paid order is not captured', async () => {
  const lender = await openLender();
  const id = await order(lender);
  lender.gateway.script(
    { fault: 'payment-failed', subject: 'due-1' },
    { fault: 'late-authorised', subject: 'due-1' },
  );
  expect(lender.gateway.payBy(id).status).toBe('failed');
  const late = lender.gateway.payBy(id);
  expect(lender.gateway.payBy(id).status).toBe('captured');
  await lender.pass({ days: 1 });
  expect((await paymentOf(lender, late.id)).status).toBe('authorized');
  await lender.pass({ days: 3 });
  expect((await paymentOf(lender, late.id)).status).toBe('refunded');
});

async function mandate(lender: Lender): Promise<{ customer_id: string; token: string }> {
  const customer = await lender.call('POST', '/customers', { name: 'Asha Rao', contact: '+919000090000' });
  const token = lender.gateway.mandate({ customer: customer.body.id, max_amount: 500_000 });
  return { customer_id: customer.body.id, token: token.id };
}

async function present(lender: Lender, receipt: string, under: object, amount = 100_000): Promise<Answer> {
  const sent = {
    ...{ email: 'asha@example.com', contact: '+919000090000', currency: 'INR', recurring: true, ...under },
    ...{ amount, order_id: await order(lender, receipt, { amount }) },
  };
  return lender.call('POST', '/payments/create/recurring', sent);
}

test('a mandate debit is presented today and known within two days: captured, bounced, or later still', async () => {
  const { lender, events } = await told();
  const under = await mandate(lender);
  lender.gateway.script({ fault: 'mandate-bounced', subject: 'due-2', reason: 'insufficient_funds' });
  lender.gateway.script({ fault: 'mandate-slow', subject: 'due-3', days: 4 });
  const ids: string[] = [];
  for (const receipt of ['due-1', 'due-2', 'due-3']) {
    const { body } = await present(lender, receipt, under);
    const signed = `${body.razorpay_order_id}|${body.razorpay_payment_id}`;
    const signature = createHmac('sha256', SANDBOX_ACCOUNT.key_secret).update(signed).digest('hex');
    expect(body.razorpay_signature).toBe(signature);
    ids.push(body.razorpay_payment_id);
  }
  const states = () => lender.gateway.payments().map(({ status }) => status);
  expect(states()).toEqual(['created', 'created', 'created']);
  await lender.pass({ days: 2 });
  expect(states()).toEqual(['captured', 'failed', 'created']);
  expect(await paymentOf(lender, ids[1]!)).toMatchObject({
    error_reason: 'insufficient_funds',
    method: 'emandate',
  });
  await lender.pass({ days: 4 });
  expect(states()).toEqual(['captured', 'failed', 'captured']);
  expect(events()).toContain('token.confirmed');
});

test('a debit beyond the mandate, under a cancelled one or somebody else’s is refused', async () => {
  const lender = await openLender();
  const under = await mandate(lender);
  expect((await present(lender, 'due-1', under, 500_100)).body.error.field).toBe('amount');
  expect((await present(lender, 'due-2', { ...under, customer_id: 'cust_0' })).body.error.field).toBe(
    'token',
  );
  lender.gateway.cancelMandate(under.token);
  expect((await present(lender, 'due-3', under)).body.error.field).toBe('token');
});

test('a refund is made once a key, takes days, and is known in parts', async () => {
  const { lender, events } = await told();
  const { id } = lender.gateway.payBy(await order(lender));
  const refund = (amount: number, key: string) =>
    lender.call('POST', `/payments/${id}/refund`, { amount }, { 'x-refund-idempotency': key });
  const first = await refund(40_000, 'refund-key-1');
  expect(first.body).toMatchObject({ status: 'pending', amount: 40_000, payment_id: id });
  expect((await refund(40_000, 'refund-key-1')).body.id).toBe(first.body.id);
  expect((await refund(40_001, 'refund-key-1')).status).toBe(400);
  expect((await refund(70_000, 'refund-key-2')).body.error.field).toBe('amount');
  expect((await refund(1_000, 'short')).status).toBe(400);
  expect(await paymentOf(lender, id)).toMatchObject({ amount_refunded: 40_000, refund_status: 'partial' });

  await lender.pass({ days: 5 });
  expect((await lender.call('GET', `/refunds/${first.body.id}`)).body.status).toBe('processed');
  await refund(60_000, 'refund-key-3');
  expect(await paymentOf(lender, id)).toMatchObject({ status: 'refunded', refund_status: 'full' });
  expect((await lender.call('GET', `/payments/${id}/refunds`)).body.count).toBe(2);
  await lender.gateway.tick();
  expect(events().filter((event) => event.startsWith('refund.'))).toEqual([
    ...['refund.created', 'refund.processed', 'refund.created'],
  ]);
});

test('refund-failed gives the payment its money back; refund-running answers 409 and has made it', async () => {
  const { lender, events } = await told();
  const { id } = lender.gateway.payBy(await order(lender));
  lender.gateway.script({ fault: 'refund-failed', subject: 'refund-1' });
  lender.gateway.script({ fault: 'refund-running', subject: 'refund-2' });
  const refund = (receipt: string) =>
    lender.call(
      'POST',
      `/payments/${id}/refund`,
      { amount: 1_000, receipt },
      { 'x-refund-idempotency': `key-of-${receipt}` },
    );
  await refund('refund-1');
  expect((await refund('refund-2')).status).toBe(409);
  expect((await refund('refund-2')).body).toMatchObject({ entity: 'refund', receipt: 'refund-2' });
  await lender.pass({ days: 5 });
  expect((await paymentOf(lender, id)).amount_refunded).toBe(1_000);
  expect(events()).toContain('refund.failed');
});

test('a dispute takes the money at once, and gives it back when it is won', async () => {
  const { lender, events } = await told();
  const { id } = lender.gateway.payBy(await order(lender));
  const dispute = lender.gateway.dispute(id, { amount: 30_000 });
  expect((await lender.call('GET', `/disputes/${dispute.id}`)).body).toMatchObject({
    ...{ status: 'open', amount_deducted: 30_000, payment_id: id },
  });
  lender.gateway.moveDispute(dispute.id, 'under_review');
  expect(lender.gateway.moveDispute(dispute.id, 'won').amount_deducted).toBe(0);
  expect(() => lender.gateway.moveDispute(dispute.id, 'lost')).toThrow(RangeError);
  await lender.gateway.tick();
  expect(events().filter((event) => event.includes('dispute'))).toEqual([
    ...['payment.dispute.created', 'payment.dispute.under_review', 'payment.dispute.won'],
  ]);
});
