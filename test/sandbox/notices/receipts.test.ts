import { expect, test } from 'vitest';
import { ASHA, type Customer, openCustomer, openReceiver } from './a-customer.ts';

async function told(customer: Customer, mail: object = {}) {
  await customer.mail(mail);
  await customer.pass({ seconds: 10 });
}

async function openPair(status?: () => number) {
  const [customer, receiver] = [await openCustomer(), await openReceiver(status)];
  customer.notices.setWebhook('brevo', { url: receiver.url, headers: { authorization: 'Bearer whisper' } });
  customer.notices.setWebhook('two-factor', { url: receiver.url });
  return { customer, receiver, events: () => receiver.received.map(({ body }) => body.event) };
}

test('Brevo tells of a mail in its own words', async () => {
  const { customer, receiver } = await openPair();
  await told(customer, { tags: ['note-1'] });
  const [mail] = customer.notices.delivered();
  expect(receiver.received).toEqual([
    expect.objectContaining({ body: expect.objectContaining({ event: 'request' }) }),
    {
      ...{ path: '/receipts/a-secret', authorization: 'Bearer whisper' },
      body: {
        ...{ event: 'delivered', email: ASHA, id: 1_101, date: '2026-11-21 07:00:01', ts: 1_795_240_801 },
        ...{ ts_event: 1_795_240_801, ts_epoch: 1_795_240_801_000, 'message-id': mail!.provider_id },
        ...{ subject: 'Your instalment is due', template_id: 0, tags: ['note-1'], tag: '["note-1"]' },
        sending_ip: '185.41.28.109',
      },
    },
  ]);
});

test.each([
  ['hard-bounce', ['request', 'hard_bounce'], false],
  ['soft-bounce', ['request', 'soft_bounce'], false],
  ['blocked', ['request', 'blocked'], false],
  ['invalid-email', ['request', 'invalid_email'], false],
  ['deferred', ['request', 'deferred', 'delivered'], true],
  ['spam', ['request', 'delivered', 'spam'], true],
  ['unsubscribed', ['request', 'delivered', 'unsubscribed'], true],
] as const)('%s', async (fault, expected, arrived) => {
  const { customer, receiver, events } = await openPair();
  customer.notices.script({ fault, subject: ASHA });
  await told(customer);
  expect(events()).toEqual(expected);
  expect(customer.notices.delivered()).toHaveLength(arrived ? 1 : 0);
  const reasons = receiver.received.map(({ body }) => body.reason).filter(Boolean);
  expect(reasons).toHaveLength(arrived && fault !== 'deferred' ? 0 : 1);
});

test('2Factor posts a form, of a number that is dead as well', async () => {
  const { customer, receiver } = await openPair();
  customer.notices.script({ fault: 'dlt-rejected', subject: '+919812345678' });
  await customer.sms();
  await customer.sms();
  await customer.pass({ seconds: 1 });
  const [refused, delivered] = customer.notices.accepted();
  const form = (session: string) => receiver.received.find(({ body }) => body.SessionId === session)!.body;
  expect(form(refused!.provider_id)).toMatchObject({
    ...{ SmsTo: '919812345678', SmsStatus: 'DLT-CNT-REJECT', StatusGroupName: 'REJECTED' },
    ...{ ErrorName: 'DLT-CNT-REJECT', ErrorPermanent: 'true' },
  });
  expect(form(delivered!.provider_id)).toMatchObject({ SmsStatus: 'DELIVERED', ErrorPermanent: 'false' });
});

test('only what a webhook asked for, and nothing where there is none', async () => {
  const { customer, receiver, events } = await openPair();
  customer.notices.setWebhook('brevo', { url: receiver.url, events: ['delivered'] });
  await told(customer);
  customer.notices.setWebhook('brevo', null);
  await told(customer);
  expect(events()).toEqual(['delivered']);
  expect(customer.notices.waiting).toBe(0);
});

test.each([
  ['duplicate', ['request', 'delivered', 'delivered']],
  ['missing', ['request']],
  ['swapped', ['request', 'spam', 'delivered']],
] as const)('%s', async (fault, expected) => {
  const { customer, events } = await openPair();
  if (fault === 'swapped') customer.notices.script({ fault: 'spam', subject: ASHA });
  customer.notices.script({ fault, subject: ASHA, event: 'delivered' });
  await told(customer);
  await customer.pass({ minutes: 20 });
  expect(events()).toEqual(expected);
});

test('delayed, and signed with what is no secret any more', async () => {
  const { customer, receiver, events } = await openPair();
  const headers = { authorization: 'Bearer new' };
  const former_headers = { authorization: 'Bearer whisper' };
  customer.notices.setWebhook('brevo', { url: receiver.url, headers, former_headers });
  customer.notices.script({ fault: 'delayed', subject: ASHA, event: 'delivered', days: 2 });
  customer.notices.script({ fault: 'old-secret', subject: ASHA, event: 'request' });
  await told(customer);
  expect(events()).toEqual(['request']);
  await customer.pass({ hours: 2 });
  expect(receiver.received).toMatchObject([
    { authorization: 'Bearer whisper', body: { event: 'request' } },
    { authorization: 'Bearer new', body: { event: 'delivered' } },
  ]);
});

test('a swindler guesses the header, or the path', async () => {
  const { customer, receiver } = await openPair();
  customer.notices.script({ fault: 'forged', subject: ASHA, event: 'delivered' });
  customer.notices.script({ fault: 'forged', subject: '+919812345678' });
  await told(customer);
  await customer.sms();
  await customer.pass({ seconds: 1 });
  const [claim] = receiver.received.filter(({ authorization }) => authorization === 'a guess');
  expect(claim).toMatchObject({ body: { event: 'hard_bounce', email: ASHA } });
  const [form] = receiver.received.filter(({ path }) => path === '/receipts/a-guess');
  expect(form).toMatchObject({ body: { SmsStatus: 'UNDELIVERED', SmsTo: '919812345678' } });
  expect(customer.notices.deliveries().filter(({ signed }) => signed === 'forged')).toHaveLength(2);
});

test('a refused receipt is dropped for good; too many at once come again', async () => {
  let status = 500;
  const { customer, receiver, events } = await openPair(() => status);
  await told(customer);
  await customer.pass({ hours: 12 });
  expect(events()).toEqual(['request', 'delivered']);
  status = 429;
  customer.notices.setWebhook('brevo', { url: receiver.url, events: ['delivered'] });
  await told(customer);
  for (const minutes of [10, 60, 120, 480, 480]) await customer.pass({ minutes });
  expect(events().slice(2)).toEqual(Array.from({ length: 5 }, () => 'delivered'));
  expect(customer.notices.waiting).toBe(0);
});
