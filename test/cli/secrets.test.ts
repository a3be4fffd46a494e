import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { openPool } from '../../src/db/pools.ts';
import { inTenant } from '../../src/db/transaction.ts';
import { addEndpoint, targetOf } from '../../src/events/endpoints.ts';
import { setProviderAccount } from '../../src/notifications/providers/accounts.ts';
import type { Provider } from '../../src/notifications/providers/provider.ts';
import { createProviders } from '../../src/notifications/providers/providers.ts';
import { openAccount, setGatewayAccount } from '../../src/payments/gateway/accounts.ts';
import { keyRingIn, keyRingOf } from '../../src/secrets/key-ring.ts';
import { createSecretBox, type SecretBox } from '../../src/secrets/secret-box.ts';
import { testDatabase } from '../support/database.ts';
import { MANY_COMMANDS_MS, terminalOn } from './terminal.ts';

vi.setConfig({ testTimeout: MANY_COMMANDS_MS });

const database = await testDatabase(['acme', 'globex']);
const folder = await mkdtemp(path.join(tmpdir(), 'kist-secrets-'));
const file = path.join(folder, 'secret-key');
const pool = await openPool(database.url, { role: 'kist_app', connections_max: 2 });
afterAll(async () => {
  await pool.end();
  await database.close();
  await rm(folder, { recursive: true });
});
const { kist } = terminalOn(database.url, { KIST_SECRET_KEY: file });

const ACCOUNT = {
  ...{ key_id: 'rzp_test_1', key_secret: 'sesame-key', account_number: '2323230012345678' },
  webhook_secret: 'sesame-webhook',
};

async function addGateway(box: SecretBox, tenant: string): Promise<void> {
  const wish = { tenant, gateway: 'razorpay', actor: 'service:test' };
  await inTenant(pool, tenant, (tx) => setGatewayAccount(tx, box, wish, ACCOUNT));
}

async function keySecret(box: SecretBox, tenant: string): Promise<string | undefined> {
  const account = await inTenant(pool, tenant, (tx) => openAccount(tx, box, { tenant, gateway: 'razorpay' }));
  return account?.key_secret;
}

test('a new key seals every secret of every tenant; a process that runs takes it up; the former key goes', async () => {
  const running = createSecretBox(await keyRingIn(file));
  const former = await readFile(file, 'utf8');
  for (const tenant of ['acme', 'globex']) await addGateway(running, tenant);
  const wish = { tenant: 'acme', actor: 'service:test', url: 'https://example.com/hook', description: '' };
  const { endpoint, secret } = await inTenant(pool, 'acme', (tx) =>
    addEndpoint(tx, running, { ...wish, event_types: ['*'] }),
  );
  const brevo = createProviders().email.get('brevo')! as Provider;
  const credentials = { api_key: 'sesame-mail', sender: { email: 'post@globex.example' } };
  const now = new Date();
  const mail = { tenant: 'globex', channel: 'email', provider: 'brevo', actor: 'service:test', now } as const;
  await inTenant(pool, 'globex', (tx) => setProviderAccount(tx, running, mail, brevo, { credentials }));

  const rotated = await kist('secrets', 'rotate', '--json');
  expect(rotated.stderr).toBe('');
  expect(JSON.parse(rotated.stdout).tables).toEqual([
    { of: 'webhook endpoints', secrets: 1, resealed: 1 },
    { of: 'payment gateways', secrets: 2, resealed: 2 },
    { of: 'notification providers', secrets: 1, resealed: 1 },
  ]);
  const [present, kept] = (await readFile(file, 'utf8')).trim().split('\n');
  expect([`${kept}\n`, present === kept]).toEqual([former, false]);

  const forgotten = await kist('secrets', 'forget', '--json');
  expect(JSON.parse(forgotten.stdout)).toEqual({ forgotten: 1 });
  expect(await readFile(file, 'utf8')).toBe(`${present}\n`);
  for (const box of [running, createSecretBox(keyRingOf(present!, 'the environment'))]) {
    expect(await keySecret(box, 'acme')).toBe('sesame-key');
    expect(await keySecret(box, 'globex')).toBe('sesame-key');
    const target = await inTenant(pool, 'acme', (tx) =>
      targetOf(tx, box, { tenant: 'acme', id: endpoint.id }),
    );
    expect(`whsec_${target!.secrets[0]!.toString('base64')}`).toBe(secret);
  }
  await expect(keySecret(createSecretBox(keyRingOf(former, 'the past')), 'acme')).rejects.toThrow('the past');
});

test('where the environment holds the keys, their first one seals; nothing can be forgotten for it', async () => {
  const [present] = (await readFile(file, 'utf8')).trim().split('\n');
  const next = Buffer.alloc(32, 7).toString('base64');
  const other = terminalOn(database.url, { KIST_SECRET_KEYS: `${next},${present}` });
  const rotated = await other.kist('secrets', 'rotate');
  expect(rotated.stdout).toContain('KIST_SECRET_KEYS');
  expect(await keySecret(createSecretBox(keyRingOf(next, 'the environment')), 'globex')).toBe('sesame-key');
  expect((await other.kist('secrets', 'forget')).status).toBe(2);
  await writeFile(file, `${next}\n`);
});

test('no key is in the trail or in what the commands say', async () => {
  const { rows } = await database.superuser(`SELECT audit::text AS row FROM audit`);
  const rotated = await kist('secrets', 'rotate');
  const keys = (await readFile(file, 'utf8')).trim().split('\n');
  for (const key of keys) expect(JSON.stringify([rows, rotated.stdout, rotated.stderr])).not.toContain(key);
  expect(rows.filter(({ row }) => row.includes('cli.secrets.')).length).toBeGreaterThanOrEqual(3);
});
