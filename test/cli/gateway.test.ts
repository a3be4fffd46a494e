import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { testDatabase } from '../support/database.ts';
import { MANY_COMMANDS_MS, terminalOn } from './terminal.ts';

vi.setConfig({ testTimeout: MANY_COMMANDS_MS });

const database = await testDatabase(['acme']);
const folder = await mkdtemp(path.join(tmpdir(), 'kist-gateway-'));
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true });
});
const { kist } = terminalOn(database.url, { KIST_SECRET_KEY: path.join(folder, 'secret-key') });
const fileOf = async (name: string, content: string) => {
  const file = path.join(folder, name);
  await writeFile(file, content);
  return file;
};

test('an account is set from a file, shown, given another webhook secret, disabled', async () => {
  const account = {
    ...{ key_id: 'rzp_test_1', key_secret: 'sesame-key-secret', account_number: '2323230012345678' },
    webhook_secret: 'sesame-webhook-1',
  };
  const set = await kist('gateway', 'set', 'razorpay', '--from', await fileOf('a', JSON.stringify(account)));
  expect(set.status).toBe(0);
  const shown = await kist('gateway', 'show', 'razorpay');
  expect(shown.stdout).toContain('XXXX5678');
  const secret = await fileOf('b', 'sesame-webhook-2\n');
  const rotated = await kist('gateway', 'rotate-webhook-secret', 'razorpay', '--from', secret);
  expect(rotated.stdout).toContain('former webhook secret until');
  expect((await kist('gateway', 'disable', 'razorpay')).stdout).toContain('disabled');
  expect((await kist('gateway', 'enable', 'razorpay', '--json')).stdout).toContain('"enabled"');

  const broken = await kist('gateway', 'set', 'razorpay', '--from', await fileOf('c', 'sesame'));
  expect(broken.status).toBe(2);
  const unknown = await kist('gateway', 'show', 'stripe');
  expect(unknown.stderr).toContain('razorpay');
  const { rows } = await database.superuser(`SELECT audit::text AS row FROM audit`);
  const said = [set, shown, rotated, broken].flatMap(({ stdout, stderr }) => [stdout, stderr]);
  expect(JSON.stringify([...said, ...rows])).not.toContain('sesame');
});
