import { afterAll, describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { optOutLinks } from '../../src/notifications/opt-out/link.ts';
import type { NotificationRequest } from '../../src/notifications/request.ts';
import { addVersion } from '../../src/notifications/templates/rows.ts';
import type { SentMail } from '../../src/sandbox/notices/inbox.ts';
import { addKey, keyRingIn } from '../../src/secrets/key-ring.ts';
import { createSecretBox } from '../../src/secrets/secret-box.ts';
import { until } from '../support/until.ts';
import { type Notifying, openNotifying } from './notifying.ts';
import { openApi } from './open-api.ts';

const PUBLIC_URL = 'https://kist.acme.example';
const ONE_CLICK = {
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  payload: 'List-Unsubscribe=One-Click',
};

let people = 0;
const somebody = () => {
  people += 1;
  return `asha.${people}@example.in`;
};

/** A message by mail of the category, to the address. */
function mail(email: string, category: NotificationRequest['category'], more: object = {}) {
  const content = { email: { subject: `A ${category} of ${people}`, text: 'Dear Asha, …' } };
  return { type: 'EMAIL', category, recipient: { email }, content, ...more } as const;
}

const mailsTo = ({ notices }: Notifying, to: string) => notices.delivered({ to }) as readonly SentMail[];
const linkOf = ({ headers }: SentMail) => headers['List-Unsubscribe']?.slice(1, -1);
const endOf = async (world: Notifying, wish: Parameters<Notifying['notify']>[0]) => {
  const [story] = await world.notify(wish);
  return story!.state === 'sent' ? 'sent' : story!.job.code;
};

describe.each(['brevo', 'smtp'] as const)('by %s', async (mailer) => {
  // Long enough for the key to change between two tries.
  const world = await openNotifying({ mails: [mailer], public_url: PUBLIC_URL, unknown_ms: 300 });
  const app = await openApi(world);
  afterAll(async () => {
    await app.close();
    await world.close();
  });
  const post = (link: string) => app.inject({ method: 'POST', url: new URL(link).pathname, ...ONE_CLICK });

  test('who opts out by the link of a reminder gets no reminder more, but what must be told', async () => {
    const asha = somebody();
    await world.notify(mail(asha, 'reminder'));
    const [reminder] = mailsTo(world, asha);
    expect(reminder!.headers).toMatchObject({
      'List-Unsubscribe': expect.stringMatching(/^<https:\/\/kist\.acme\.example\/v1\/opt-out\/[\w-]{80,}>$/),
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    });
    const link = linkOf(reminder!)!;
    expect((await app.inject(new URL(link).pathname)).statusCode).toBe(200);
    expect(await endOf(world, mail(asha, 'reminder', { data: { number: 2 } }))).toBe('sent');

    const answers = [await post(link), await post(link)];
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200]);
    expect(await endOf(world, mail(asha, 'reminder'))).toBe('suppressed');
    expect(await endOf(world, mail(asha, 'marketing'))).toBe('suppressed');
    expect(await endOf(world, mail(asha, 'transactional'))).toBe('sent');
    const told = mailsTo(world, asha).find(({ subject }) => subject.includes('transactional'));
    expect(Object.keys(told!.headers)).not.toContain('List-Unsubscribe');
  });

  test('a mail that is repeated under another key has the link that it had', async () => {
    const asha = somebody();
    const fault = mailer === 'smtp' ? 'smtp-commit-then-cut' : 'rate-limited';
    world.notices.script({ fault, subject: asha });
    const linkNow = optOutLinks(createSecretBox(await keyRingIn(world.key_file)), PUBLIC_URL);
    const about = { tenant: 'acme', channel: 'email', address: asha, category: 'marketing' } as const;
    const link = linkNow(about)!;
    const id = await world.accept(mail(asha, 'marketing'));
    await until('it was tried', async () => (await world.story(id))[0]!.attempts[0]?.outcome);
    await addKey(world.key_file);
    await world.rested(id);
    expect(linkNow(about)).not.toBe(link);
    expect(mailsTo(world, asha).map(linkOf)).toEqual(mailer === 'smtp' ? [link, link] : [link]);
    expect((await post(link)).statusCode).toBe(200);
  });
});

describe('a wording with opt_out_link', async () => {
  const world = await openNotifying({ public_url: PUBLIC_URL });
  afterAll(() => world.close());
  const text = 'Dear Asha, …{% if opt_out_link %} No more of these: {{ opt_out_link }}{% endif %}';
  const email = { subject: 'Due', text, html: `<p>${text}</p>` };
  for (const name of ['nudge', 'digest']) {
    const wording = { category: 'reminder', parts: { email } } as const;
    await world.run((tx) => addVersion(tx, { name, locale: 'en-IN', wording, actor: 'operator:meera' }));
  }
  const nudge = (to: string, category: NotificationRequest['category'], number = 1) => {
    const more = { content: undefined, template: 'nudge', locale: 'en-IN', data: { number } };
    return mail(to, category, more);
  };

  test('has that of the header, and nothing where there is none', async () => {
    const asha = somebody();
    await world.notify(nudge(asha, 'reminder'));
    const [reminder] = mailsTo(world, asha);
    const link = linkOf(reminder!)!;
    expect(reminder).toMatchObject({ text: `Dear Asha, … No more of these: ${link}` });
    expect(reminder!.html).toContain(link);
    await world.notify(nudge(asha, 'transactional'));
    expect(mailsTo(world, asha).map(({ text }) => text)).toContain('Dear Asha, …');
  });

  test('is the same message twice where it is sent twice', async () => {
    await world.setPolicy('email', { dedupe: { minutes: 60, for: ['reminder'] } });
    const asha = somebody();
    expect(await endOf(world, nudge(asha, 'reminder'))).toBe('sent');
    expect(await endOf(world, nudge(asha, 'reminder'))).toBe('duplicate');
  });

  test('says it once of several reminders in one', async () => {
    await world.setPolicy('email', { digest: { minutes: 30 } });
    const asha = somebody();
    const first = await world.accept(nudge(asha, 'reminder'));
    await until('it waits', async () => (await world.story(first))[0]!.job.code === 'gathering');
    await world.accept(nudge(asha, 'reminder', 2));
    world.clock.moveTo(new Date(world.clock.now().getTime() + 31 * 60_000));
    await world.rested(first);
    const [digest] = mailsTo(world, asha);
    expect(digest!.text).toBe(`Dear Asha, … No more of these: ${linkOf(digest!)}`);
  });
});

test('without KIST_PUBLIC_URL no mail has a link', async () => {
  const world = await openNotifying();
  const asha = somebody();
  try {
    await world.notify(mail(asha, 'marketing'));
    expect(Object.keys(mailsTo(world, asha)[0]!.headers)).not.toContain('List-Unsubscribe');
  } finally {
    await world.close();
  }
});

test('borrowers reach this API by https alone, but on this machine', () => {
  const read = (KIST_PUBLIC_URL: string) => readConfig({ KIST_PUBLIC_URL }).KIST_PUBLIC_URL;
  expect(read('https://acme.example/kist/')).toBe('https://acme.example/kist');
  expect(read('http://127.0.0.1:7300')).toBe('http://127.0.0.1:7300');
  expect(read('')).toBeUndefined();
  const long = `https://${'a'.repeat(200)}.example`;
  for (const wrong of [
    'http://acme.example',
    'acme.example',
    'https://acme.example?x',
    'ftp://acme.example',
    long,
  ]) {
    expect(() => read(wrong), wrong).toThrow('KIST_PUBLIC_URL');
  }
});
