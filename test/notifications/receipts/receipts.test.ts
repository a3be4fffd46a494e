import { afterAll, describe, expect, test } from 'vitest';
import type { MessageTold } from '../../../src/notifications/measured.ts';
import { checkProof } from '../../../src/notifications/proof/bundle.ts';
import { makeProof } from '../../../src/notifications/proof/make.ts';
import type { NoticeFault } from '../../../src/sandbox/notices/faults.ts';
import { NOON } from '../../ledger/books.ts';
import { until } from '../../support/until.ts';
import { textTo } from '../notifying.ts';
import { openTelling } from './telling.ts';

const world = await openTelling({ notices: { hang_ms: 2_000 }, unknown_ms: 3_000 });
afterAll(() => world.close());
const { notices, accept, notify, pass, applied, story } = world;

let people = 0;
function somebody() {
  people += 1;
  const number = String(people).padStart(4, '0');
  return { email: `borrower-${number}@example.com`, phone: `+91981234${number}` };
}
const MAIL = { email: { subject: 'Due soon', text: 'Your EMI is due on Friday.' } };

/** Sends a mail to whom this befalls. @returns the notification's id */
async function mailTo(email: string, ...faults: NoticeFault[]): Promise<string> {
  notices.script(...faults.map((fault) => ({ fault, subject: email })));
  const id = await accept({ type: 'EMAIL', recipient: { email }, content: MAIL });
  await world.rested(id);
  return id;
}
async function smsTo(phone: string, ...faults: NoticeFault[]): Promise<string> {
  notices.script(...faults.map((fault) => ({ fault, subject: phone })));
  const id = await accept(textTo(phone, 'Your EMI is due on Friday.'));
  await world.rested(id);
  return id;
}
const comesTo = (id: string, state: string) =>
  until(`${id} is ${state}`, async () => {
    const [channel] = await story(id);
    return channel?.state === state ? channel : undefined;
  });

describe('a message that was sent', () => {
  test('is delivered when its provider says so, told once or twice', async () => {
    const told: MessageTold[] = [];
    world.system.runtime.events.on('message-told', (each) => told.push(each));
    const mail = await mailTo(somebody().email, 'duplicate');
    const sms = await smsTo(somebody().phone, 'duplicate');
    pass({ seconds: 2 });
    await comesTo(mail, 'delivered');
    await comesTo(sms, 'delivered');
    for (const channel of ['email', 'sms'])
      expect(told.filter((each) => each.channel === channel)).toEqual([{ channel, state: 'delivered' }]);
    expect(await applied(mail, 2)).toEqual(['request same', 'delivered delivered']);
    expect(await applied(sms, 1)).toEqual(['DELIVERED delivered']);
    const [shown] = await story(sms);
    expect(shown!.receipts).toMatchObject([{ event: 'DELIVERED', way: 'told', outcome: 'delivered' }]);
    const head = { tenant: 'acme', notification: mail, made_at: NOON.toISOString(), audit: mail };
    const proof = await world.run((tx) => makeProof(tx, head));
    expect(proof!.parts.map(({ part }) => part)).toEqual([
      ...['accepted', 'message', 'attempt', 'receipt', 'receipt'],
    ]);
    expect(checkProof(JSON.parse(JSON.stringify(proof)))).toMatchObject({ ok: true });
  });

  test('ends the same where receipts overtake each other', async () => {
    const { email } = somebody();
    notices.script({ fault: 'delayed', subject: email, event: 'delivered' });
    const id = await mailTo(email, 'spam');
    pass({ seconds: 4 });
    expect(await applied(id, 2)).toEqual(['request same', 'spam delivered']);
    pass({ hours: 25 });
    expect(await applied(id, 3)).toEqual(['request same', 'spam delivered', 'delivered same']);
    await comesTo(id, 'delivered');
  });

  test('is delivered before its provider has answered', async () => {
    const { email } = somebody();
    notices.script({ fault: 'commit-then-hang', subject: email });
    const id = await accept({ type: 'EMAIL', recipient: { email }, content: MAIL });
    await until('the mail was taken', async () => notices.accepted({ to: email }).length === 1);
    pass({ seconds: 2 });
    const under_way = await comesTo(id, 'delivered');
    expect(under_way.attempts).toMatchObject([{ outcome: null }]);
    await until('its job is done', async () => (await story(id))[0]!.job.state === 'done');
    expect((await story(id))[0]).toMatchObject({ state: 'delivered', attempts: [{ outcome: 'unknown' }] });
    expect(notices.accepted({ to: email })).toHaveLength(1);
  });

  test('is asked about four times, and then left as it is', async () => {
    const id = await smsTo(somebody().phone, 'pending');
    const provider_id = (await story(id))[0]!.message!.provider_id!;
    const asked = () =>
      notices.log().filter(({ call, subject }) => call === 'two-factor.receipt' && subject === provider_id);
    for (const [times, hours] of [
      [1, 1],
      [2, 5],
      [3, 18],
      [4, 48],
    ] as const) {
      pass({ hours });
      await until(`it was asked about ${times} times`, async () => asked().length === times);
    }
    const { rows } = await world.system.database.superuser(
      'SELECT ask_at, asked FROM notification_message WHERE notification_id = $1',
      [id],
    );
    expect(rows).toEqual([{ ask_at: null, asked: 4 }]);
    expect(await applied(id, 1)).toEqual(['PENDING same']);
    expect((await story(id))[0]!.state).toBe('sent');
  });

  test('is delivered days later, where the receipt is', async () => {
    const id = await smsTo(somebody().phone, 'delayed');
    pass({ hours: 49 });
    await comesTo(id, 'delivered');
  });

  test('and of which nothing is told is asked about, and believed as if it had been', async () => {
    const [bounced, delivered] = [somebody().email, somebody().phone];
    notices.script(
      { fault: 'missing', subject: bounced, times: 2 },
      { fault: 'hard-bounce', subject: bounced },
    );
    const mail = await mailTo(bounced);
    const sms = await smsTo(delivered, 'missing');
    pass({ hours: 2 });
    expect(await comesTo(mail, 'bounced')).toMatchObject({ message: { code: 'brevo-hard-bounce' } });
    await comesTo(sms, 'delivered');
    const { rows } = await world.system.database.superuser(
      `SELECT DISTINCT way FROM notification_receipt_applied AS applied
         JOIN notification_receipt AS receipt ON receipt.id = receipt_id
         JOIN notification_message AS message ON message.id = message_id
       WHERE notification_id = ANY ($1)`,
      [[mail, sms]],
    );
    expect(rows).toEqual([{ way: 'asked' }]);
  });
});

test('a mail that was given up, and went out all the same, is found by asking', async () => {
  const { email } = somebody();
  notices.script({ fault: 'missing', subject: email, times: 2 });
  await world.setPolicy('email', { retries: 0 });
  const id = await mailTo(email, 'commit-then-reset');
  await world.setPolicy('email', {});
  expect((await story(id))[0]).toMatchObject({ state: 'failed', attempts: [{ outcome: 'unknown' }] });
  pass({ hours: 2 });
  expect(await comesTo(id, 'delivered')).toMatchObject({ message: { code: null, provider: 'brevo' } });
  expect(notices.accepted({ to: email })).toHaveLength(1);
});

describe('an address', () => {
  const STOPPED = [
    ['hard-bounce', 'bounced', 'bounced'],
    ['invalid-email', 'bounced', 'dead-address'],
    ['blocked', 'bounced', 'bounced'],
    ['spam', 'delivered', 'spam'],
  ] as const;
  test.each(STOPPED)('gets nothing more after %s', async (fault, state, reason) => {
    const { email } = somebody();
    const id = await mailTo(email, fault);
    pass({ seconds: 4 });
    await comesTo(id, state);
    const kept = await until('the address is kept from being written to', async () => {
      const { rows } = await world.system.database.superuser(
        'SELECT reason FROM notification_suppression WHERE address = $1',
        [email],
      );
      return rows[0];
    });
    expect(kept).toEqual({ reason });
    const [next] = await notify({ type: 'EMAIL', recipient: { email }, content: MAIL });
    expect(next).toMatchObject({ state: 'cancelled', job: { code: 'suppressed' } });
  });

  test('whose owner unsubscribes gets what must be told, and no more', async () => {
    const { email } = somebody();
    const id = await mailTo(email, 'unsubscribed');
    pass({ seconds: 1 });
    await comesTo(id, 'delivered');
    pass({ seconds: 3 });
    expect(await applied(id, 3)).toEqual(['request same', 'delivered delivered', 'unsubscribed same']);
    const wish = { type: 'EMAIL', recipient: { email }, content: MAIL } as const;
    const [reminder] = await notify({ ...wish, category: 'reminder' });
    expect(reminder).toMatchObject({ state: 'cancelled', job: { code: 'suppressed' } });
    const [receipt] = await notify({ ...wish, category: 'transactional' });
    expect(receipt).toMatchObject({ state: 'sent' });
  });

  test('of a telephone that nobody has gets nothing more', async () => {
    const { phone } = somebody();
    const id = await smsTo(phone, 'undelivered');
    pass({ seconds: 2 });
    expect(await comesTo(id, 'bounced')).toMatchObject({ message: { code: 'two-factor-undelivered' } });
    const [next] = await notify(textTo(phone, 'Due tomorrow.'));
    expect(next).toMatchObject({ state: 'cancelled', job: { code: 'suppressed' } });
  });
});

describe('a text message whose answer was lost', () => {
  test('counts as sent once its receipt comes, and is not sent again', async () => {
    const { phone } = somebody();
    notices.script({ fault: 'commit-then-reset', subject: phone });
    const id = await accept(textTo(phone, 'Your EMI is due on Friday.'));
    await until('nobody knows how the try ended', async () =>
      (await story(id)).some(({ attempts }) => attempts[0]?.outcome === 'unknown'),
    );
    pass({ seconds: 2 });
    const channel = await comesTo(id, 'delivered');
    expect(channel.message).toMatchObject({ provider: 'two-factor', provider_id: expect.any(String) });
    expect(notices.accepted({ to: phone })).toHaveLength(1);
  });

  test('rests as failed until its receipt comes, where nobody may send it a third time', async () => {
    const { phone } = somebody();
    const { provider, number } = { provider: 'two-factor', number: 1 };
    notices.script({ fault: 'commit-then-reset', subject: phone });
    await world.setPolicy('sms', { retries: 0 });
    const id = await accept(textTo(phone, 'Your EMI is due on Friday.'));
    expect((await world.rested(id))[0]).toMatchObject({
      ...{ state: 'failed', attempts: [{ provider, number, outcome: 'unknown' }] },
    });
    await world.setPolicy('sms', {});
    pass({ seconds: 2 });
    await comesTo(id, 'delivered');
  });

  test('is found by nobody where two of them could be meant', async () => {
    const { phone } = somebody();
    notices.script({ fault: 'commit-then-reset', subject: phone, times: 2 });
    const ids = [
      await accept(textTo(phone, 'One.', { ordering: 'none' })),
      await accept(textTo(phone, 'Two.', { ordering: 'none' })),
    ];
    await until('nobody knows how either ended', async () => {
      const stories = (await Promise.all(ids.map(story))).flat();
      return stories.every(({ attempts }) => attempts[0]?.outcome === 'unknown');
    });
    pass({ seconds: 2 });
    const { rows } = await until('both receipts rest', async () => {
      const found = await world.system.database.superuser(
        `SELECT outcome FROM notification_receipt_applied AS applied
           JOIN notification_receipt AS receipt ON receipt.id = receipt_id
         WHERE body LIKE '%' || $1 || '%'`,
        [phone.slice(1)],
      );
      return found.rows.length === 2 ? found : undefined;
    });
    expect(rows).toEqual([{ outcome: 'unknown-message' }, { outcome: 'unknown-message' }]);
  });
});

test('a text that the networks drop is bounced, and told to people once a template and day', async () => {
  notices.changeAccount({ dlt_texts: ['Only this.'] });
  await world.system.database.superuser(
    `INSERT INTO event_listener (tenant_id, name, kind, event_types)
     VALUES ('acme', 'watcher', 'loan.remind', ARRAY['notification.*'])`,
  );
  const ids = [await smsTo(somebody().phone), await smsTo(somebody().phone)];
  pass({ seconds: 2 });
  for (const id of ids) {
    expect(await comesTo(id, 'bounced')).toMatchObject({ message: { code: 'two-factor-dlt-cnt-reject' } });
  }
  const { rows } = await world.system.database.superuser(
    `SELECT type, data->>'template' AS template FROM event WHERE type = 'notification.dlt-rejected'`,
  );
  expect(rows).toEqual([{ type: 'notification.dlt-rejected', template: null }]);
  notices.changeAccount({ dlt_texts: [] });
});
