import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { createRazorpay } from '../../../src/payments/gateway/razorpay/razorpay.ts';
import { type Change, PAYOUT_ID, payoutEntity } from './razorpay-server.ts';

const gateway = createRazorpay();
const SECRET = 'webhook-secret';
const sign = (body: string, secret = SECRET) => createHmac('sha256', secret).update(body).digest('hex');

/** An event as it comes, of the objects given by their names. */
const event = (type: string, entities: Record<string, Change>, change: Change = {}) =>
  JSON.stringify({
    ...{ entity: 'event', account_id: 'acc_BFQ7uQEaa7j2z7', event: type, contains: Object.keys(entities) },
    payload: Object.fromEntries(Object.entries(entities).map(([name, entity]) => [name, { entity }])),
    created_at: 1_567_674_606,
    ...change,
  });

const payment = (change: Change = {}): Change => ({
  ...{ id: 'pay_DESlfW9H8K9uqM', entity: 'payment', amount: 100_050, currency: 'INR', status: 'captured' },
  ...{ order_id: 'order_DESlLckIVRkHWj', invoice_id: null, international: false, method: 'netbanking' },
  ...{ amount_refunded: 0, refund_status: null, captured: true, description: null, card_id: null },
  ...{ bank: 'HDFC', wallet: null, vpa: null, email: 'gaurav@example.com', contact: '+919876543210' },
  ...{ notes: [], fee: 2_360, tax: 360, error_code: null, error_description: null, error_source: null },
  ...{ error_step: null, error_reason: null, acquirer_data: { bank_transaction_id: '0125836177' } },
  created_at: 1_567_674_599,
  ...change,
});

const refund: Change = {
  ...{ id: 'rfnd_FS8TWyPrCsa0OB', entity: 'refund', amount: 50_000, currency: 'INR', receipt: 'ours' },
  ...{ payment_id: 'pay_DESlfW9H8K9uqM', notes: [], acquirer_data: { arn: null }, batch_id: null },
  ...{ created_at: 1_597_734_071, status: 'processed', speed_processed: 'normal', speed_requested: 'normal' },
};

const dispute: Change = {
  ...{ id: 'disp_AHfqOvkldwsbqt', entity: 'dispute', payment_id: 'pay_DESlfW9H8K9uqM', amount: 10_000 },
  ...{ currency: 'INR', amount_deducted: 0, reason_code: 'chargeback', respond_by: 1_590_604_200 },
  ...{ status: 'under_review', phase: 'chargeback', created_at: 1_590_059_211 },
};

test('exactly the bytes that were signed are good, with the secret that signed them', () => {
  const body = event('payout.processed', { payout: payoutEntity() });
  const isSigned = (signature: string | string[] | undefined, bytes = body, secret = SECRET) =>
    gateway.isSigned(Buffer.from(bytes), { 'x-razorpay-signature': signature }, secret);
  expect(isSigned(sign(body))).toBe(true);
  expect(isSigned(sign(body, 'former')), 'the former secret').toBe(false);
  expect(isSigned(sign(body, 'former'), body, 'former')).toBe(true);
  expect(isSigned(sign(body), `${body} `)).toBe(false);
  expect(isSigned(sign(body), JSON.stringify(JSON.parse(body), null, 1))).toBe(false);
  expect(isSigned(sign(body).toUpperCase())).toBe(false);
  const other = sign(body).replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
  expect(isSigned(other), 'one digit off').toBe(false);
  for (const none of [undefined, '', sign(body).slice(1), `${sign(body)}00`, 'ü'.repeat(64), [sign(body)]]) {
    expect(isSigned(none), String(none)).toBe(false);
  }
  const nothing = createHmac('sha256', SECRET).update('').digest('hex');
  expect(gateway.isSigned(Buffer.alloc(0), { 'x-razorpay-signature': nothing }, SECRET)).toBe(true);
  expect(gateway.isSigned(Buffer.alloc(0), { 'x-razorpay-signature': '0'.repeat(64) }, SECRET)).toBe(false);
});

test('an event has the id that its header tells', () => {
  const id = (given: string | string[] | undefined) => gateway.eventId({ 'x-razorpay-event-id': given });
  expect(id('DESlLckIVRkHWj')).toBe('DESlLckIVRkHWj');
  for (const none of [undefined, '', 'x'.repeat(201), ['a', 'b']]) expect(id(none)).toBeNull();
});

test.each(['pending', 'rejected', 'queued', 'initiated', 'processed', 'updated', 'reversed', 'failed'])(
  'payout.%s shows the payout as it stood',
  (word) => {
    const entity = {
      ...payoutEntity({ status: 'processed', utr: '933815233814' }),
      debit_account_number: '1',
    };
    expect(gateway.readEvent(event(`payout.${word}`, { payout: entity }))).toEqual({
      type: `payout.${word}`,
      at: new Date(1_567_674_606_000),
      pictures: [expect.objectContaining({ of: 'payout', status: 'succeeded', reference: PAYOUT_ID })],
    });
  },
);

test('a payment shows what it cost, and why it failed', () => {
  const pictureOf = (type: string, change: Change) =>
    gateway.readEvent(event(type, { payment: payment(change) })).pictures[0];
  expect(pictureOf('payment.captured', { notes: { loan: 'L1', n: 7 } })).toEqual({
    of: 'payment',
    id: 'pay_DESlfW9H8K9uqM',
    order: 'order_DESlLckIVRkHWj',
    status: 'captured',
    amount: '1000.50',
    amount_refunded: '0.00',
    currency: 'INR',
    method: 'netbanking',
    fee: '23.60',
    tax: '3.60',
    error: null,
    notes: { loan: 'L1', n: '7' },
    created_at: new Date(1_567_674_599_000),
  });
  expect(
    pictureOf('payment.failed', {
      ...{ status: 'failed', fee: null, tax: null, error_code: 'BAD_REQUEST_ERROR' },
      ...{ error_description: 'Payment failed', error_reason: 'insufficient_balance' },
    }),
  ).toMatchObject({
    fee: null,
    notes: {},
    error: { code: 'insufficient_balance', message: 'Payment failed' },
  });
  expect(pictureOf('payment.authorized', { error_code: '', error_description: '' })).toMatchObject({
    error: null,
  });
  const { vpa: _, ...withoutVpa } = payment({ notes: null });
  expect(gateway.readEvent(event('payment.failed', { payment: withoutVpa })).pictures).toHaveLength(1);
});

test('what an event carries along is shown as well', () => {
  const order: Change = {
    ...{ id: 'order_DESlLckIVRkHWj', entity: 'order', amount: 100_050, amount_paid: 100_050, amount_due: 0 },
    ...{ currency: 'INR', receipt: 'our-order', offer_id: null, status: 'paid', attempts: 1, notes: [] },
    created_at: 1_567_674_590,
  };
  expect(gateway.readEvent(event('order.paid', { payment: payment(), order })).pictures).toMatchObject([
    { of: 'order', status: 'paid', receipt: 'our-order', amount_paid: '1000.50' },
    { of: 'payment', status: 'captured' },
  ]);
  expect(gateway.readEvent(event('refund.processed', { refund, payment: payment() })).pictures).toMatchObject(
    [
      { of: 'payment' },
      { of: 'refund', payment: 'pay_DESlfW9H8K9uqM', receipt: 'ours', status: 'processed', amount: '500.00' },
    ],
  );
  const disputed = event('payment.dispute.under_review', { payment: payment(), dispute });
  expect(gateway.readEvent(disputed).pictures).toMatchObject([
    { of: 'payment' },
    {
      ...{ of: 'dispute', status: 'under-review', amount: '100.00', reason: 'chargeback' },
      respond_by: new Date(1_590_604_200_000),
    },
  ]);
});

test('a settlement shows what was kept back of it', () => {
  const settlement: Change = {
    ...{ id: 'setl_DGlQ1Rj8os78Ec', entity: 'settlement', amount: 97_100, status: 'processed' },
    ...{ fees: 2_900, tax: 442, utr: '1568176960vxp0rj', created_at: 1_568_176_960 },
  };
  expect(gateway.readEvent(event('settlement.processed', { settlement })).pictures).toEqual([
    {
      ...{ of: 'settlement', id: 'setl_DGlQ1Rj8os78Ec', status: 'processed', currency: 'INR' },
      ...{ amount: '971.00', fees: '29.00', tax: '4.42', utr: '1568176960vxp0rj' },
      created_at: new Date(1_568_176_960_000),
    },
  ]);
});

test('a line of our account shows the payout that it is about, where it is about one', () => {
  const source: Change = {
    ...{ id: 'pout_1Aa00000000001', entity: 'payout', fund_account_id: 'fa_1Aa00000000001', amount: 100 },
    ...{ notes: [], fees: 118, tax: 18, status: 'processing', utr: null, mode: 'IMPS' },
    created_at: 1_565_343_608,
  };
  const transaction = (of: Change): Change => ({
    ...{ id: 'txn_1Aa00000000001', entity: 'transaction', account_number: '7878780080749731', amount: 218 },
    ...{ currency: 'INR', credit: 0, debit: 218, balance: 4_242, source: of, created_at: 1_565_343_678 },
  });
  const picturesOf = (of: Change) =>
    gateway.readEvent(event('transaction.created', { transaction: transaction(of) })).pictures;
  expect(picturesOf(source)).toMatchObject([
    {
      of: 'payout',
      id: 'pout_1Aa00000000001',
      reference: null,
      status: 'processing',
      fees: '1.18',
      tax: '0.18',
    },
  ]);
  const transfer = { id: 'bt_1', entity: 'bank_transfer', payer_name: 'Saurav Kumar', amount: 100 };
  for (const other of [transfer, { ...source, entity: 'reversal' }, { id: 'pout_1', entity: 'payout' }]) {
    expect(picturesOf(other)).toEqual([]);
  }
});

test('an event that we know nothing of is an event without pictures', () => {
  const downtime = {
    'payout.downtime': { id: 'poutdown_1', entity: 'payout.downtime', begin: 1_610_430_729 },
  };
  const unknown = [
    event('payout.downtime.started', downtime),
    event('payment.downtime.updated', { 'payment.downtime': {} }),
    event('subscription.charged', { payment: payment() }),
    event('payment_link.paid', { payment: payment(), order: {} }),
    event('payout_link.pending', { payout_link: {} }),
    event('invented.tomorrow', {}),
  ];
  for (const body of unknown) expect(gateway.readEvent(body).pictures).toEqual([]);
  const undated = event('payout.downtime.resolved', downtime, { created_at: undefined });
  expect(gateway.readEvent(undated)).toMatchObject({ at: new Date(0), pictures: [] });
});

test('what is no event, or no longer the object that we know, is refused without quoting it', () => {
  const good = event('payout.failed', { payout: payoutEntity() });
  const broken = [
    good.replace('"status_details":null,', '"status_details":{"reason":"Asha"} '),
    '',
    'null',
    '[]',
    '{"entity":"Asha"}',
    event('payout.failed', { payout: payoutEntity({ amount: 'Asha' }) }),
    event('payout.failed', { payout: payoutEntity({ status: 'Asha' }) }),
    event('payment.captured', { payment: payment({ amount: 10.5 }) }),
  ];
  for (const body of broken) {
    const read = () => gateway.readEvent(body);
    expect(read, body).toThrow(SyntaxError);
    expect(read).not.toThrow(/Asha/);
  }
});
