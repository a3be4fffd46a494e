import { expect, test } from 'vitest';
import { BASIC, type Change, call, razorpay } from './razorpay-server.ts';

const order = (change: Change = {}) => ({
  ...{ amount: 100_050, amount_due: 100_050, amount_paid: 0, attempts: 0, created_at: 1_756_455_561 },
  ...{ currency: 'INR', entity: 'order', id: 'order_RB58MiP5SPFYyM', notes: { loan: 'L1' }, offer_id: null },
  ...{ receipt: 'our-order', status: 'created' },
  ...change,
});

const payment = (change: Change = {}) => ({
  ...{ id: 'pay_29QQoUBi66xm2f', entity: 'payment', amount: 100_050, currency: 'INR', status: 'captured' },
  ...{ order_id: 'order_RB58MiP5SPFYyM', method: 'upi', amount_refunded: 0, notes: [], fee: 2_360, tax: 360 },
  ...{ error_code: null, error_description: null, error_reason: null, created_at: 1_756_455_600 },
  ...change,
});

const refund = (change: Change = {}) => ({
  ...{ id: 'rfnd_FP8QHiV938haTz', entity: 'refund', amount: 50_010, receipt: 'our-refund', currency: 'INR' },
  ...{ payment_id: 'pay_29QQoUBi66xm2f', notes: {}, acquirer_data: { arn: null }, created_at: 1_597_078_866 },
  ...{ batch_id: null, status: 'processed', speed_processed: 'normal', speed_requested: 'normal' },
  ...change,
});

test('an order is made for a sum in paise, captured by itself when it is paid', async () => {
  const { asked, gateway } = await razorpay([{ json: order() }, { json: order({ status: 'attempted' }) }]);
  const wanted = { id: 'our-order', amount: '1000.50', currency: 'INR', notes: { loan: 'L1' } };
  expect(await gateway.createOrder({ ...wanted, partial: false }, call())).toEqual({
    ...{ of: 'order', id: 'order_RB58MiP5SPFYyM', receipt: 'our-order', status: 'created' },
    ...{ amount: '1000.50', amount_paid: '0.00', currency: 'INR' },
    created_at: new Date(1_756_455_561_000),
  });
  await gateway.createOrder({ ...wanted, partial: true }, call());
  const sent = '{"amount":100050,"currency":"INR","receipt":"our-order","payment_capture":true,';
  expect(asked).toMatchObject([
    { method: 'POST', path: '/v1/orders', body: `${sent}"notes":{"loan":"L1"}}` },
    { path: '/v1/orders', body: `${sent}"partial_payment":true,"notes":{"loan":"L1"}}` },
  ]);
  expect(asked[0]!.headers).toMatchObject({ authorization: BASIC, 'content-type': 'application/json' });
});

test('orders, their payments, payments, refunds and disputes are fetched by their ids', async () => {
  const dispute = {
    ...{ id: 'disp_1', entity: 'dispute', payment_id: 'pay_29QQoUBi66xm2f', amount: 10_000, currency: 'INR' },
    ...{ reason_code: 'chargeback', respond_by: 1_590_604_200, status: 'lost', created_at: 1_590_059_211 },
  };
  const { asked, gateway } = await razorpay([
    { json: order({ status: 'paid', amount_paid: 100_050 }) },
    { json: { entity: 'collection', count: 2, items: [payment({ status: 'failed' }), payment()] } },
    { json: payment({ status: 'refunded', amount_refunded: 100_050 }) },
    { json: refund() },
    { json: dispute },
  ]);
  expect(await gateway.order('order_1', call())).toMatchObject({ status: 'paid', amount_paid: '1000.50' });
  expect(await gateway.paymentsOfOrder('order_1', call())).toMatchObject([
    { status: 'failed' },
    { status: 'captured', fee: '23.60', tax: '3.60' },
  ]);
  expect(await gateway.payment('pay_1', call())).toMatchObject({
    status: 'refunded',
    amount_refunded: '1000.50',
  });
  expect(await gateway.refund('rfnd_1', call())).toMatchObject({ amount: '500.10', receipt: 'our-refund' });
  expect(await gateway.dispute('disp/1', call())).toMatchObject({ status: 'lost', amount: '100.00' });
  expect(asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'GET /v1/orders/order_1',
    'GET /v1/orders/order_1/payments',
    'GET /v1/payments/pay_1',
    'GET /v1/refunds/rfnd_1',
    'GET /v1/disputes/disp%2F1',
  ]);
});

test('a payment that was only authorized is captured in full', async () => {
  const { asked, gateway } = await razorpay([{ json: payment() }]);
  const picture = await gateway.capture({ id: 'pay_1', amount: '1000.50', currency: 'INR' }, call());
  expect(picture).toMatchObject({ of: 'payment', status: 'captured' });
  expect(asked).toMatchObject([
    { method: 'POST', path: '/v1/payments/pay_1/capture', body: '{"amount":100050,"currency":"INR"}' },
  ]);
});

test('a mandate is presented for an order, and the payment that it tries comes back', async () => {
  const { asked, gateway } = await razorpay([{ json: { razorpay_payment_id: 'pay_1Aa00000000001' } }]);
  const debit = {
    ...{ order: 'order_1', amount: '4584.00', currency: 'INR', customer: 'cust_1', token: 'token_1' },
    ...{ email: 'asha@example.com', phone: '+919876543210', description: 'Instalment 3' },
  };
  expect(await gateway.debitMandate(debit, call())).toBe('pay_1Aa00000000001');
  expect(asked[0]).toMatchObject({ method: 'POST', path: '/v1/payments/create/recurring' });
  expect(JSON.parse(asked[0]!.body)).toEqual({
    ...{ email: 'asha@example.com', contact: '+919876543210', amount: 458_400, currency: 'INR' },
    ...{ order_id: 'order_1', customer_id: 'cust_1', token: 'token_1', recurring: true },
    description: 'Instalment 3',
  });
});

test('a refund is asked for with exactly the stored bytes and the key', async () => {
  const { asked, gateway } = await razorpay([{ json: refund({ status: 'pending' }) }]);
  const body = gateway.refundBody({ id: 'our-refund', amount: '500.10', currency: 'INR' });
  expect(body).toBe(
    '{"amount":50010,"speed":"normal","receipt":"our-refund","notes":{"refund":"our-refund"}}',
  );
  const request = { payment: 'pay_29QQoUBi66xm2f', key: 'our-refund', body };
  expect(await gateway.sendRefund(request, call())).toEqual({
    ...{ of: 'refund', id: 'rfnd_FP8QHiV938haTz', payment: 'pay_29QQoUBi66xm2f', receipt: 'our-refund' },
    ...{ status: 'pending', amount: '500.10', currency: 'INR', created_at: new Date(1_597_078_866_000) },
  });
  expect(asked[0]).toMatchObject({ method: 'POST', path: '/v1/payments/pay_29QQoUBi66xm2f/refund', body });
  expect(asked[0]!.headers).toMatchObject({ 'x-refund-idempotency': 'our-refund' });
  await expect(gateway.sendRefund({ ...request, key: 'short' }, call())).rejects.toThrow(RangeError);
  expect(asked).toHaveLength(1);
});
