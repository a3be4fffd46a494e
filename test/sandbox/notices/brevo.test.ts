import { expect, test } from 'vitest';
import { failureOf, KEY, MAIL, openCustomer } from './a-customer.ts';

test('a mail is accepted and lies before the person, with its parts and files', async () => {
  const customer = await openCustomer();
  const attachment = [{ name: 'statement.pdf', content: Buffer.from('%PDF').toString('base64') }];
  const { status, body } = await customer.mail({
    attachment,
    tags: ['note-1'],
    headers: { idempotencyKey: KEY },
  });
  expect(status).toBe(201);
  expect(body.messageId).toMatch(/^<202611210600\.\d{11}@smtp-relay\.mailin\.fr>$/);
  expect(customer.notices.delivered()).toMatchObject([
    {
      ...{ channel: 'email', provider: 'brevo', account: 'acme', to: 'asha@mail.example', name: 'Asha Rao' },
      ...{ subject: MAIL.subject, text: MAIL.textContent, html: MAIL.htmlContent, reference: 'note-1' },
      ...{ provider_id: body.messageId, headers: {}, files: [{ name: 'statement.pdf', bytes: 4 }] },
    },
  ]);
});

test.each([
  ['no recipient', { to: undefined }, 'missing_parameter', 'to is missing'],
  ['no address', { to: [{ email: 'asha' }] }, 'invalid_parameter', 'to.0.email is not valid'],
  ['no subject', { subject: undefined }, 'missing_parameter', 'subject is missing'],
  ['no text at all', { htmlContent: undefined, textContent: undefined }, 'missing_parameter', 'htmlContent'],
  ['no sender', { sender: {} }, 'invalid_parameter', 'sender is not valid'],
  ['a program', { attachment: [{ name: 'a.exe', content: 'QQ==' }] }, 'invalid_parameter', 'a.exe'],
  ['a key that is no UUID', { headers: { idempotencyKey: 'n-1' } }, 'invalid_parameter', 'idempotencyKey'],
])('%s: 400', async (_, changes, code, message) => {
  const customer = await openCustomer();
  const answer = await customer.mail(changes);
  expect(answer.status).toBe(400);
  expect(answer.body).toMatchObject({ code, message: expect.stringContaining(message) });
  expect(customer.notices.accepted()).toEqual([]);
});

test('a template there is not, and an unreadable body', async () => {
  const customer = await openCustomer();
  expect(await customer.mail({ templateId: 7 })).toMatchObject({
    ...{ status: 404, body: { code: 'document_not_found' } },
  });
  const headers = { 'content-type': 'application/json' };
  const unreadable = await customer.ask('/v3/smtp/email', { method: 'POST', headers, body: '{"to"' });
  expect(unreadable).toMatchObject({ status: 400, body: { code: 'bad_request' } });
});

test('a key is remembered for half an hour, though the answer was lost', async () => {
  const customer = await openCustomer();
  const keyed = { headers: { idempotencyKey: KEY } };
  customer.notices.script({ fault: 'commit-then-cut', subject: KEY });
  await failureOf(customer.mail(keyed));
  expect(await customer.mail(keyed)).toMatchObject({ status: 400, body: { code: 'duplicate_parameter' } });
  await customer.pass({ minutes: 29 });
  expect((await customer.mail(keyed)).status).toBe(400);
  expect(customer.notices.delivered()).toHaveLength(1);
  await customer.pass({ minutes: 1 });
  expect((await customer.mail(keyed)).status).toBe(201);
  expect(customer.notices.delivered().map(({ copy }) => copy)).toEqual([1, 2]);
});

test('a dropped mail is checked and goes nowhere; versions get an id each', async () => {
  const customer = await openCustomer();
  const dropped = await customer.mail({ headers: { 'X-Sib-Sandbox': 'drop' } });
  expect(dropped).toMatchObject({ status: 201, body: { messageId: expect.any(String) } });
  expect(customer.notices.accepted()).toEqual([]);
  const to = [{ email: 'vikram@mail.example' }];
  const { body } = await customer.mail({ messageVersions: [{ to }, { to, subject: 'Another' }] });
  expect(new Set(body.messageIds).size).toBe(2);
  expect(customer.notices.delivered()).toMatchObject([{ subject: MAIL.subject }, { subject: 'Another' }]);
});

test('wrong keys, empty accounts and suspended ones', async () => {
  const customer = await openCustomer();
  expect(await customer.mail({}, 'xkeysib-wrong')).toMatchObject({
    ...{ status: 401, body: { code: 'unauthorized' } },
  });
  customer.notices.changeAccount({ credits: 1 });
  expect((await customer.mail()).status).toBe(201);
  const keyed = { headers: { idempotencyKey: KEY } };
  expect(await customer.mail(keyed)).toMatchObject({ status: 402, body: { code: 'not_enough_credits' } });
  customer.notices.changeAccount({ credits: 10, is_suspended: true });
  expect(await customer.mail(keyed)).toMatchObject({
    ...{ status: 403, body: { code: 'account_under_validation' } },
  });
  // What was refused has not used its key.
  customer.notices.changeAccount({ is_suspended: false });
  expect((await customer.mail(keyed)).status).toBe(201);
  expect(customer.notices.account().credits).toBe(9);
});

test.each([
  ['error-500', 500, 'internal_error', 0],
  ['unavailable', 503, 'service_unavailable', 0],
  ['unauthorized', 401, 'unauthorized', 0],
  ['forbidden', 403, 'permission_denied', 0],
  ['no-credits', 402, 'not_enough_credits', 0],
  ['refused', 400, 'invalid_parameter', 0],
  ['commit-then-500', 500, 'internal_error', 1],
] as const)('%s: %i', async (fault, status, code, delivered) => {
  const customer = await openCustomer();
  customer.notices.script({ fault, subject: 'asha@mail.example', reason: 'because' });
  const answer = await customer.mail();
  expect(answer).toMatchObject({ status, body: { code } });
  expect(answer.headers.get('retry-after')).toBeNull();
  expect(customer.notices.delivered()).toHaveLength(delivered);
  expect((await customer.mail()).status).toBe(201);
  expect(customer.notices.log().map((call) => [call.fault, call.status])).toEqual([
    [fault, status],
    [null, 201],
  ]);
});

test('too many at once: the limits are told, Retry-After is not', async () => {
  const customer = await openCustomer();
  customer.notices.script({ fault: 'rate-limited', subject: '*' });
  const { status, headers } = await customer.mail();
  expect(status).toBe(429);
  expect(headers.get('x-sib-ratelimit-limit')).toBe('1000');
  expect(headers.get('x-sib-ratelimit-remaining')).toBe('0');
  expect(headers.get('x-sib-ratelimit-reset')).toBe('1');
  expect(headers.get('retry-after')).toBeNull();
});

test('a gateway that answers in HTML, and an answer that is none', async () => {
  const customer = await openCustomer();
  customer.notices.script({ fault: 'bad-gateway', subject: '*' });
  expect(await customer.mail()).toMatchObject({ status: 502, body: expect.stringContaining('<html>') });
  customer.notices.script({ fault: 'commit-then-garbage', subject: '*' });
  await expect(customer.mail()).rejects.toThrow(SyntaxError);
  expect(customer.notices.delivered()).toHaveLength(1);
});

test.each([
  ['reset', 0],
  ['hang', 0],
  ['commit-then-reset', 1],
  ['commit-then-cut', 1],
  ['commit-then-hang', 1],
] as const)('%s: no answer, and %i delivered', async (fault, delivered) => {
  const customer = await openCustomer();
  customer.notices.script({ fault, subject: 'acme' });
  await failureOf(customer.mail());
  expect(customer.notices.delivered()).toHaveLength(delivered);
  expect(customer.notices.log()).toMatchObject([{ call: 'brevo.send', fault, account: 'acme' }]);
});

test('201 comes, and then the line is cut', async () => {
  const customer = await openCustomer();
  customer.notices.script({ fault: 'commit-then-cut', subject: '*' });
  const response = await fetch(`${customer.url}/v3/smtp/email`, {
    method: 'POST',
    headers: { 'api-key': customer.notices.account().brevo_key, 'content-type': 'application/json' },
    body: JSON.stringify(MAIL),
  });
  expect(response.status).toBe(201);
  await expect(response.text()).rejects.toThrow();
});

test('the events of a mail are found by its tag once they have happened', async () => {
  const customer = await openCustomer();
  customer.notices.script({ fault: 'hard-bounce', subject: 'asha@mail.example', reason: '550 gone' });
  const { messageId } = (await customer.mail({ tags: ['note-1'] })).body;
  await customer.mail({ tags: ['note-2'], to: [{ email: 'vikram@mail.example' }] });
  const found = async (query: string) =>
    (await customer.events(query)).body.events.map(({ event }: { event: string }) => event);
  const tags = `tags=${encodeURIComponent('["note-1"]')}`;
  expect(await found(tags)).toEqual(['requests']);
  await customer.pass({ seconds: 5 });
  expect(await found(tags)).toEqual(['hardBounces', 'requests']);
  expect(await found('event=delivered')).toEqual(['delivered']);
  expect(await found('startDate=2026-11-22&endDate=2026-11-23')).toEqual([]);
  expect(
    (await customer.events(`messageId=${encodeURIComponent(messageId)}&event=hardBounces`)).body,
  ).toEqual({
    events: [
      {
        ...{ email: 'asha@mail.example', date: '2026-11-21T06:00:01.000Z', messageId, event: 'hardBounces' },
        ...{ subject: MAIL.subject, from: 'loans@acme.example', tag: 'note-1', reason: '550 gone' },
      },
    ],
  });
  // Whom a mail bounced from gets none any more.
  await customer.mail({ tags: ['note-3'] });
  await customer.pass({ seconds: 5 });
  expect(await found('tags=note-3')).toEqual(['blocked', 'requests']);
  expect(customer.notices.delivered()).toHaveLength(1);
});
