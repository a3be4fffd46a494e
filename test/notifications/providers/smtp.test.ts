import type { SMTPServerOptions } from 'smtp-server';
import { expect, test } from 'vitest';
import { createGuard } from '../../../src/events/guard.ts';
import { CERTIFICATE, mailServer, PASSWORD, smtpTo } from './mail-server.ts';
import { failureOf, firstTry, messageBy, send } from './messages.ts';

const password = (given: string): SMTPServerOptions => ({
  onAuth({ username, password }, _session, done) {
    if (username === 'acme' && password === given) done(null, { user: 'acme' });
    else done(new Error('No'));
  },
});

test('a mail goes out whole, under a Message-ID of ours, on every try the same', async () => {
  const { port, mailed } = await mailServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    ...password(PASSWORD),
  });
  const { connection } = smtpTo(port, { reply_to: 'help@acme.in' });
  const message = messageBy('email', {
    content: { subject: 'किस्त देय है', text: 'Text', html: '<p>HTML</p>' },
    attachments: [{ name: 'statement.pdf', type: 'application/pdf', content: Buffer.from('%PDF-1.7') }],
  });
  const message_id = `<${message.id}@acme.in>`;
  for (const number of [1, 2]) {
    expect(await connection.send(message, firstTry({ number }))).toEqual({ provider_id: message_id });
  }
  expect(mailed).toHaveLength(2);
  for (const { from, to, mail } of mailed) {
    expect([from, to]).toEqual(['hello@acme.in', [message.address]]);
    expect(mail).toMatchObject({
      messageId: message_id,
      subject: 'किस्त देय है',
      from: { name: 'Acme Loans', address: 'hello@acme.in' },
      to: [{ name: 'Asha Rao', address: message.address }],
      replyTo: [{ address: 'help@acme.in' }],
      ...{ text: 'Text\n', html: '<p>HTML</p>\n' },
      attachments: [{ filename: 'statement.pdf', mimeType: 'application/pdf' }],
    });
    expect(new Date(mail.date!)).toEqual(firstTry().first_tried_at);
  }
});

test('one connection carries many mails, and a name cannot make headers', async () => {
  const { port, mailed, connections } = await mailServer({ disabledCommands: ['STARTTLS', 'AUTH'] });
  const { connection } = smtpTo(port, { user: undefined, password: undefined });
  for (let each = 0; each < 3; each += 1) {
    await connection.send(messageBy('email', { name: 'Asha\r\nBcc: eve@evil.example' }), firstTry());
  }
  expect(connections.count).toBe(1);
  expect(mailed.flatMap(({ to }) => to)).toEqual(Array(3).fill('asha@example.in'));
  expect(mailed.some(({ mail }) => mail.headers.some(({ key }) => key === 'bcc'))).toBe(false);
});

test.each([
  ['starttls', {}],
  ['tls', { secure: true }],
])(
  'a line encrypted by %s is asked for the password, with a certificate that we trust',
  async (security, server) => {
    const { port, mailed } = await mailServer({ ...server, ...password(PASSWORD) });
    const { connection } = smtpTo(port, { security, host: 'localhost', ca: CERTIFICATE });
    await send(connection, 'email');
    expect(mailed).toHaveLength(1);
    const strange = smtpTo(port, { security, host: 'localhost' });
    expect(await failureOf(send(strange.connection, 'email'))).toMatchObject({
      ...{ kind: 'locked-out', code: 'smtp-untrusted-certificate' },
    });
  },
);

test('where encryption is asked for and not to be had, nothing is said', async () => {
  const { port, mailed } = await mailServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    ...password(PASSWORD),
  });
  const { connection } = smtpTo(port, { security: 'starttls' });
  expect(await failureOf(send(connection, 'email'))).toMatchObject({
    kind: 'locked-out',
    code: 'smtp-tls-refused',
  });
  expect(mailed).toHaveLength(0);
});

test('a wrong password is in no failure', async () => {
  const { port } = await mailServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    ...password('other'),
  });
  const failure = await failureOf(send(smtpTo(port).connection, 'email'));
  expect(failure).toMatchObject({ kind: 'locked-out', code: 'smtp-auth-refused' });
  expect(failure.cause).toBeUndefined();
  expect(`${failure.message} ${failure.stack}`).not.toContain('sesame');
});

test('a connection let go of in the midst of a mail brings it to its end, and still sends for who holds it', async () => {
  const { port, mailed } = await mailServer({ disabledCommands: ['STARTTLS', 'AUTH'] });
  const { connection } = smtpTo(port, { user: undefined, password: undefined });
  const under_way = Array.from({ length: 12 }, () => send(connection, 'email'));
  connection.close!();
  await Promise.all(under_way);
  await send(connection, 'email');
  expect(mailed).toHaveLength(13);
});

test('no server in our own network is called, by its number or by a name', async () => {
  const { port, connections } = await mailServer();
  const guard = createGuard({
    allow_private: false,
    resolve: async () => [{ address: '127.0.0.1', family: 4 }],
  });
  const numbered = smtpTo(port, {}, { guard });
  expect(await failureOf(send(numbered.connection, 'email'))).toMatchObject({
    ...{ kind: 'locked-out', code: 'smtp-forbidden-address' },
  });
  const named = smtpTo(port, { host: 'mail.example.in' }, { guard });
  expect(await failureOf(send(named.connection, 'email'))).toMatchObject({
    ...{ kind: 'again', code: 'smtp-unreachable' },
  });
  expect(connections.count).toBe(0);
});

test('what is shown of an account has no password, and half of one is not taken', () => {
  const { provider } = smtpTo(25);
  const account = provider.credentials.parse({
    ...{ host: 'mail.acme.in', user: 'acme', password: PASSWORD, sender: { email: 'hello@acme.in' } },
  });
  expect(provider.shown(account)).toEqual({
    ...{ host: 'mail.acme.in', port: '587', security: 'starttls', user: 'acme', sender: 'hello@acme.in' },
  });
  const { error } = provider.credentials.safeParse({ ...account, password: undefined });
  expect(error?.issues[0]?.path).toEqual(['password']);
});
