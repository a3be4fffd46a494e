import type net from 'node:net';
import { expect, test } from 'vitest';
import type { ProviderErrorKind } from '../../../src/notifications/providers/provider.ts';
import { closedPort } from '../../support/answering.ts';
import { until } from '../../support/until.ts';
import { scriptedServer, smtpTo } from './mail-server.ts';
import { failureOf, send } from './messages.ts';

const reset = (socket: net.Socket) => void socket.resetAndDestroy();
const close = (socket: net.Socket) => void socket.destroy();
const nothing = () => {};

const FAILURES: [
  what: string,
  script: Parameters<typeof scriptedServer>[0],
  kind: ProviderErrorKind,
  code: string,
][] = [
  ['busy from the first word', { greeting: '421 too busy' }, 'again', 'reply-421'],
  ['not for us', { greeting: '554 go away' }, 'locked-out', 'refused-us'],
  ['gone before the first word', { greeting: close }, 'again', 'unreachable'],
  ['silent', { greeting: nothing }, 'again', 'timeout'],
  ['a wrong password', { AUTH: '535 5.7.8 no' }, 'locked-out', 'auth-refused'],
  ['no time for passwords', { AUTH: '454 4.7.0 later' }, 'again', 'reply-454'],
  ['a password first', { EHLO: '250 hello', MAIL: '530 5.7.0 authenticate' }, 'locked-out', 'auth-refused'],
  ['a sender that is not ours', { MAIL: '550 5.7.1 not your address' }, 'rejected', 'reply-550'],
  ['mailbox busy', { RCPT: '450 4.2.1 later' }, 'again', 'reply-450'],
  ['trouble', { RCPT: '451 4.3.0 later' }, 'again', 'reply-451'],
  ['no room', { RCPT: '452 4.3.1 later' }, 'again', 'reply-452'],
  ['nobody there', { RCPT: '550 5.1.1 unknown' }, 'dead-address', 'no-such-mailbox'],
  ['nobody there, in words', { RCPT: '550 No such user here' }, 'dead-address', 'no-such-mailbox'],
  ['refused for its looks', { RCPT: '550 5.7.1 blocked' }, 'rejected', 'reply-550'],
  ['refused, unexplained', { RCPT: '550 no' }, 'rejected', 'reply-550'],
  ['moved', { RCPT: '551 5.1.6 moved' }, 'dead-address', 'no-such-mailbox'],
  ['mailbox full', { RCPT: '552 5.2.2 full' }, 'rejected', 'reply-552'],
  ['no address', { RCPT: '553 5.1.3 bad address' }, 'dead-address', 'no-such-mailbox'],
  ['out of step', { DATA: '503 bad sequence' }, 'again', 'reply-503'],
  ['taken for spam', { 'end of data': '554 5.7.1 spam' }, 'rejected', 'reply-554'],
  ['too large', { 'end of data': '552 5.3.4 too large' }, 'rejected', 'reply-552'],
  ['trouble at the end', { 'end of data': '451 4.3.0 later' }, 'again', 'reply-451'],
  ['greylisted at the end', { 'end of data': '421 4.7.0 bye' }, 'again', 'reply-421'],
  ['a reset before the mail', { RCPT: reset }, 'again', 'unreachable'],
  ['a reset instead of “go on”', { DATA: reset }, 'again', 'unreachable'],
  ['a reset after the end', { 'end of data': reset }, 'unknown', 'lost-after-data'],
  ['closed after the end', { 'end of data': close }, 'unknown', 'lost-after-data'],
  ['silence after the end', { 'end of data': nothing }, 'unknown', 'lost-after-data'],
];
test.each(FAILURES)('%s', async (_, script, kind, code) => {
  const { port, received } = await scriptedServer(script);
  const is_silent = [script.greeting, script['end of data']].includes(nothing);
  const { connection } = smtpTo(port, {}, { timeout_ms: is_silent ? 150 : 5_000 });
  const failure = await failureOf(send(connection, 'email'));
  expect(failure).toMatchObject({ name: 'ProviderError', kind, code: `smtp-${code}` });
  expect(received.connections, 'nothing is tried twice').toBe(1);
  expect(received.whole).toBe('end of data' in script ? 1 : 0);
});

test('who is answered drop by drop gives up in the end', async () => {
  const dripping = (socket: net.Socket) => {
    const drip = setInterval(() => void socket.write('250-wait\r\n'), 50);
    socket.once('close', () => clearInterval(drip));
  };
  const early = await scriptedServer({ MAIL: dripping });
  const late = await scriptedServer({ 'end of data': dripping });
  const failure = async (port: number) =>
    failureOf(send(smtpTo(port, {}, { timeout_ms: 200 }).connection, 'email'));
  expect(await failure(early.port)).toMatchObject({ kind: 'again', code: 'smtp-timeout' });
  expect(await failure(late.port)).toMatchObject({ kind: 'unknown', code: 'smtp-lost-after-data' });
});

test('where nobody listens, nothing was sent', async () => {
  const { connection } = smtpTo(await closedPort());
  expect(await failureOf(send(connection, 'email'))).toMatchObject({
    kind: 'again',
    code: 'smtp-unreachable',
  });
});

test('a mail refused says nothing of the next one', async () => {
  let recipients = 0;
  const { port, received } = await scriptedServer({
    RCPT: (socket) => {
      recipients += 1;
      socket.write(recipients === 1 ? '550 5.1.1 unknown\r\n' : '250 ok\r\n');
    },
  });
  const { connection } = smtpTo(port);
  await failureOf(send(connection, 'email'));
  await send(connection, 'email');
  expect(received.whole).toBe(1);
});

test('a server that hangs up between two mails is called anew', async () => {
  const { port, received } = await scriptedServer({
    'end of data': (socket) => void socket.end('250 queued\r\n'),
  });
  const { connection } = smtpTo(port);
  await send(connection, 'email');
  await until('it has hung up', () => received.closed === 1);
  await send(connection, 'email');
  expect(received).toMatchObject({ whole: 2, connections: 2 });
});

test('who gives up hears why he did', async () => {
  const giving = new AbortController();
  const reason = new Error('The lease is over.');
  const { port } = await scriptedServer({ MAIL: () => giving.abort(reason) });
  expect(await failureOf(send(smtpTo(port).connection, 'email', { signal: giving.signal }))).toBe(reason);
});

test('no failure tells the password or the person, whatever the server repeats', async () => {
  const token = Buffer.from('\0acme\0sesame-mail-password').toString('base64');
  const words = `sesame-mail-password ${token} <asha@example.in>`;
  for (const script of [
    { AUTH: `535 ${words}` },
    { RCPT: `550 5.1.1 ${words}` },
    { greeting: `421 ${words}` },
  ]) {
    const { port } = await scriptedServer(script);
    const { message, stack, cause } = await failureOf(send(smtpTo(port).connection, 'email'));
    expect(cause).toBeUndefined();
    expect(`${message} ${stack}`).not.toMatch(/sesame|asha@/);
    expect(`${message} ${stack}`).not.toContain(token);
  }
});
