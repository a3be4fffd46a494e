import { expect, test } from 'vitest';
import { failureOf, openCustomer } from './a-customer.ts';

const errorCode = (body: { error: { details?: { errorCode?: string }[] } }) =>
  body.error.details?.find((detail) => detail.errorCode)?.errorCode;

test('a push reaches the device; a later one of its key takes its place', async () => {
  const customer = await openCustomer();
  const collapse = (collapse_key: string) => ({
    android: { collapse_key, ttl: '3600s' },
    data: { loan: 'l-1' },
  });
  const first = await customer.push(collapse('note-1'));
  expect(first.status).toBe(200);
  expect(first.body.name).toMatch(/^projects\/sandbox-acme\/messages\/0:\d{16}$/);
  await customer.push(collapse('note-1'));
  await customer.push({ apns: { headers: { 'apns-collapse-id': 'note-2' } } });
  await customer.push({ webpush: { notification: { tag: 'note-2' } } });
  await customer.push();
  expect(customer.notices.delivered()).toMatchObject([
    { collapse_key: 'note-1', copy: 2, title: 'Due', body: 'Pay on Monday.', data: { loan: 'l-1' } },
    { collapse_key: 'note-2', copy: 2 },
    { collapse_key: null },
  ]);
  expect(customer.notices.accepted()).toHaveLength(5);
  expect(customer.notices.counts().push).toEqual({ accepted: 5, arrived: 5, again: 2 });
});

test.each([
  ['unregistered', 404, 'UNREGISTERED', 'NOT_FOUND'],
  ['invalid-token', 400, 'INVALID_ARGUMENT', 'INVALID_ARGUMENT'],
  ['sender-mismatch', 403, 'SENDER_ID_MISMATCH', 'PERMISSION_DENIED'],
  ['platform-refused', 401, 'THIRD_PARTY_AUTH_ERROR', 'UNAUTHENTICATED'],
  ['token-expired', 401, undefined, 'UNAUTHENTICATED'],
  ['refused', 400, 'INVALID_ARGUMENT', 'INVALID_ARGUMENT'],
  ['rate-limited', 429, 'QUOTA_EXCEEDED', 'RESOURCE_EXHAUSTED'],
  ['unavailable', 503, 'UNAVAILABLE', 'UNAVAILABLE'],
  ['error-500', 500, 'INTERNAL', 'INTERNAL'],
  ['forbidden', 403, undefined, 'PERMISSION_DENIED'],
] as const)('%s: %i', async (fault, code, fcm, status) => {
  const customer = await openCustomer();
  customer.notices.script({ fault, subject: 'device-of-asha' });
  const answer = await customer.push();
  expect(answer).toMatchObject({ status: code, body: { error: { code, status } } });
  expect(errorCode(answer.body)).toBe(fcm);
  expect(answer.headers.get('retry-after')).toBe(fault === 'unavailable' ? '2' : null);
  expect(customer.notices.accepted()).toEqual([]);
});

test('a dead device stays dead, and an expired access token expired', async () => {
  const customer = await openCustomer();
  const { access_token } = (await customer.token(customer.notices.serviceAccount())).body;
  expect((await customer.push({}, access_token)).status).toBe(200);
  customer.notices.script({ fault: 'token-expired', subject: '*' });
  expect((await customer.push({}, access_token)).status).toBe(401);
  expect((await customer.push({}, access_token)).status).toBe(401);
  expect((await customer.push()).status).toBe(200);
  customer.notices.uninstall('device-of-asha');
  expect(errorCode((await customer.push()).body)).toBe('UNREGISTERED');
  expect((await customer.push({ token: 'device-of-vikram' })).status).toBe(200);
});

test('an access token lives for an hour of the clock', async () => {
  const customer = await openCustomer();
  const { body } = await customer.token(customer.notices.serviceAccount());
  expect(body).toMatchObject({ expires_in: 3_599, token_type: 'Bearer' });
  await customer.pass({ minutes: 59 });
  expect((await customer.push({}, body.access_token)).status).toBe(200);
  await customer.pass({ minutes: 1 });
  expect((await customer.push({}, body.access_token)).status).toBe(401);
});

test('HTML from a gateway, and answers that are lost', async () => {
  const customer = await openCustomer();
  customer.notices.script({ fault: 'bad-gateway', subject: '*', call: 'fcm.send' });
  expect(await customer.push()).toMatchObject({ status: 502, body: expect.stringContaining('<html>') });
  for (const fault of ['reset', 'commit-then-reset'] as const) {
    customer.notices.script({ fault, subject: '*', call: 'fcm.send' });
    await failureOf(customer.push());
  }
  expect(customer.notices.delivered()).toHaveLength(1);
});

test.each([
  ['no device', { token: undefined }, 'message'],
  ['data that is no text', { data: { days: 3 } }, 'message.data.days'],
  ['a reserved name', { data: { from: 'us' } }, 'message.data.from'],
  ['an unknown field', { titel: 'Due' }, 'message.titel'],
  ['four weeks and more', { android: { ttl: '2419201s' } }, 'message.android.ttl'],
  ['more than 4,096 bytes', { data: { text: 'a'.repeat(4_096) } }, 'message'],
])('%s: 400 that names the field', async (_, message, field) => {
  const customer = await openCustomer();
  const { status, body } = await customer.push(message);
  expect(status).toBe(400);
  expect(body.error.details.at(-1).fieldViolations).toMatchObject([{ field }]);
});

test.each([
  ['too old', { iat: 1, exp: 3_601 }, 'timeframe'],
  ['too long', { exp: 9_999_999_999 }, 'short-lived'],
  ['for another endpoint', { aud: 'https://oauth2.googleapis.com/token' }, 'aud'],
  ['of nobody', { iss: 'firebase-adminsdk@nobody.iam.gserviceaccount.com' }, 'account not found'],
])('an assertion that is %s: invalid_grant', async (_, claims, words) => {
  const customer = await openCustomer();
  const { status, body } = await customer.token(customer.notices.serviceAccount(), claims);
  expect(status).toBe(400);
  expect(body).toMatchObject({ error: 'invalid_grant', error_description: expect.stringContaining(words) });
});

test('a key that was renewed, another scope, an account that is suspended', async () => {
  const customer = await openCustomer();
  const former = customer.notices.serviceAccount();
  expect((await customer.token(former, { scope: 'email' })).body.error).toBe('invalid_scope');
  customer.notices.renewKey();
  expect((await customer.token(former)).body.error_description).toBe('Invalid JWT Signature.');
  expect((await customer.token(customer.notices.serviceAccount())).status).toBe(200);
  customer.notices.changeAccount({ is_suspended: true });
  expect((await customer.token(customer.notices.serviceAccount())).body.error).toBe('invalid_grant');
});

test.each([
  ['invalid-grant', 400, 'invalid_grant'],
  ['invalid-client', 401, 'invalid_client'],
  ['token-500', 500, 'internal_failure'],
] as const)('%s: %i', async (fault, status, error) => {
  const customer = await openCustomer();
  customer.notices.script({ fault, subject: 'acme' });
  const account = customer.notices.serviceAccount();
  expect(await customer.token(account)).toMatchObject({ status, body: { error } });
  expect((await customer.token(account)).status).toBe(200);
});

test('a token that does not come, or cannot be read', async () => {
  const customer = await openCustomer();
  for (const fault of ['token-reset', 'token-hang', 'token-garbage'] as const) {
    customer.notices.script({ fault, subject: '*' });
    await failureOf(customer.token(customer.notices.serviceAccount()));
  }
});

test('each lender may have an endpoint of its own, and no right to another’s project', async () => {
  const customer = await openCustomer({ accounts: [{ id: 'acme' }, { id: 'globex' }] });
  const token_uri = await customer.notices.openTokenPort();
  const account = customer.notices.serviceAccount('globex', token_uri);
  expect(new URL(token_uri).port).not.toBe(new URL(customer.url).port);
  const { status, body } = await customer.token(account);
  expect(status).toBe(200);
  const headers = { authorization: `Bearer ${body.access_token}`, 'content-type': 'application/json' };
  const send = (project: string) =>
    customer.ask(`/v1/projects/${project}/messages:send`, {
      ...{ method: 'POST', headers, body: JSON.stringify({ message: { token: 'device-of-asha' } }) },
    });
  expect((await send('sandbox-globex')).status).toBe(200);
  expect((await send('sandbox-acme')).status).toBe(403);
});
