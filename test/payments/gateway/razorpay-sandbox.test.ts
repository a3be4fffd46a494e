import { beforeEach, expect, test } from 'vitest';
import type { AnyPicture, Beneficiary, GatewayCall } from '../../../src/payments/gateway/gateway.ts';
import { createRazorpay } from '../../../src/payments/gateway/razorpay/razorpay.ts';
import { SANDBOX_ACCOUNT } from '../../../src/sandbox/gateway/settings.ts';
import { type Lender, openLender, openReceiver } from '../../sandbox/gateway/a-gateway.ts';

/*
 * The sandbox and the client were written from the same documentation by different hands: where one has
 * misread it, they do not understand each other.
 */

const SECRET = 'whisper';
const { key_id, key_secret, account_number } = SANDBOX_ACCOUNT;
const call: GatewayCall = {
  account: { tenant: 'acme', gateway: 'razorpay', key_id, key_secret, account_number },
  signal: new AbortController().signal,
};

const ASHA: Beneficiary = {
  ...{ id: '0199a1b2-0000-7000-8000-0000000000aa', holder: 'Asha Rao', ifsc: 'HDFC0000053' },
  ...{ account_number: '112233445566', vpa: null },
};

let lender: Lender;
let gateway: ReturnType<typeof createRazorpay>;
let receiver: Awaited<ReturnType<typeof openReceiver>>;

beforeEach(async () => {
  receiver = await openReceiver();
  const webhook = { url: receiver.url, secret: SECRET };
  lender = await openLender({ accounts: [{ ...SANDBOX_ACCOUNT, webhook }], seed: 1 });
  gateway = createRazorpay({ url: lender.url });
});

/** Every event that came, each signed, with an id, and readable. */
function told(): AnyPicture[] {
  return receiver.received.flatMap(({ raw, signature, id }) => {
    const headers = { 'x-razorpay-signature': signature, 'x-razorpay-event-id': id };
    expect(gateway.isSigned(Buffer.from(raw), headers, SECRET)).toBe(true);
    expect(gateway.eventId(headers)).toBe(id);
    return gateway.readEvent(raw).pictures;
  });
}

const of = <Of extends AnyPicture['of']>(kind: Of) =>
  told().filter((picture): picture is Extract<AnyPicture, { of: Of }> => picture.of === kind);

async function all<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const found = [];
  for await (const row of rows) found.push(row);
  return found;
}

test('a payout is made once, seen by every way there is, and stands in the statement with its fees', async () => {
  const known = await gateway.register(ASHA, call);
  expect(await gateway.register(ASHA, call)).toEqual(known);
  const order = {
    ...{ id: '0199a1b2-0000-7000-8000-000000000001', fund_account: known.fund_account, amount: '500.25' },
    ...({ currency: 'INR', mode: 'IMPS', purpose: 'disbursal', narration: 'Loan' } as const),
  };
  const request = { key: order.id, body: gateway.payoutBody(order, call.account) };
  const first = await gateway.sendPayout(request, call);
  expect(first).toMatchObject({ status: 'processing', reference: order.id, amount: '500.25' });
  expect(await gateway.sendPayout(request, call)).toMatchObject({ id: first.id });
  const other = { ...request, body: request.body.replace('50025', '50026') };
  await expect(gateway.sendPayout(other, call)).rejects.toMatchObject({ kind: 'key-conflict' });

  await lender.pass({ seconds: 10 });
  const last = await gateway.payout(first.id, call);
  expect(last).toMatchObject({ status: 'succeeded', utr: expect.any(String), fees: '5.90', tax: '0.90' });
  expect(await gateway.payoutByReference(order.id, call)).toEqual(last);
  expect(await gateway.payoutByReference('somebody-else', call)).toBeNull();
  expect(of('payout').at(-1)).toMatchObject({ id: first.id, status: 'succeeded', utr: last.utr });
  await expect(gateway.cancelPayout(first.id, call)).rejects.toMatchObject({ kind: 'rejected' });

  const day = lender.gateway.now().toISOString().slice(0, 10);
  const rows = await all(gateway.accountRows({ from: day, to: day }, call));
  expect(rows.filter(({ entity }) => entity === first.id)).toMatchObject([
    {
      kind: 'payout',
      debit: '506.15',
      credit: '0.00',
      fee: '5.90',
      tax: '0.90',
      balance: expect.any(String),
    },
  ]);
  const { available } = await gateway.balance(call);
  expect(available).toBe(rows.find(({ entity }) => entity === first.id)!.balance);
});

test('an account is checked, and the answer can be asked for later', async () => {
  const check = await gateway.checkAccount(ASHA, 'check-1', call);
  await lender.pass({ hours: 1 });
  expect(await gateway.accountCheck(check.id, call)).toMatchObject({
    ...{ id: check.id, status: 'completed', account: 'active', registered_name: expect.any(String) },
  });
});

test('a check whose answer was lost is found by our name of it, and one that was never begun is not', async () => {
  lender.gateway.script({ subject: 'check-2', fault: 'commit-then-500', call: 'validation.create' });
  lender.gateway.script({ subject: 'check-3', fault: 'error-500', call: 'validation.create' });
  const begun_at = lender.gateway.now();
  for (const reference of ['check-2', 'check-3']) {
    await expect(gateway.checkAccount(ASHA, reference, call)).rejects.toMatchObject({ kind: 'unknown' });
  }
  expect(await gateway.accountCheckByReference({ reference: 'check-2', begun_at }, call)).toMatchObject({
    ...{ reference: 'check-2', status: 'created', amount: '1.00' },
  });
  expect(await gateway.accountCheckByReference({ reference: 'check-3', begun_at }, call)).toBeNull();
});

const ORDER = { id: 'our-order', amount: '1000.50', currency: 'INR', partial: false, notes: { loan: 'L1' } };

test('a borrower pays, some of it goes back, and the settlement holds both to the paisa', async () => {
  const order = await gateway.createOrder(ORDER, call);
  expect(order).toMatchObject({ status: 'created', receipt: 'our-order', amount_paid: '0.00' });
  const { id } = lender.gateway.payBy(order.id);
  const payment = await gateway.payment(id, call);
  expect(payment).toMatchObject({ status: 'captured', order: order.id, amount: '1000.50', fee: '23.61' });
  expect(await gateway.paymentsOfOrder(order.id, call)).toEqual([payment]);
  expect(await gateway.order(order.id, call)).toMatchObject({ status: 'paid', amount_paid: '1000.50' });

  const body = gateway.refundBody({ id: 'our-refund', amount: '100.50', currency: 'INR' });
  const request = { payment: id, key: 'our-refund', body };
  const refund = await gateway.sendRefund(request, call);
  expect(refund).toMatchObject({ payment: id, receipt: 'our-refund', amount: '100.50' });
  expect(await gateway.sendRefund(request, call)).toMatchObject({ id: refund.id });
  const other = { ...request, body: body.replace('10050', '10051') };
  await expect(gateway.sendRefund(other, call)).rejects.toMatchObject({ kind: 'key-conflict' });

  await lender.pass({ days: 10 });
  expect(await gateway.refund(refund.id, call)).toMatchObject({ status: 'processed' });
  expect(of('refund').at(-1)).toMatchObject({ id: refund.id, status: 'processed' });
  expect(of('payment').find(({ status }) => status === 'captured')).toMatchObject({
    id,
    notes: payment.notes,
  });
  expect(of('order').at(-1)).toMatchObject({ id: order.id, status: 'paid' });

  const days = new Set(of('settlement').map(({ created_at }) => indianDay(created_at)));
  const rows = (await Promise.all([...days].map((day) => all(gateway.settlementRows(day, call))))).flat();
  expect(rows.find(({ entity }) => entity === id)).toMatchObject({
    ...{ kind: 'payment', credit: '976.89', amount: '1000.50', fee: '23.61', status: 'settled' },
    utr: expect.any(String),
  });
  expect(rows.find(({ entity }) => entity === refund.id)).toMatchObject({ kind: 'refund', parent: id });
});

const indianDay = (at: Date) => new Date(at.getTime() + 5.5 * 3_600_000).toISOString().slice(0, 10);

test('a payment that was only authorized is captured; one that failed says why', async () => {
  const [first, second] = [
    await gateway.createOrder(ORDER, call),
    await gateway.createOrder({ ...ORDER, id: 'our-other-order' }, call),
  ];
  const { id } = lender.gateway.payBy(first.id, { outcome: 'authorized' });
  const captured = await gateway.capture({ id, amount: '1000.50', currency: 'INR' }, call);
  expect(captured).toMatchObject({ id, status: 'captured' });
  const failed = lender.gateway.payBy(second.id, { outcome: 'failed', reason: 'insufficient_balance' });
  expect(await gateway.payment(failed.id, call)).toMatchObject({
    ...{ status: 'failed', fee: null, error: { code: 'insufficient_balance' } },
  });
});

test('a dispute is told of, and can be asked for', async () => {
  const order = await gateway.createOrder(ORDER, call);
  const payment = lender.gateway.payBy(order.id);
  const { id } = lender.gateway.dispute(payment.id);
  for (const [theirs, ours] of [
    ['under_review', 'under-review'],
    ['lost', 'lost'],
  ] as const) {
    lender.gateway.moveDispute(id, theirs);
    expect(await gateway.dispute(id, call)).toMatchObject({ payment: payment.id, status: ours });
  }
  await lender.gateway.tick();
  expect(of('dispute').map(({ status }) => status)).toEqual(['open', 'under-review', 'lost']);
});

test('a mandate is presented for an order, and what became of it is a payment of that order', async () => {
  const made = await lender.call('POST', '/customers', { name: 'Asha Rao', email: 'asha@example.com' });
  const token = lender.gateway.mandate({ customer: made.body.id });
  const order = await gateway.createOrder(ORDER, call);
  const id = await gateway.debitMandate(
    {
      ...{ order: order.id, amount: '1000.50', currency: 'INR', customer: made.body.id, token: token.id },
      ...{ email: 'asha@example.com', phone: '+919876543210', description: 'Instalment 1' },
    },
    call,
  );
  expect(await gateway.payment(id, call)).toMatchObject({ status: 'created', order: order.id });
  await lender.pass({ days: 3 });
  expect(await gateway.paymentsOfOrder(order.id, call)).toMatchObject([{ id, status: 'captured' }]);
});

test('the faults of the sandbox are the failures that they are meant to be', async () => {
  const faults = {
    ...{ 'commit-then-500': 'unknown', 'commit-then-hang': 'unknown', 'commit-then-reset': 'unknown' },
    ...{ 'commit-then-garbage': 'unknown', 'error-500': 'unknown', reset: 'unknown' },
    ...{ 'rate-limited': 'busy', 'rate-limited-bare': 'busy', 'key-mismatch': 'key-conflict' },
  };
  const { fund_account } = await gateway.register(ASHA, call);
  for (const [index, [fault, kind]] of Object.entries(faults).entries()) {
    const order = {
      ...{ id: `ours-${index}`, fund_account, amount: '500.00', currency: 'INR', narration: 'Loan' },
      ...({ mode: 'IMPS', purpose: 'withdrawal' } as const),
    };
    lender.gateway.script({ fault, subject: order.id } as never);
    const request = { key: order.id, body: gateway.payoutBody(order, call.account) };
    await expect(gateway.sendPayout(request, call), fault).rejects.toMatchObject({ kind });
    expect(await gateway.sendPayout(request, call), fault).toMatchObject({ reference: order.id });
  }
  expect(lender.gateway.paidOut()).toHaveLength(Object.keys(faults).length);
});
