import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { testDatabase } from '../support/database.ts';
import { MANY_COMMANDS_MS, terminalOn } from './terminal.ts';

vi.setConfig({ testTimeout: MANY_COMMANDS_MS });

const database = await testDatabase(['acme']);
const folder = await mkdtemp(path.join(tmpdir(), 'kist-webhook-'));
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true });
});
const KIST_SECRET_KEY = path.join(folder, 'secret-key');
const { kist, answer } = terminalOn(database.url, { KIST_SECRET_KEY, KIST_WEBHOOK_ALLOW_PRIVATE: 'true' });

interface Endpoint {
  id: string;
  secret: string;
}

test('an endpoint is added, listed, given a new secret and removed', async () => {
  const url = 'http://127.0.0.1:9/hook';
  const added = await answer<Endpoint>('webhook', 'add', url, '--events', 'loan.*', 'wallet.frozen');
  expect(added.secret).toMatch(/^whsec_/);
  const list = await kist('webhook', 'list');
  expect(list.stdout).toContain(added.id);
  expect(list.stdout).toContain('loan.* wallet.frozen');
  expect(list.stdout).not.toContain('whsec_');

  const rotated = await kist('webhook', 'rotate', added.id, '--grace-hours', '0');
  expect(rotated.stdout).toMatch(/whsec_\S+/);
  expect(rotated.stdout).not.toContain(added.secret);

  expect((await kist('webhook', 'remove', added.id)).status).toBe(0);
  expect((await kist('webhook', 'remove', added.id)).status).toBe(1);
  expect((await kist('webhook', 'list')).stdout).toBe('No endpoints yet: `kist webhook add`.\n');
});

test('what is no address, no event type, or leads inside is refused', async () => {
  expect((await kist('webhook', 'add', 'nonsense')).status).toBe(2);
  expect((await kist('webhook', 'add', 'https://shop.example/', '--events', 'Loan')).status).toBe(2);
  const strict = terminalOn(database.url, { KIST_SECRET_KEY });
  const inside = await strict.kist('webhook', 'add', 'https://127.0.0.1/');
  expect(inside.status).toBe(4);
  expect(inside.stderr).toContain('forbidden-address');
});
