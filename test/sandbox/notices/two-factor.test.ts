import { expect, test } from 'vitest';
import { failureOf, openCustomer } from './a-customer.ts';

test('an SMS is queued, and some time later delivered', async () => {
  const customer = await openCustomer();
  const { status, body } = await customer.sms({ ctid: '1107' });
  expect(status).toBe(200);
  expect(body).toEqual({ Status: 'Success', Details: expect.stringMatching(/^[\da-f-]{36}$/) });
  expect(customer.notices.delivered()).toMatchObject([
    {
      ...{ channel: 'sms', to: '+919812345678', from: 'ACMELN', text: 'Paid, thank you.', segments: 1 },
      ...{ template: '1107', provider_id: body.Details },
    },
  ]);
  expect(await customer.smsStatus(body.Details)).toBe('PENDING');
  await customer.pass({ seconds: 1 });
  expect(await customer.smsStatus(body.Details)).toBe('DELIVERED');
  expect(await customer.smsStatus('another')).toContain('ERROR');
});

test('the other form of the API does the same', async () => {
  const customer = await openCustomer();
  const asked = { module: 'TRANS_SMS', apikey: customer.notices.account().two_factor_key };
  const query = new URLSearchParams({
    ...asked,
    to: '9812345678',
    from: 'ACMELN',
    templatename: 'Due',
    var1: 'Asha',
  });
  expect((await customer.ask(`/API/R1/?${query}`)).body.Status).toBe('Success');
  expect((await customer.ask('/API/R1/', { method: 'POST', body: query })).body.Status).toBe('Success');
  expect(customer.notices.delivered()).toMatchObject([
    { to: '+919812345678', text: '[Due] Asha', copy: 1 },
    { to: '+919812345678', copy: 2 },
  ]);
});

test('accepted, and then scrubbed: the receipt says DLT-CNT-REJECT', async () => {
  const customer = await openCustomer();
  customer.notices.script({ fault: 'dlt-rejected', subject: '+919812345678' });
  const scripted = await customer.sms();
  customer.notices.changeAccount({ dlt_texts: ['Paid, {#var#}.', 'Due on {#var#}.'] });
  const fits = await customer.sms();
  const unregistered = await customer.sms({ Msg: 'Buy now!' });
  await customer.pass({ seconds: 1 });
  const statuses = [scripted, fits, unregistered].map(({ body }) => customer.smsStatus(body.Details));
  expect(await Promise.all(statuses)).toEqual(['DLT-CNT-REJECT', 'DELIVERED', 'DLT-CNT-REJECT']);
  expect(customer.notices.delivered()).toHaveLength(1);
  expect(customer.notices.accepted()).toHaveLength(3);
});

test.each([
  ['undelivered', 'UNDELIVERED'],
  ['expired', 'EXPIRED'],
  ['pending', 'PENDING'],
] as const)('%s', async (fault, status) => {
  const customer = await openCustomer();
  customer.notices.script({ fault, subject: '*' });
  const { body } = await customer.sms();
  await customer.pass({ hours: 1 });
  expect(await customer.smsStatus(body.Details)).toBe(status);
  expect(customer.notices.delivered()).toEqual([]);
});

test.each([
  ['a number that is none', { To: '12' }, 'Invalid Phone Number'],
  ['no sender', { From: '' }, 'Invalid Sender Id'],
  ['no text', { Msg: '' }, 'Template Name Missing'],
])('%s: an error under 200', async (_, changes, Details) => {
  const customer = await openCustomer();
  expect(await customer.sms(changes)).toMatchObject({ status: 200, body: { Status: 'Error', Details } });
  expect(customer.notices.accepted()).toEqual([]);
});

test.each([
  ['refused', 200, 'Template Mismatch'],
  ['unauthorized', 200, 'Invalid API Key'],
  ['forbidden', 200, 'Account Expired'],
  ['no-credits', 200, 'Insufficient Balance'],
  ['rate-limited', 429, 'Too Many Requests'],
] as const)('%s: %i, and the body says no', async (fault, status, Details) => {
  const customer = await openCustomer();
  customer.notices.script(
    { fault, subject: '+919812345678' },
    { fault, subject: 'acme', reason: 'Other words' },
  );
  expect(await customer.sms()).toMatchObject({ status, body: { Status: 'Error', Details } });
  expect((await customer.sms()).body.Details).toBe('Other words');
  expect((await customer.sms()).body.Status).toBe('Success');
});

test('errors without a word, and answers that are lost', async () => {
  const customer = await openCustomer();
  for (const [fault, status] of [
    ['error-500', 500],
    ['unavailable', 503],
    ['bad-gateway', 502],
  ] as const) {
    customer.notices.script({ fault, subject: '*' });
    const answer = await customer.sms();
    expect([answer.status, typeof answer.body]).toEqual([status, 'string']);
  }
  for (const fault of ['reset', 'hang', 'commit-then-reset', 'commit-then-hang'] as const) {
    customer.notices.script({ fault, subject: '*' });
    await failureOf(customer.sms());
  }
  expect(customer.notices.delivered()).toHaveLength(2);
});

test('a wrong key, a suspended account, and the balance', async () => {
  const customer = await openCustomer();
  expect(await customer.sms({}, 'wrong')).toMatchObject({
    status: 400,
    body: { Details: 'Invalid API Key' },
  });
  customer.notices.changeAccount({ credits: 3 });
  await customer.sms({ Msg: 'ₐ'.repeat(71) });
  const { two_factor_key } = customer.notices.account();
  expect((await customer.ask(`/API/V1/${two_factor_key}/BAL/SMS`)).body).toEqual({
    ...{ Status: 'Success', Details: '1' },
  });
  expect((await customer.sms({ Msg: 'a'.repeat(161) })).body.Details).toBe('Insufficient Balance');
  customer.notices.changeAccount({ is_suspended: true });
  expect((await customer.sms()).body).toMatchObject({
    Status: 'Error',
    Details: expect.stringContaining('Disabled'),
  });
  // No log of calls has a key in it.
  expect(JSON.stringify(customer.notices.log())).not.toContain(two_factor_key);
});
