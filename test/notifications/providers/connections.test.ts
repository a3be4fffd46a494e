import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { inTenant } from '../../../src/db/transaction.ts';
import type { Channel } from '../../../src/notifications/channels.ts';
import {
  type ProviderAccountRequest,
  removeProviderAccount,
  setProviderAccount,
  turnProviderAccount,
} from '../../../src/notifications/providers/accounts.ts';
import { Connections } from '../../../src/notifications/providers/connections.ts';
import type { Connection, Provider } from '../../../src/notifications/providers/provider.ts';
import { createProviders, type Providers } from '../../../src/notifications/providers/providers.ts';
import { keyRingIn } from '../../../src/secrets/key-ring.ts';
import { createSecretBox } from '../../../src/secrets/secret-box.ts';
import { answering } from '../../support/answering.ts';
import { testDatabase } from '../../support/database.ts';
import { accountWith, SENT, token } from './firebase.ts';
import { firstTry, messageBy } from './messages.ts';

const TENANTS_MAX = 200;
const tenants = Array.from({ length: TENANTS_MAX + 1 }, (_, index) => `lender-${index}`);
const database = await testDatabase(['acme', ...tenants]);
const folder = await mkdtemp(path.join(tmpdir(), 'kist-connections-'));
const box = createSecretBox(await keyRingIn(path.join(folder, 'secret-key')));
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true });
});

const BREVO = { api_key: 'xkeysib-0123456789', sender: { email: 'hello@acme.in' } };
const SMS = { api_key: 'key-0123456789', sender_id: 'ACMELN' };

/** Connections of one process, by a clock of their own, and what was connected and let go of meanwhile. */
function aProcess(given: Providers = createProviders()) {
  const present = { now_ms: 1 };
  const connected: string[] = [];
  const closed: string[] = [];
  const watched = <C extends Channel>(provider: Provider<C>): Provider<C> => ({
    ...provider,
    shown: provider.shown,
    connect(credentials) {
      const name = `${provider.channel}/${provider.name} ${connected.length + 1}`;
      connected.push(name);
      const connection: Connection<C> = provider.connect(credentials);
      return { ...connection, close: () => void closed.push(name) };
    },
  });
  const all = <C extends Channel>(known: ReadonlyMap<string, Provider<C>>) =>
    new Map([...known].map(([name, provider]) => [name, watched(provider)]));
  const providers = { email: all(given.email), sms: all(given.sms), push: all(given.push) };
  const connections = new Connections({ providers, box, now_ms: () => present.now_ms });
  onTestFinished(() => connections.close());
  const open = <C extends Channel>(tenant: string, channel: C) =>
    inTenant(database.app, tenant, (tx) => connections.open(tx, tenant, channel));
  const pass = (minutes: number) => {
    present.now_ms += minutes * 60_000;
  };
  return { connections, connected, closed, open, pass };
}

const known = createProviders();
function set(tenant: string, channel: Channel, name: string, request: ProviderAccountRequest) {
  const provider = known[channel].get(name) as Provider;
  const wish = { tenant, channel, provider: name, actor: 'operator:asha', now: new Date() };
  return inTenant(database.app, tenant, (tx) => setProviderAccount(tx, box, wish, provider, request));
}
const nameless = { channel: 'email' as const, provider: 'brevo', actor: 'operator:asha', now: new Date() };
const turn = (state: 'enabled' | 'disabled') =>
  inTenant(database.app, 'acme', (tx) => turnProviderAccount(tx, { tenant: 'acme', ...nameless }, state));

test('a thousand who send at once find one connection, and one flight for its token', async () => {
  const [sending, giving] = [await answering([SENT]), await answering([token('token-1')])];
  const fcm = createProviders({ fcm_url: sending.url, allow_private: true });
  const { connected, open } = aProcess(fcm);
  await set('acme', 'push', 'fcm', {
    credentials: fcm.push.get('fcm')!.credentials.parse(accountWith(giving.url)),
  });
  const send = async () => {
    const [first] = await open('acme', 'push');
    return first!.connection.send(messageBy('push'), firstTry());
  };
  await Promise.all(Array.from({ length: 1_000 }, send));
  expect(connected).toEqual(['push/fcm 1']);
  expect(sending.asked).toHaveLength(1_000);
  expect(giving.asked).toHaveLength(1);
});

test('who sent least lately of 201 tenants is let go of, and connected anew when he sends', async () => {
  const { connected, closed, open } = aProcess();
  await Promise.all(tenants.map((tenant) => set(tenant, 'email', 'brevo', { credentials: BREVO })));
  for (const tenant of tenants.slice(0, TENANTS_MAX)) await open(tenant, 'email');
  await open(tenants[0]!, 'email');
  expect(closed).toEqual([]);
  await open(tenants[TENANTS_MAX]!, 'email');
  expect(closed).toEqual(['email/brevo 2']);
  await open(tenants[0]!, 'email');
  expect(connected).toHaveLength(TENANTS_MAX + 1);
  await open(tenants[1]!, 'email');
  expect(connected).toHaveLength(TENANTS_MAX + 2);
});

test('a tenant who was idle for an hour is forgotten, one who sends is not', async () => {
  const { connections, connected, closed, open, pass } = aProcess();
  const [idle, busy] = [tenants[2]!, tenants[3]!];
  await open(idle, 'email');
  await open(busy, 'email');
  for (let half_hours = 0; half_hours < 3; half_hours += 1) {
    pass(30);
    await open(busy, 'email');
  }
  connections.sweep();
  expect(closed).toEqual(['email/brevo 1']);
  await open(busy, 'email');
  expect(connected).toHaveLength(2);
});

test('a change counts from the next send on, in every process, and the former connection is let go of', async () => {
  const [one, other] = [aProcess(), aProcess()];
  await set('acme', 'email', 'brevo', { credentials: BREVO });
  const both = () => Promise.all([one.open('acme', 'email'), other.open('acme', 'email')]);
  const [[before]] = (await both()) as [Awaited<ReturnType<typeof one.open>>, unknown];
  await set('acme', 'email', 'brevo', { credentials: { ...BREVO, api_key: 'xkeysib-9876543210' } });
  const [[after]] = (await both()) as [Awaited<ReturnType<typeof one.open>>, unknown];
  expect(after!.connection).not.toBe(before!.connection);
  for (const { closed, connected } of [one, other]) {
    expect([connected, closed]).toEqual([['email/brevo 1', 'email/brevo 2'], ['email/brevo 1']]);
  }
  await turn('disabled');
  expect(await both()).toEqual([[], []]);
  expect(one.closed).toEqual(['email/brevo 1', 'email/brevo 2']);
  await turn('enabled');
  expect((await one.open('acme', 'email')).map(({ provider }) => provider.name)).toEqual(['brevo']);
});

test('an account that was removed and set anew is not taken for the one before, whose version it has', async () => {
  const { connected, closed, open } = aProcess();
  const tenant = tenants[4]!;
  await open(tenant, 'email');
  await inTenant(database.app, tenant, (tx) => removeProviderAccount(tx, { tenant, ...nameless }));
  await set(tenant, 'email', 'brevo', { credentials: { ...BREVO, api_key: 'xkeysib-9876543210' } });
  await open(tenant, 'email');
  expect([connected, closed]).toEqual([['email/brevo 1', 'email/brevo 2'], ['email/brevo 1']]);
});

test('one channel’s change leaves the connections of the others alone', async () => {
  const { connected, closed, open } = aProcess();
  const tenant = tenants[5]!;
  await set(tenant, 'sms', 'two-factor', { credentials: SMS });
  await open(tenant, 'email');
  await open(tenant, 'sms');
  await set(tenant, 'sms', 'two-factor', { credentials: SMS });
  await open(tenant, 'sms');
  await open(tenant, 'email');
  expect([connected.length, closed]).toEqual([3, ['sms/two-factor 2']]);
});

test('credentials do not open in another tenant’s row', async () => {
  const { open } = aProcess();
  const [from, to] = [tenants[6]!, tenants[7]!];
  await database.superuser(
    `UPDATE notification_provider AS mine SET credentials = theirs.credentials FROM notification_provider AS theirs
     WHERE mine.tenant_id = $1 AND theirs.tenant_id = $2`,
    [to, from],
  );
  await expect(open(to, 'email')).rejects.toThrow();
  expect(await open(from, 'email')).toHaveLength(1);
});
