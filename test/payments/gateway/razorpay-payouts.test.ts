import { expect, test } from 'vitest';
import type { PayoutOrder } from '../../../src/payments/gateway/gateway.ts';
import { ACCOUNT, BASIC, call, PAYOUT_ID, payoutEntity, razorpay } from './razorpay-server.ts';

const ORDER: PayoutOrder = {
  id: PAYOUT_ID,
  fund_account: 'fa_00000000000001',
  amount: '10000.50',
  currency: 'INR',
  mode: 'IMPS',
  purpose: 'disbursal',
  narration: 'Acme Loan',
};

const BODY =
  '{"account_number":"7878780080316316","fund_account_id":"fa_00000000000001","amount":1000050,' +
  '"currency":"INR","mode":"IMPS","purpose":"payout","queue_if_low_balance":true,' +
  `"reference_id":"${PAYOUT_ID}","narration":"Acme Loan","notes":{"payout":"${PAYOUT_ID}"}}`;

test('a payout is asked for with exactly the stored bytes and the key, once', async () => {
  const { asked, gateway } = await razorpay([{ json: payoutEntity() }]);
  const body = gateway.payoutBody(ORDER, ACCOUNT);
  expect(body).toBe(BODY);

  const picture = await gateway.sendPayout({ key: PAYOUT_ID, body }, call());
  expect(asked).toHaveLength(1);
  expect(asked[0]).toMatchObject({ method: 'POST', path: '/v1/payouts', body: BODY });
  expect(asked[0]!.headers).toMatchObject({
    authorization: BASIC,
    'content-type': 'application/json',
    'x-payout-idempotency': PAYOUT_ID,
  });
  expect(picture).toEqual({
    of: 'payout',
    id: 'pout_00000000000001',
    reference: PAYOUT_ID,
    status: 'processing',
    amount: '10000.50',
    currency: 'INR',
    mode: 'IMPS',
    fees: '5.90',
    tax: '0.90',
    utr: null,
    reason: null,
    created_at: new Date(1_545_383_037_000),
  });
});

test('a body holds only what banks pass on, in paise, and no sum that cannot be paid', async () => {
  const { gateway } = await razorpay([{}]);
  const bodyOf = (change: Partial<PayoutOrder>) =>
    JSON.parse(gateway.payoutBody({ ...ORDER, ...change }, ACCOUNT));
  expect(bodyOf({ narration: 'Ácme & Söhne: loan №7/2026 of a very long name' }).narration).toBe(
    'Acme Sohne loan No7 2026 of a',
  );
  expect(bodyOf({ narration: '…' })).not.toHaveProperty('narration');
  expect(bodyOf({ purpose: 'withdrawal' }).purpose).toBe('refund');
  expect(bodyOf({ amount: '0.29' }).amount).toBe(29);
  expect(bodyOf({ amount: '90071992547409.91' }).amount).toBe(Number.MAX_SAFE_INTEGER);
  for (const change of [
    { amount: '0.00' },
    { amount: '0.005' },
    { amount: '-1.00' },
    { amount: '90071992547409.92' },
    { currency: 'JPY' },
    { id: 'x'.repeat(41) },
  ]) {
    expect(() => bodyOf(change), JSON.stringify(change)).toThrow(RangeError);
  }
});

test('every state of a payout has its own name here', async () => {
  const states = {
    ...{ pending: 'pending', queued: 'queued', scheduled: 'scheduled', processing: 'processing' },
    ...{ processed: 'succeeded', reversed: 'reversed', failed: 'failed', cancelled: 'cancelled' },
    rejected: 'rejected',
  };
  const { gateway } = await razorpay(
    Object.keys(states).map((status) => ({ json: payoutEntity({ status }) })),
  );
  for (const ours of Object.values(states)) {
    expect(await gateway.payout('pout_00000000000001', call())).toMatchObject({ status: ours });
  }
});

test('no fee is known of what is not under way', async () => {
  const { gateway } = await razorpay([
    { json: payoutEntity({ status: 'queued', fees: 0, tax: 0 }) },
    { json: payoutEntity({ status: 'processed', fees: 0, tax: 0, utr: '523223155921' }) },
  ]);
  expect(await gateway.payout('pout_1', call())).toMatchObject({ fees: null, tax: null });
  expect(await gateway.payout('pout_1', call())).toMatchObject({
    fees: '0.00',
    tax: '0.00',
    utr: '523223155921',
  });
});

test('why a payout failed says what may be done about it', async () => {
  const reasons = {
    ...{ bank_account_closed: 'other-account', bank_account_frozen: 'other-account' },
    ...{ bank_account_invalid: 'other-account', beneficiary_account_dormant: 'other-account' },
    ...{ beneficiary_account_invalid: 'other-account', invalid_beneficiary: 'other-account' },
    ...{ beneficiary_bank_rejected: 'other-account', transaction_limit_exceeded: 'other-account' },
    ...{ invalid_ifsc_code: 'other-account', beneficiary_vpa_invalid: 'other-account' },
    ...{ beneficiary_bank_failure: 'pay-again', beneficiary_bank_offline: 'pay-again' },
    ...{ beneficiary_bank_technical_error: 'pay-again', beneficiary_psp_offline: 'pay-again' },
    ...{ npci_beneficiary_timeout: 'pay-again', gateway_down: 'pay-again' },
    ...{ gateway_technical_error: 'pay-again', gateway_timeout: 'pay-again' },
    ...{ server_error_temporary: 'pay-again', amount_limit_exhausted_neft: 'pay-again' },
    ...{ insufficient_funds: 'fund-account', imps_not_allowed: 'none', server_error: 'none' },
    ...{ low_balance: 'none', payout_processed: 'none', invented_tomorrow: 'none' },
  };
  const details = (reason: string) => ({ description: `It is ${reason}.`, source: 'business', reason });
  const { gateway } = await razorpay(
    Object.keys(reasons).map((reason) => ({
      json: payoutEntity({ status: 'failed', status_details: details(reason) }),
    })),
  );
  for (const [code, remedy] of Object.entries(reasons)) {
    const { reason } = await gateway.payout('pout_1', call());
    expect(reason).toEqual({ code, message: `It is ${code}.`, remedy });
  }
});

test('older answers tell the reason elsewhere, and the words of any hide what is personal', async () => {
  const NA = { source: null, reason: null, description: null, code: 'NA', step: 'NA', metadata: {} };
  const { gateway } = await razorpay([
    {
      json: payoutEntity({ status: 'failed', error: { ...NA, reason: 'gateway_down', description: 'Down' } }),
    },
    { json: payoutEntity({ status: 'failed', failure_reason: 'IMPS is not enabled', error: NA }) },
    { json: payoutEntity({ status: 'processed', failure_reason: null, error: NA }) },
    {
      json: payoutEntity({
        status_details: {
          reason: 'bank_window_closed',
          description: 'Ask a.b@bank.in of 76543 21234 56789.',
        },
      }),
    },
  ]);
  const reason = async () => (await gateway.payout('pout_1', call())).reason;
  expect(await reason()).toEqual({ code: 'gateway_down', message: 'Down', remedy: 'pay-again' });
  expect(await reason()).toEqual({ code: 'unnamed', message: 'IMPS is not enabled', remedy: 'none' });
  expect(await reason()).toBeNull();
  expect(await reason()).toMatchObject({ message: 'Ask … of ….' });
});

test('a payout is looked up by our id of it', async () => {
  const others = payoutEntity({ id: 'pout_2', reference_id: 'somebody-else' });
  const list = (...items: unknown[]) => ({ json: { entity: 'collection', count: items.length, items } });
  const { asked, gateway } = await razorpay([
    list(payoutEntity()),
    list(),
    list(others),
    list(payoutEntity(), payoutEntity({ id: 'pout_3' })),
  ]);
  expect(await gateway.payoutByReference(PAYOUT_ID, call())).toMatchObject({ id: 'pout_00000000000001' });
  expect(asked[0]).toMatchObject({
    method: 'GET',
    path: `/v1/payouts?account_number=7878780080316316&reference_id=${PAYOUT_ID}&count=10`,
    body: '',
  });
  expect(await gateway.payoutByReference(PAYOUT_ID, call())).toBeNull();
  expect(await gateway.payoutByReference(PAYOUT_ID, call()), 'a list that was not narrowed').toBeNull();
  await expect(gateway.payoutByReference(PAYOUT_ID, call())).rejects.toMatchObject({
    kind: 'unknown',
    code: 'several-of-reference',
  });
});

test('a payout is fetched and cancelled by the gateway’s id', async () => {
  const { asked, gateway } = await razorpay([
    { json: payoutEntity() },
    { json: payoutEntity({ status: 'cancelled' }) },
  ]);
  await gateway.payout('pout_00000000000001', call());
  expect(await gateway.cancelPayout('pout_00000000000001', call())).toMatchObject({ status: 'cancelled' });
  expect(asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'GET /v1/payouts/pout_00000000000001',
    'POST /v1/payouts/pout_00000000000001/cancel',
  ]);
});

test('a payout that failed at once is a payout, whatever the status it comes under', async () => {
  const failed = payoutEntity({
    status: 'failed',
    error: { reason: 'insufficient_funds', description: 'No money' },
  });
  const { gateway } = await razorpay([{ json: failed }, { status: 400, json: failed }]);
  for (let answer = 0; answer < 2; answer += 1) {
    expect(await gateway.sendPayout({ key: PAYOUT_ID, body: BODY }, call())).toMatchObject({
      status: 'failed',
      reason: { code: 'insufficient_funds', remedy: 'fund-account' },
    });
  }
});

test('an answer about another payout than the one asked for is no answer', async () => {
  const { gateway } = await razorpay([{ json: payoutEntity({ reference_id: 'somebody-else' }) }]);
  await expect(gateway.sendPayout({ key: PAYOUT_ID, body: BODY }, call())).rejects.toMatchObject({
    kind: 'unknown',
    code: 'other-payout',
  });
});
