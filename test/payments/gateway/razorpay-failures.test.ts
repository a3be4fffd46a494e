import { expect, test } from 'vitest';
import type { GatewayError } from '../../../src/payments/gateway/errors.ts';
import type { Gateway } from '../../../src/payments/gateway/gateway.ts';
import { createRazorpay } from '../../../src/payments/gateway/razorpay/razorpay.ts';
import { closedPort } from '../../support/answering.ts';
import { call, PAYOUT_ID, payoutEntity, type Reply, razorpay, refusal } from './razorpay-server.ts';

const pay = (gateway: Gateway, signal?: AbortSignal) =>
  gateway.sendPayout({ key: PAYOUT_ID, body: `{"reference_id":"${PAYOUT_ID}"}` }, call(signal));

const failureOf = (asked: Promise<unknown>): Promise<GatewayError> =>
  asked.then(
    () => Promise.reject(new Error('It did not fail.')),
    (error) => error,
  );

const invalid = refusal('The account number field is required', { field: 'account_number' });
const otherBody = refusal('Different request body sent for the same Idempotency Header.');
const otherRefund = refusal('Different request with the same idempotency key has already been processed.', {
  ...{ source: 'NA', step: 'NA', reason: 'NA' },
});
const running = refusal('Another request with the same idempotency key is still in progress.', {
  reason: 'NA',
});
const html = { headers: { 'content-type': 'text/html' }, text: '<html>Bad gateway</html>' };

const ANSWERS: [what: string, reply: Reply, kind: GatewayError['kind'], more?: Partial<GatewayError>][] = [
  ['a refusal', { status: 400, json: invalid }, 'rejected', { code: 'input_validation_failed', status: 400 }],
  ['a refusal of a field', { status: 400, json: invalid }, 'rejected', { field: 'account_number' }],
  [
    'a refusal without a reason',
    { status: 400, json: refusal('No', { reason: 'NA' }) },
    'rejected',
    { code: 'BAD_REQUEST_ERROR' },
  ],
  ['not found', { status: 404, json: refusal('The id provided does not exist') }, 'rejected'],
  ['unprocessable', { status: 422, json: refusal('No') }, 'rejected'],
  ['the key with another body', { status: 400, json: otherBody }, 'key-conflict', { code: 'key-conflict' }],
  ['a refund’s key with another body', { status: 400, json: otherRefund }, 'key-conflict'],
  ['the same under 409', { status: 409, json: otherRefund }, 'key-conflict'],
  ['an earlier one still running', { status: 409, json: running }, 'busy'],
  [
    'too many',
    { status: 429, headers: { 'retry-after': '7' }, json: refusal('Slow down') },
    'busy',
    { after_ms: 7_000 },
  ],
  [
    'too many, for a day',
    { status: 429, headers: { 'retry-after': '86400' }, text: '' },
    'busy',
    { after_ms: 300_000 },
  ],
  ['too many, unexplained', { status: 429, ...html }, 'busy', { after_ms: undefined }],
  [
    'a wrong key',
    { status: 401, json: refusal('Authentication failed') },
    'locked-out',
    { code: 'http-401' },
  ],
  ['a firewall', { status: 403, ...html }, 'locked-out'],
  ['a wrong key under 400', { status: 400, json: refusal('Authentication failed') }, 'locked-out'],
  [
    'an expired key under 400',
    { status: 400, json: refusal('The API key provided is invalid.') },
    'locked-out',
  ],
  [
    'a strange address',
    { status: 400, json: refusal('Transactions from this IP are not allowed. Contact support for help.') },
    'locked-out',
  ],
  [
    'trouble of theirs',
    { status: 500, json: refusal('We are facing some trouble', { code: 'SERVER_ERROR' }) },
    'unknown',
    { code: 'http-500', status: 500 },
  ],
  ['trouble behind them', { status: 502, ...html }, 'unknown', { code: 'http-502' }],
  ['too late for a proxy', { status: 504, text: '' }, 'unknown'],
  ['too slow for a proxy', { status: 408, json: refusal('Timeout') }, 'unknown'],
  [
    'their trouble under 400',
    { status: 400, json: refusal('Sorry', { code: 'GATEWAY_ERROR' }) },
    'unknown',
    { code: 'GATEWAY_ERROR' },
  ],
  ['a refusal that nobody can read', { status: 400, ...html }, 'unknown'],
  ['200 that nobody can read', { text: '{"id":"pout_1",' }, 'unknown', { code: 'unreadable', status: 200 }],
  ['200 without a body', { text: '' }, 'unknown'],
  ['200 with an error', { json: invalid }, 'unknown'],
  [
    'a state nobody knows',
    { json: payoutEntity({ status: 'teleported' }) },
    'unknown',
    { code: 'unreadable' },
  ],
  ['half a paisa', { json: payoutEntity({ amount: 1_000.5 }) }, 'unknown'],
  ['an amount in words', { json: payoutEntity({ amount: '1000050' }) }, 'unknown'],
  ['an amount below zero', { json: payoutEntity({ amount: -1 }) }, 'unknown'],
  [
    'an answer without end',
    { text: `"${'x'.repeat(16 * 1024 * 1024)}"` },
    'unknown',
    { code: 'answer-too-long' },
  ],
  ['a redirect', { status: 307, headers: { location: '/v1/elsewhere' }, text: '' }, 'unknown'],
  ['a reset', (request) => request.socket.resetAndDestroy(), 'unknown', { code: 'ECONNRESET' }],
  ['a connection closed', (request) => request.socket.destroy(), 'unknown', { code: 'UND_ERR_SOCKET' }],
  [
    'an answer broken off',
    (request, response) => {
      response.writeHead(200, { 'content-length': '1000' }).write('{"id":');
      setImmediate(() => request.socket.destroy());
    },
    'unknown',
  ],
];

test.each(ANSWERS)('%s', async (_, reply, kind, more = {}) => {
  const { asked, gateway } = await razorpay([reply]);
  const failure = await failureOf(pay(gateway));
  expect(failure).toMatchObject({ name: 'GatewayError', kind, ...more });
  expect(asked, 'nothing is sent twice').toHaveLength(1);
});

test.each([401, 408, 425, 500, 503])('%i is not tried again by anything below us', async (status) => {
  const { asked, gateway } = await razorpay([
    { status, headers: { 'www-authenticate': 'Basic realm="x"', 'retry-after': '0' }, json: refusal('No') },
  ]);
  await failureOf(pay(gateway));
  await failureOf(gateway.payout('pout_1', call()));
  expect(asked.map(({ method }) => method)).toEqual(['POST', 'GET']);
});

test('a reset of a connection that was used before is not healed by sending again', async () => {
  const { asked, gateway } = await razorpay([
    { json: payoutEntity() },
    (request) => request.socket.resetAndDestroy(),
  ]);
  await pay(gateway);
  expect(await failureOf(pay(gateway))).toMatchObject({ kind: 'unknown' });
  expect(await failureOf(gateway.payout('pout_1', call()))).toMatchObject({ kind: 'unknown' });
  expect(asked).toHaveLength(3);
});

test('silence ends after the time allowed, before the answer and in the midst of it', async () => {
  const silent = await razorpay([() => {}], { timeout_ms: 50 });
  expect(await failureOf(pay(silent.gateway))).toMatchObject({ kind: 'unknown', code: 'timeout' });
  const halting = await razorpay([(_, response) => void response.writeHead(200).write('{"id":')], {
    timeout_ms: 50,
  });
  expect(await failureOf(pay(halting.gateway))).toMatchObject({ kind: 'unknown', code: 'timeout' });
});

test('who gives up before sending has sent nothing; who gives up later does not know', async () => {
  const giving = new AbortController();
  const { asked, gateway } = await razorpay([() => giving.abort()]);
  expect(await failureOf(pay(gateway, giving.signal))).toMatchObject({ kind: 'unknown', code: 'aborted' });
  expect(await failureOf(pay(gateway, giving.signal))).toMatchObject({
    kind: 'unreachable',
    code: 'aborted',
  });
  expect(asked).toHaveLength(1);
});

test('where no connection came about, nothing was sent', async () => {
  const port = await closedPort();
  for (const url of [`http://127.0.0.1:${port}`, `http://localhost:${port}`]) {
    const failure = await failureOf(pay(createRazorpay({ url })));
    expect(failure, url).toMatchObject({ kind: 'unreachable', code: 'ECONNREFUSED' });
  }
  const nowhere = await failureOf(pay(createRazorpay({ url: 'http://gateway.invalid' })));
  expect(nowhere).toMatchObject({ kind: 'unreachable', code: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/) });
});

test('of a name with several addresses every one must have refused', async () => {
  const refused = { code: 'ECONNREFUSED', syscall: 'connect' };
  const failing = (...each: object[]) => {
    const errors = each.map((of) => Object.assign(new Error('no'), of));
    const cause = Object.assign(new AggregateError(errors), { code: 'ECONNREFUSED' });
    return createRazorpay({ fetch: () => Promise.reject(new TypeError('fetch failed', { cause })) });
  };
  expect(await failureOf(pay(failing(refused, refused)))).toMatchObject({ kind: 'unreachable' });
  const reset = { code: 'ECONNRESET', syscall: 'read' };
  expect(await failureOf(pay(failing(refused, reset)))).toMatchObject({ kind: 'unknown' });
});

test('to whom we do not trust to be Razorpay nothing was sent', async () => {
  const untrusting = (code: string) => () =>
    Promise.reject(new TypeError('fetch failed', { cause: Object.assign(new Error('no trust'), { code }) }));
  for (const code of [
    'CERT_HAS_EXPIRED',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  ]) {
    const failure = await failureOf(pay(createRazorpay({ fetch: untrusting(code) })));
    expect(failure).toMatchObject({ kind: 'unreachable', code });
  }
  const failure = await failureOf(pay(createRazorpay({ fetch: untrusting('ERR_SSL_BAD_RECORD_MAC') })));
  expect(failure, 'may come in the midst of it').toMatchObject({ kind: 'unknown' });
});

test('no failure tells a secret, an account or a person', async () => {
  const beneficiary = {
    ...{ id: PAYOUT_ID, holder: 'Asha Kumari', ifsc: 'HDFC0000053', account_number: '765432123456789' },
    vpa: null,
  };
  const words = 'Asha Kumari 765432123456789 asha@example.com +91 98765 43210 asha@upi 7878780080316316';
  const replies: Reply[] = [
    { status: 400, json: refusal(words) },
    { status: 500, json: refusal(words) },
    { text: words },
    (request) => request.socket.destroy(),
  ];
  for (const reply of replies) {
    const { gateway } = await razorpay([reply]);
    const failures = [
      await failureOf(gateway.register(beneficiary, call())),
      await failureOf(gateway.payoutByReference(PAYOUT_ID, call())),
    ];
    for (const [index, { message, cause, stack }] of failures.entries()) {
      expect(cause).toBeUndefined();
      const secret = /765432|43210|asha@|787878|the-key-secret/;
      expect(`${message} ${stack}`).not.toMatch(secret);
      if (index === 0) expect(message).not.toContain('Asha');
    }
  }
});
