import { afterAll, expect, test } from 'vitest';
import { allowReceiptsFrom, removeReceiptAddress } from '../../../src/notifications/receipts/addresses.ts';
import { until } from '../../support/until.ts';
import { textTo } from '../notifying.ts';
import { openTelling } from './telling.ts';

const world = await openTelling();
afterAll(() => world.close());
const { notices, notify, run, url } = world;
const WISH = { provider: 'two-factor', actor: 'service:test' };

let sessions = 0;
/** What 2Factor would tell of a message that nobody sent. */
function told(changes: Record<string, string> = {}): string {
  sessions += 1;
  const fields = {
    SessionId: `session-${sessions}`,
    SmsTo: '919812345678',
    SmsStatus: 'DELIVERED',
    StatusId: '5',
  };
  return new URLSearchParams({ ...fields, ...changes }).toString();
}
async function tell(address: string, body: string, headers: Record<string, string> = {}) {
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  const response = await fetch(address, { method: 'POST', headers: { ...type, ...headers }, body });
  return { status: response.status, text: await response.text() };
}
/** A new address is known everywhere within a second: nobody has set it at his provider sooner. */
async function knownAddress(provider: 'brevo' | 'two-factor'): Promise<string> {
  const address = await world.newAddress(provider);
  await until('the address is known', async () => (await tell(address, 'a first word')).status === 200);
  return address;
}
async function outcomeOf(body: string): Promise<string> {
  return until('the receipt rests', async () => {
    const { rows } = await world.system.database.superuser(
      `SELECT outcome FROM notification_receipt AS receipt
         JOIN notification_receipt_applied AS applied ON receipt.id = receipt_id WHERE body = $1`,
      [body],
    );
    return rows[0]?.outcome;
  });
}

test('whoever does not know the path is told no more than that there is nothing', async () => {
  const address = await knownAddress('two-factor');
  const guesses = [
    address.replace(/[^/]+$/, 'a-guess'),
    address.replace('/acme/', '/globex/'),
    address.replace('/acme/', '/nobody/'),
    address.replace('/two-factor/', '/brevo/'),
    address.replace('/two-factor/', '/pigeon/'),
  ];
  for (const guess of guesses) {
    const { status, text } = await tell(guess, told());
    expect([status, JSON.parse(text).code]).toEqual([404, 'not-found']);
    expect(text).not.toContain(guess.slice(guess.lastIndexOf('/') + 1));
  }
  notices.script({ fault: 'forged', subject: '+919800000001' });
  const [channel] = await notify(textTo('+919800000001', 'Paid, thank you.'));
  expect(channel!.state).toBe('sent');
});

test('a path that was replaced is good for two days beside its successor, and a removed one no more', async () => {
  const former = await knownAddress('two-factor');
  const present = await knownAddress('two-factor');
  expect((await tell(former, told())).status).toBe(200);
  expect((await tell(present, told())).status).toBe(200);
  await world.system.database.superuser(
    `UPDATE notification_receipt_address SET former_until = now() - interval '1 second', version = version + 1
     WHERE provider = 'two-factor'`,
  );
  expect((await tell(former, told())).status).toBe(404);
  expect((await tell(present, told())).status).toBe(200);
  await run((tx) => removeReceiptAddress(tx, 'two-factor'));
  expect((await tell(present, told())).status).toBe(404);
});

test('who comes from elsewhere than allowed is turned away as who does not know the path', async () => {
  const address = await knownAddress('two-factor');
  const from = (ip: string) => tell(address, told(), { 'x-forwarded-for': ip });
  await run((tx) => allowReceiptsFrom(tx, WISH, ['198.51.100.0/24', '2001:db8::/32']));
  expect((await from('198.51.100.7')).status).toBe(200);
  expect((await from('2001:db8::7')).status).toBe(200);
  expect((await from('203.0.113.7')).status).toBe(404);
  await run((tx) => allowReceiptsFrom(tx, WISH, []));
});

test('what nobody understands, and what is of no message of ours, is taken and kept', async () => {
  const [sms, mail] = [await knownAddress('two-factor'), await knownAddress('brevo')];
  expect((await tell(sms, 'what is this?')).status).toBe(200);
  expect((await tell(mail, '{"event":"list_addition"}')).status).toBe(200);
  expect((await tell(mail, 'not even JSON')).status).toBe(200);
  expect((await tell(mail, '')).status).toBe(200);
  const stranger = told();
  expect((await tell(sms, stranger)).status).toBe(200);
  expect(await outcomeOf('what is this?')).toBe('unreadable');
  expect(await outcomeOf('{"event":"list_addition"}')).toBe('unreadable');
  expect(await outcomeOf(stranger)).toBe('unknown-message');
});

test('mails of others by the same account are known for what they are at once', async () => {
  const mail = await knownAddress('brevo');
  const foreign = { event: 'delivered', email: 'ravi@mail.example', 'message-id': '<2@brevo>', ts_event: 7 };
  const body = JSON.stringify({ ...foreign, tags: ['newsletter'] });
  expect((await tell(mail, body)).status).toBe(200);
  expect(await outcomeOf(body)).toBe('unknown-message');
  const { rows } = await world.system.database.superuser(
    `SELECT attempt FROM job JOIN notification_receipt AS receipt ON job.key = receipt.id::text WHERE body = $1`,
    [body],
  );
  expect(rows).toEqual([{ attempt: 0 }]);
});

test('many events at once are as many receipts, and told again they are the same', async () => {
  const mail = await knownAddress('brevo');
  const event = (name: string, at: number) => ({
    ...{ event: name, email: 'asha@mail.example', 'message-id': '<1@brevo>', ts_event: at, tags: ['x'] },
  });
  const batch = JSON.stringify([event('request', 1), event('delivered', 2), event('opened', 3)]);
  const stored = async () => {
    const { rows } = await world.system.database.superuser(
      `SELECT event FROM notification_receipt WHERE body LIKE '%<1@brevo>%' ORDER BY event`,
    );
    return rows.map((row) => row.event);
  };
  expect((await tell(mail, batch)).status).toBe(200);
  expect((await tell(mail, batch)).status).toBe(200);
  expect((await tell(mail, JSON.stringify({ ...event('opened', 3), ts: 99 }))).status).toBe(200);
  expect(await stored()).toEqual(['delivered', 'opened', 'request']);
});

test('what is too long is turned away, and what cannot be kept is to be told again', async () => {
  const sms = await knownAddress('two-factor');
  expect((await tell(sms, 'x'.repeat(1_100_000))).status).toBe(413);
  await world.system.database.superuser('ALTER TABLE notification_receipt RENAME TO away');
  const lost = await tell(sms, told());
  await world.system.database.superuser('ALTER TABLE away RENAME TO notification_receipt');
  expect([lost.status, JSON.parse(lost.text).code]).toEqual([429, 'tell-again']);
  expect((await tell(`${url}/v1/receipts/two-factor/acme`, told())).status).toBe(404);
});
