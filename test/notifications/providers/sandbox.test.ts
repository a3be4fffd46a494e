import { afterAll, expect, onTestFinished, test } from 'vitest';
import type { Channel } from '../../../src/notifications/channels.ts';
import type { Connection, ProviderErrorKind } from '../../../src/notifications/providers/provider.ts';
import { createProviders } from '../../../src/notifications/providers/providers.ts';
import { NO_FAULTS } from '../../../src/sandbox/faults.ts';
import type { NoticeFault } from '../../../src/sandbox/notices/faults.ts';
import { startSandbox } from '../../../src/sandbox/sandbox.ts';
import { failureOf, firstTry, messageBy } from './messages.ts';

const SENDER = { email: 'hello@acme.in' };
type Name = 'email/brevo' | 'email/smtp' | 'sms/two-factor' | 'push/fcm';

const sandbox = await startSandbox({
  ...{ port: 0, faults: NO_FAULTS, gateway: { tick_ms: 0 } },
  notices: { tick_ms: 0, hang_ms: 150, banner_ms: 1_500 },
});
afterAll(() => sandbox.stop());
const { notices, url } = sandbox;
const { brevo_key, two_factor_key, smtp_user: user, smtp_password: password } = notices.account();
const providers = createProviders({
  ...{ brevo_url: url, two_factor_url: url, fcm_url: url, allow_private: true, timeout_ms: 500 },
});
const ACCOUNTS: Record<Name, object> = {
  'email/brevo': { api_key: brevo_key, sender: SENDER },
  'email/smtp': { ...notices.smtp, security: 'none', user, password, sender: SENDER },
  'sms/two-factor': { api_key: two_factor_key, sender_id: 'ACMELN' },
  'push/fcm': notices.serviceAccount(),
};

let messages = 0;
const ADDRESSES: Record<Channel, (number: number) => string> = {
  email: (number) => `asha-${number}@example.in`,
  sms: (number) => `+9198${10_000_000 + number}`,
  push: (number) => `token-of-asha:${number}`,
};

/** A new connection of a tenant's, a message to somebody new, and how often that was taken. */
function toSomebody(name: Name) {
  const [channel, provider] = name.split('/') as [Channel, string];
  const { credentials, connect } = providers[channel].get(provider)!;
  const connection = connect(credentials.parse(ACCOUNTS[name])) as Connection;
  onTestFinished(() => connection.close?.());
  messages += 1;
  const message = messageBy(channel, { address: ADDRESSES[channel](messages) });
  return {
    send: (number = 1) => connection.send(message, firstTry({ number })),
    taken: () => notices.accepted().filter(({ to }) => to === message.address),
    seen: () => notices.delivered().filter(({ to }) => to === message.address),
  };
}

test.each(['email/brevo', 'email/smtp', 'sms/two-factor', 'push/fcm'] as const)(
  '%s takes a message and gives it an id',
  async (name) => {
    const { send, taken } = toSomebody(name);
    const { provider_id } = await send();
    const [notice] = taken();
    // A mail server has a number of its own for a mail, and bounces name its Message-ID.
    expect(name === 'email/smtp' ? notice!.reference : notice!.provider_id).toBe(provider_id);
  },
);

/** A fault, what the client makes of it, and whether the provider took the message all the same. */
type Case = [name: Name, fault: NoticeFault, kind: ProviderErrorKind, code: string, taken?: 'taken'];
const calls = (name: Name, prefix: string, locked: [string, string, string]): Case[] => [
  [name, 'error-500', 'unknown', `${prefix}-unavailable`],
  [name, 'unavailable', 'unknown', `${prefix}-unavailable`],
  [name, 'bad-gateway', 'unknown', `${prefix}-unavailable`],
  [name, 'reset', 'unknown', `${prefix}-broken-off`],
  [name, 'hang', 'unknown', `${prefix}-broken-off`],
  [name, 'rate-limited', 'again', `${prefix}-rate-limited`],
  [name, 'unauthorized', 'locked-out', `${prefix}-${locked[0]}`],
  [name, 'forbidden', 'locked-out', `${prefix}-${locked[1]}`],
  [name, 'no-credits', 'locked-out', `${prefix}-${locked[2]}`],
  [name, 'commit-then-500', 'unknown', `${prefix}-unavailable`, 'taken'],
  [name, 'commit-then-reset', 'unknown', `${prefix}-broken-off`, 'taken'],
  [name, 'commit-then-cut', 'unknown', `${prefix}-broken-off`, 'taken'],
  [name, 'commit-then-hang', 'unknown', `${prefix}-broken-off`, 'taken'],
  [name, 'commit-then-garbage', 'unknown', `${prefix}-unreadable`, 'taken'],
];
const CASES: Case[] = [
  ...calls('email/brevo', 'brevo', ['unauthorized', 'permission-denied', 'not-enough-credits']),
  ['email/brevo', 'refused', 'rejected', 'brevo-invalid-parameter'],
  ...calls('sms/two-factor', 'two-factor', ['invalid-key', 'account-closed', 'no-balance']),
  ['sms/two-factor', 'refused', 'rejected', 'two-factor-template-refused'],
  ['push/fcm', 'unavailable', 'unknown', 'fcm-unavailable'],
  ['push/fcm', 'error-500', 'unknown', 'fcm-internal'],
  ['push/fcm', 'bad-gateway', 'unknown', 'fcm-unavailable'],
  ['push/fcm', 'commit-then-reset', 'unknown', 'fcm-broken-off', 'taken'],
  ['push/fcm', 'commit-then-garbage', 'unknown', 'fcm-unreadable', 'taken'],
  ['push/fcm', 'rate-limited', 'again', 'fcm-rate-limited'],
  ['push/fcm', 'unregistered', 'dead-address', 'fcm-unregistered'],
  ['push/fcm', 'invalid-token', 'dead-address', 'fcm-invalid-token'],
  ['push/fcm', 'sender-mismatch', 'rejected', 'fcm-sender-id-mismatch'],
  ['push/fcm', 'forbidden', 'rejected', 'fcm-permission-denied'],
  ['push/fcm', 'refused', 'rejected', 'fcm-invalid-argument'],
  ['push/fcm', 'platform-refused', 'locked-out', 'fcm-third-party-auth-error'],
  ['push/fcm', 'invalid-grant', 'locked-out', 'fcm-token-invalid-grant'],
  ['push/fcm', 'invalid-client', 'locked-out', 'fcm-token-invalid-client'],
  ['push/fcm', 'token-500', 'again', 'fcm-token-unavailable'],
  ['push/fcm', 'token-reset', 'again', 'fcm-token-broken-off'],
  ['push/fcm', 'token-garbage', 'again', 'fcm-token-unreadable'],
  ['email/smtp', 'smtp-421', 'again', 'smtp-reply-421'],
  ['email/smtp', 'smtp-slow-banner', 'again', 'smtp-timeout'],
  ['email/smtp', 'smtp-535', 'locked-out', 'smtp-auth-refused'],
  ['email/smtp', 'smtp-454', 'again', 'smtp-reply-454'],
  ['email/smtp', 'smtp-450', 'again', 'smtp-reply-450'],
  ['email/smtp', 'smtp-550', 'dead-address', 'smtp-no-such-mailbox'],
  ['email/smtp', 'smtp-451', 'again', 'smtp-reply-451'],
  ['email/smtp', 'smtp-552', 'rejected', 'smtp-reply-552'],
  ['email/smtp', 'smtp-554', 'rejected', 'smtp-reply-554'],
  ['email/smtp', 'smtp-cut', 'unknown', 'smtp-lost-after-data'],
  ['email/smtp', 'smtp-commit-then-cut', 'unknown', 'smtp-lost-after-data', 'taken'],
  ['email/smtp', 'smtp-commit-then-hang', 'unknown', 'smtp-lost-after-data', 'taken'],
];

test.each(CASES)('%s under %s: %s, %s', async (name, fault, kind, code, is_taken) => {
  const { send, taken } = toSomebody(name);
  notices.script({ fault, subject: '*' });
  expect(await failureOf(send())).toMatchObject({ kind, code });
  expect(taken()).toHaveLength(is_taken ? 1 : 0);
});

/** Sends a message again whose answer was lost. */
async function repeat(name: Name, fault: NoticeFault) {
  const { send, taken, seen } = toSomebody(name);
  notices.script({ fault, subject: '*' });
  await failureOf(send());
  return { sent: await send(2), taken: taken(), seen: seen() };
}

test('a mail that Brevo had taken is not sent twice by a repeat, though its id stays unknown', async () => {
  const { sent, taken } = await repeat('email/brevo', 'commit-then-reset');
  expect(sent).toEqual({ provider_id: null });
  expect(taken).toHaveLength(1);
});

test('a push message that is repeated takes the place of the first on the device', async () => {
  const { taken, seen } = await repeat('push/fcm', 'commit-then-reset');
  expect(taken).toHaveLength(2);
  expect(seen).toMatchObject([{ copy: 2 }]);
});

test.each([
  ['email/smtp', 'smtp-commit-then-cut'],
  ['sms/two-factor', 'commit-then-reset'],
] as const)('%s knows no keys: a repeat arrives twice', async (name, fault) => {
  expect((await repeat(name, fault)).taken).toHaveLength(2);
});

test('an access token that ran out is replaced unnoticed', async () => {
  const { send, taken } = toSomebody('push/fcm');
  await send();
  notices.script({ fault: 'token-expired', subject: '*' });
  await send();
  expect(taken()).toHaveLength(2);
});
