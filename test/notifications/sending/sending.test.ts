import { sql } from 'slonik';
import { afterAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Channel } from '../../../src/notifications/channels.ts';
import { holdLane, openLane } from '../../../src/notifications/lanes.ts';
import type { ProviderAsked } from '../../../src/notifications/measured.ts';
import type { NotificationRequest } from '../../../src/notifications/request.ts';
import { due } from '../../../src/notifications/templates/built-in/due.ts';
import type { ScriptedNoticeFault } from '../../../src/sandbox/notices/faults.ts';
import { until } from '../../support/until.ts';
import { openNotifying, textTo } from '../notifying.ts';

const world = await openNotifying({ notices: { hang_ms: 2_000 } });
afterAll(() => world.close());
const { notices, notify, accept, rested } = world;

let people = 0;
/** Somebody to whom nothing was sent yet. */
function somebody() {
  people += 1;
  const number = String(people).padStart(4, '0');
  return {
    email: `borrower-${number}@example.com`,
    phone: `+91981234${number}`,
    push_token: `token-of-borrower-${number}`,
  };
}
const ADDRESS = { email: 'email', sms: 'phone', push: 'push_token' } as const;

const CONTENT = {
  email: {
    subject: 'Due soon',
    text: 'Your EMI is due on Friday.',
    html: '<p>Your EMI is due on Friday.</p>',
  },
  sms: { text: 'Your EMI is due on Friday.' },
  push: { title: 'Due soon', body: 'Your EMI is due on Friday.' },
};

/** Sends by one channel to somebody whom these faults befall. */
async function sendBy(channel: Channel, faults: Omit<ScriptedNoticeFault, 'subject'>[] = [], more = {}) {
  const recipient = somebody();
  const subject = recipient[ADDRESS[channel]];
  notices.script(...faults.map((fault) => ({ subject, ...fault }) as ScriptedNoticeFault));
  const type = channel.toUpperCase() as 'EMAIL' | 'SMS' | 'PUSH';
  const [story] = await notify({ type, recipient, content: CONTENT, ...more });
  const outcomes = story!.attempts.map(({ outcome }) => outcome);
  return { ...story!, outcomes, got: notices.delivered({ to: subject }).length };
}

describe('a message', () => {
  test('of all channels reaches the person by each, once', async () => {
    const recipient = { ...somebody(), name: 'Asha Rao' };
    const stories = await notify({ type: 'ALL', recipient, content: CONTENT });
    expect(stories.map(({ channel, state }) => [channel, state])).toEqual([
      ...[
        ['email', 'sent'],
        ['sms', 'sent'],
        ['push', 'sent'],
      ],
    ]);
    for (const { message } of stories) expect(message!.provider_id).toBeTruthy();
    for (const address of [recipient.email, recipient.phone, recipient.push_token]) {
      expect(notices.delivered({ to: address })).toHaveLength(1);
    }
  });

  test('of a template says what the person will read, from which version', async () => {
    const { phone } = somebody();
    const data = due.sample as NotificationRequest['data'];
    const [story] = await notify({ type: 'SMS', recipient: { phone }, template: 'due', data });
    expect(story!.message).toMatchObject({ state: 'sent', template: 'kist/due', locale: 'en-IN' });
    expect(JSON.stringify(notices.delivered({ to: phone }))).toContain('12,481');
  });

  test('of a template brings the app the link that the words have no place for', async () => {
    const { push_token } = somebody();
    const data = due.sample as NotificationRequest['data'];
    await notify({ type: 'PUSH', recipient: { push_token }, template: 'due', data });
    const [shown] = notices.delivered({ to: push_token });
    expect(shown).toMatchObject({ title: 'EMI due today', data: { link: due.sample.pay_link } });
  });
});

test('every call to a provider is told to those who measure, with how it ended', async () => {
  const asked: ProviderAsked[] = [];
  const hear = (call: ProviderAsked) => asked.push(call);
  world.system.runtime.events.on('provider-asked', hear);
  await sendBy('push', [{ fault: 'rate-limited' }]);
  world.system.runtime.events.off('provider-asked', hear);
  expect(asked).toMatchObject([
    { channel: 'push', provider: 'fcm', outcome: 'again' },
    { channel: 'push', provider: 'fcm', outcome: 'sent' },
  ]);
  expect(asked.every(({ seconds }) => seconds > 0 && seconds < 10)).toBe(true);
});

describe('a failure after which it certainly was not sent', () => {
  test.each<[Channel, ScriptedNoticeFault['fault']]>([
    ...(['email', 'push'] as const).flatMap((channel) =>
      (['rate-limited', 'unavailable'] as const).map((fault): [Channel, typeof fault] => [channel, fault]),
    ),
    ['sms', 'rate-limited'],
  ])('of %s (%s) is tried again', async (channel, fault) => {
    const sent = await sendBy(channel, [{ fault, times: 2 }]);
    expect([sent.state, sent.outcomes.at(-1), sent.got]).toEqual(['sent', 'sent', 1]);
    expect(sent.outcomes).toHaveLength(3);
  });

  test('is tried three times more, then it is a dead letter', async () => {
    const sent = await sendBy('push', [{ fault: 'error-500', times: 9 }]);
    expect([sent.state, sent.job.state, sent.got]).toEqual(['failed', 'dead', 0]);
    expect(sent.outcomes).toHaveLength(4);
    expect(sent.job.code).toContain('fcm');
  });

  test('has as many tries again once somebody redrives it', async () => {
    const recipient = somebody();
    notices.script({ subject: recipient.push_token, fault: 'error-500', times: 6 });
    const [dead] = await notify({ type: 'PUSH', recipient, content: CONTENT });
    await world.system.runtime.redrive('acme', dead!.job.id, 'operator:asha');
    const [sent] = await until('it is sent', async () => {
      const stories = await world.story((await world.run((tx) => notificationOf(tx, dead!.job.id)))!);
      return stories[0]!.state === 'sent' ? stories : null;
    });
    expect(sent!.attempts).toHaveLength(7);
  });
});

describe('an answer that was lost', () => {
  test('by Brevo is asked for again under the same key: the mail comes once', async () => {
    const sent = await sendBy('email', [{ fault: 'commit-then-reset' }]);
    expect([sent.state, sent.got]).toEqual(['sent', 1]);
    expect(sent.outcomes[0]).toBe('unknown');
  });

  test('by Firebase: the second one takes the place of the first', async () => {
    const sent = await sendBy('push', [{ fault: 'commit-then-reset' }]);
    expect([sent.state, sent.got, sent.outcomes]).toEqual(['sent', 1, ['unknown', 'sent']]);
  });

  test('by 2Factor: one more is sent at most, and it may arrive twice', async () => {
    const sent = await sendBy('sms', [{ fault: 'commit-then-500' }]);
    expect([sent.state, sent.got, sent.outcomes]).toEqual(['sent', 2, ['unknown', 'sent']]);
    const lost = await sendBy('sms', [{ fault: 'commit-then-500', times: 5 }]);
    expect([lost.state, lost.job.code, lost.got]).toEqual(['failed', 'outcome-unknown', 2]);
  });
});

describe('a message that can never be sent', () => {
  test.each<[Channel, ScriptedNoticeFault['fault']]>([
    ['email', 'refused'],
    ['push', 'sender-mismatch'],
  ])('by %s (%s) is a dead letter at once', async (channel, fault) => {
    const sent = await sendBy(channel, [{ fault }]);
    expect([sent.state, sent.job.state, sent.outcomes.length, sent.got]).toEqual(['failed', 'dead', 1, 0]);
  });

  test('because the app is gone from the phone: the next one is not even tried', async () => {
    const recipient = somebody();
    notices.uninstall(recipient.push_token);
    const [first] = await notify({ type: 'PUSH', recipient, content: CONTENT });
    expect([first!.state, first!.attempts[0]!.outcome]).toEqual(['failed', 'dead-address']);
    const [second] = await notify({ type: 'PUSH', recipient, content: CONTENT });
    expect([second!.state, second!.job.code, second!.attempts]).toEqual(['cancelled', 'suppressed', []]);
  });

  test('because nobody wants it any more', async () => {
    const { phone } = somebody();
    const late = await notify(textTo(phone, 'Due today.', { deadline: '2020-01-01T00:00:00Z' }));
    expect([late[0]!.state, late[0]!.job.code]).toEqual(['cancelled', 'expired']);
    expect(notices.delivered({ to: phone })).toEqual([]);
  });
});

describe('order', () => {
  test.each(['recipient', 'tenant'] as const)(
    'of a %s holds while the first one is tried again',
    async (ordering) => {
      const { phone } = somebody();
      notices.script({ subject: phone, fault: 'rate-limited', times: 2 });
      const ids: string[] = [];
      for (const number of [1, 2, 3, 4])
        ids.push(await accept(textTo(phone, `Message ${number}`, { ordering })));
      for (const id of ids) await rested(id);
      expect(textsTo(phone)).toEqual(['Message 1', 'Message 2', 'Message 3', 'Message 4']);
    },
  );

  test('of none lets others pass', async () => {
    const { phone } = somebody();
    notices.script({ subject: phone, fault: 'rate-limited', times: 3 });
    const ids: string[] = [];
    for (const number of [1, 2, 3])
      ids.push(await accept(textTo(phone, `Message ${number}`, { ordering: 'none' })));
    for (const id of ids) await rested(id);
    expect(textsTo(phone).sort()).toEqual(['Message 1', 'Message 2', 'Message 3']);
  });
});

describe('a lane', () => {
  test('is held when the provider knows the lender no more, and drains in order once it is opened', async () => {
    const { phone } = somebody();
    notices.changeAccount({ credits: 0 });
    const held: string[] = [];
    for (const number of [1, 2, 3]) held.push(await accept(textTo(phone, `Message ${number}`)));
    for (const id of held)
      expect((await rested(id))[0]!.job).toMatchObject({ state: 'held', code: 'lane-held' });
    const outdated = await accept(textTo(phone, 'Too late', { deadline: soon(world.clock.now()) }));
    await rested(outdated);
    // Other channels go on.
    expect((await sendBy('push')).state).toBe('sent');

    notices.changeAccount({ credits: 1_000_000 });
    world.clock.moveTo(new Date(world.clock.now().getTime() + 60_000));
    await world.run((tx) => openLane(tx, opening('sms')));
    for (const id of held)
      await until('it is sent', async () => (await world.story(id))[0]!.state === 'sent');
    expect(textsTo(phone)).toEqual(['Message 1', 'Message 2', 'Message 3']);
    await until('it is dropped', async () => (await world.story(outdated))[0]!.job.code === 'expired');
  });

  test('held by people lets nothing out, and burns no try', async () => {
    const hold = {
      channel: 'email',
      code: 'asked',
      message: 'Wrong sender.',
      held_by: 'operator:asha',
    } as const;
    await world.run((tx) => holdLane(tx, 'acme', { ...hold, held_at: world.clock.now() }));
    const { email } = somebody();
    const id = await accept({ type: 'EMAIL', recipient: { email }, content: CONTENT });
    expect((await rested(id))[0]).toMatchObject({ state: 'held', attempts: [] });
    await world.run((tx) => openLane(tx, opening('email')));
    await until('it is sent', async () => (await world.story(id))[0]!.state === 'sent');
    expect(notices.delivered({ to: email })).toHaveLength(1);
  });
});

function opening(channel: Channel) {
  return { tenant: 'acme', channel, by: 'operator:asha', at: world.clock.now() };
}

function textsTo(phone: string): string[] {
  return notices.delivered({ to: phone }).map((notice) => ('text' in notice ? String(notice.text) : ''));
}

function soon(now: Date): string {
  return new Date(now.getTime() + 30_000).toISOString();
}

function notificationOf(tx: Parameters<Parameters<typeof world.run>[0]>[0], job: string) {
  return tx.oneFirst(sql.type(z.object({ key: z.string() }))`SELECT key FROM job WHERE id = ${job}`);
}
