import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { type Lender, openLender, openReceiver, type Received } from './a-gateway.ts';

const SECRET = 'whisper';

async function told(answer?: (received: Received) => number): Promise<{
  lender: Lender;
  receiver: Awaited<ReturnType<typeof openReceiver>>;
}> {
  const receiver = await openReceiver(answer);
  const lender = await openLender();
  lender.gateway.setWebhook({ url: receiver.url, secret: SECRET, former_secret: 'murmur' });
  return { lender, receiver };
}

function hmac(raw: string, secret: string): string {
  return createHmac('sha256', secret).update(raw).digest('hex');
}

test('each event is signed over its raw body, has its own id, and pictures the payout at that moment', async () => {
  const { lender, receiver } = await told();
  await lender.pay('loan-1');
  await lender.pass({ seconds: 10 });
  const { received } = receiver;
  expect(receiver.events().toSorted()).toEqual([
    'payout.initiated',
    'payout.processed',
    'payout.updated',
    'transaction.created',
  ]);
  for (const { raw, signature } of received) expect(signature).toBe(hmac(raw, SECRET));
  expect(new Set(received.map(({ id }) => id)).size).toBe(4);

  const initiated = received.find(({ event }) => event === 'payout.initiated')!;
  expect(JSON.parse(initiated.raw)).toMatchObject({
    ...{ entity: 'event', account_id: 'acc_Sandbox0000001', contains: ['payout'], created_at: 1_795_240_800 },
    payload: { payout: { entity: { status: 'processing', reference_id: 'loan-1', fees: 590, utr: null } } },
  });
  const transaction = received.find(({ event }) => event === 'transaction.created')!;
  expect(transaction.payload.transaction.entity).toMatchObject({
    debit: 50_590,
    source: { status: 'processing', utr: null },
  });
});

test('an event that is not taken comes again with its id, at growing gaps, for a day', async () => {
  const { lender, receiver } = await told(() => 503);
  lender.gateway.script({ fault: 'slow-processed', subject: 'loan-1', days: 3 });
  await lender.pay('loan-1');
  await lender.gateway.deliverDue();
  const tries = () => receiver.received.filter(({ event }) => event === 'payout.initiated');
  expect(tries()).toHaveLength(1);
  await lender.pass({ seconds: 59 });
  expect(tries()).toHaveLength(1);
  await lender.pass({ seconds: 1 });
  expect(tries()).toHaveLength(2);
  await lender.pass({ seconds: 60 });
  expect(tries()).toHaveLength(2);
  for (let hour = 0; hour < 48; hour += 1) await lender.pass({ hours: 1 });
  const count = tries().length;
  expect(count).toBeGreaterThan(5);
  expect(count).toBeLessThan(20);
  expect(new Set(tries().map(({ id }) => id)).size).toBe(1);
  expect(lender.gateway.deliveries()[0]).toMatchObject({ status: 503, signed: 'current' });
});

test('duplicate: one event comes twice under one id', async () => {
  const { lender, receiver } = await told();
  lender.gateway.script({ fault: 'duplicate', subject: 'loan-1', event: 'payout.processed' });
  await lender.pay('loan-1');
  await lender.pass({ seconds: 10 });
  const twice = receiver.received.filter(({ event }) => event === 'payout.processed');
  expect(twice).toHaveLength(2);
  expect(twice[0]).toEqual(twice[1]);
});

test('swapped: an event comes after the next one of its payout, or ten minutes later', async () => {
  const { lender, receiver } = await told();
  lender.gateway.script({ fault: 'swapped', subject: 'loan-1', event: 'payout.initiated' });
  lender.gateway.script({ fault: 'swapped', subject: 'loan-1', event: 'payout.updated' });
  await lender.pay('loan-1');
  await lender.pass({ seconds: 10 });
  const payouts = () => receiver.events().filter((event) => event.startsWith('payout.'));
  expect(payouts()).toEqual(['payout.processed', 'payout.initiated']);
  await lender.pass({ seconds: 600 });
  expect(payouts().at(-1)).toBe('payout.updated');
});

test('delayed by an hour a scripted day, missing for good', async () => {
  const { lender, receiver } = await told();
  lender.gateway.script({ fault: 'delayed', subject: 'loan-1', event: 'payout.processed', days: 2 });
  lender.gateway.script({ fault: 'missing', subject: 'loan-1', event: 'payout.updated' });
  await lender.pay('loan-1');
  await lender.pass({ hours: 1 });
  expect(receiver.events()).not.toContain('payout.processed');
  await lender.pass({ hours: 2 });
  expect(receiver.events()).toContain('payout.processed');
  expect(receiver.events()).not.toContain('payout.updated');
});

test('forged: a false claim under another id and a wrong signature, beside the true event', async () => {
  const { lender, receiver } = await told();
  lender.gateway.script({ fault: 'forged', subject: 'loan-1', event: 'payout.processed' });
  await lender.pay('loan-1');
  await lender.pass({ seconds: 10 });
  const [forged, ...others] = receiver.received.filter(
    ({ raw, signature }) => signature !== hmac(raw, SECRET),
  );
  expect(others).toEqual([]);
  expect(forged).toMatchObject({
    event: 'payout.reversed',
    payload: { payout: { entity: { status: 'reversed' } } },
  });
  expect(receiver.events()).toContain('payout.processed');
  expect(lender.gateway.paidOut()[0]!.status).toBe('processed');
});

test('old-secret: signed with the secret before the last change', async () => {
  const { lender, receiver } = await told();
  lender.gateway.script({ fault: 'old-secret', subject: 'loan-1', event: 'payout.initiated' });
  await lender.pay('loan-1');
  await lender.gateway.deliverDue();
  const initiated = receiver.received.find(({ event }) => event === 'payout.initiated')!;
  expect(initiated.signature).toBe(hmac(initiated.raw, 'murmur'));
});

test('a webhook may ask for some events only', async () => {
  const { lender, receiver } = await told();
  lender.gateway.setWebhook({ url: receiver.url, secret: SECRET, events: ['payout.processed'] });
  await lender.pay('loan-1');
  await lender.pass({ seconds: 10 });
  expect(receiver.events()).toEqual(['payout.processed']);
});

test('each account is told of its own, and nobody sees another’s payouts', async () => {
  const { lender, receiver } = await told();
  const other = {
    id: 'acc_Other',
    key_id: 'other',
    key_secret: 'secret',
    account_number: '42',
    opening_balance: 0,
  };
  lender.gateway.addAccount(other);
  const { body } = await lender.pay('loan-1');
  const authorization = `Basic ${Buffer.from('other:secret').toString('base64')}`;
  expect((await lender.call('GET', `/payouts/${body.id}`, undefined, { authorization })).status).toBe(400);
  lender.gateway.deposit(100, other.id);
  await lender.gateway.tick();
  expect(receiver.received.every(({ raw }) => JSON.parse(raw).account_id === 'acc_Sandbox0000001')).toBe(
    true,
  );
});
