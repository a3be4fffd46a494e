import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { createIdentity } from '../../src/identity/identity.ts';
import { testDatabase } from '../support/database.ts';
import { quiet } from '../support/runtime.ts';
import { ended, MANY_COMMANDS_MS, start, terminalOn } from './terminal.ts';

vi.setConfig({ testTimeout: MANY_COMMANDS_MS });

const database = await testDatabase([]);
const folder = await mkdtemp(path.join(tmpdir(), 'kist-people-'));
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true });
});
const { kist, answer } = terminalOn(database.url);
const identity = createIdentity({ pool: database.app, log: quiet });
const FROM_HERE = { ip: '127.0.0.1', user_agent: null };

test('with no tenant, with one, and with two, it is clear which one is meant', async () => {
  const none = await kist('job', 'list');
  expect(none.status).toBe(2);
  expect(none.stderr).toContain('none yet; make one with `kist tenant add`');

  await answer('tenant', 'add', 'acme', '--name', 'Acme Finance');
  expect((await kist('job', 'list')).stdout).toBe('No jobs.\n');

  await answer(
    'tenant',
    'add',
    'globex',
    '--name',
    'Globex',
    '--time-zone',
    'Europe/Berlin',
    '--currency',
    'EUR',
  );
  const two = await kist('job', 'list');
  expect(two.stderr).toBe(
    'wrong-input: Say which tenant is meant with --tenant.\n  Tenants: acme, globex.\n',
  );
  expect((await kist('job', 'list', '--tenant', 'globex')).status).toBe(0);
  expect((await kist('job', 'list', '--tenant', 'hooli')).status).toBe(2);

  const again = await kist('tenant', 'add', 'acme', '--name', 'Acme');
  expect(again.status).toBe(4);
  expect((await kist('tenant', 'add', 'Acme!', '--name', 'x')).status).toBe(2);
  expect((await kist('tenant', 'list')).stdout).toMatch(/^globex +Globex +Europe\/Berlin +EUR /m);
});

test('a service is added, and the token it signs is let in', async () => {
  const key_file = path.join(folder, 'shop.pem');
  const add = ['service', 'add', 'shop', '--tenant', 'acme', '--scope', 'jobs:wallet.*', 'jobs:read'];
  await answer(...add, '--key-file', key_file);
  expect((await stat(key_file)).mode & 0o777).toBe(0o600);
  const written = await readFile(key_file, 'utf8');

  const { token } = await answer<{ token: string }>(
    ...['service', 'token', 'shop', '--tenant', 'acme', '--key-file', key_file],
  );
  const actor = await identity.authenticateService(`Bearer ${token}`);
  expect(actor).toMatchObject({ kind: 'service', name: 'shop', tenant: 'acme' });
  expect([...actor.scopes]).toEqual(['jobs:wallet.*', 'jobs:read']);

  // The same again would lock the service out of its own file: nothing is changed.
  expect((await kist(...add, '--key-file', key_file)).status).toBe(2);
  expect(await readFile(key_file, 'utf8')).toBe(written);
  expect(await identity.authenticateService(token)).toMatchObject({ name: 'shop' });
});

test('a private key that goes to no file is shown once; wrong scopes are refused', async () => {
  const { stdout } = await kist('service', 'add', 'till', '--tenant', 'acme', '--scope', 'jobs:read');
  expect(stdout).toContain('-----BEGIN PRIVATE KEY-----');
  expect(stdout).toContain('kist service token till --tenant acme --key-file KEY.pem');
  const wrong = await kist('service', 'add', 'till', '--tenant', 'acme', '--scope', 'everything');
  expect(wrong.status).toBe(2);
  expect(wrong.stderr).toMatch(/^wrong-input: Not a scope.*: everything\n$/);
});

test('an operator is added, logs in, is logged out and locked', async () => {
  const email = 'asha@acme.example';
  const add = ['operator', 'add', email, '--tenant', 'acme', '--role', 'approver'];
  const { password } = await answer<{ password: string }>(...add);
  const { token } = await identity.login(email, password, FROM_HERE);
  expect((await identity.sessionOf(token)).actor).toMatchObject({ role: 'approver', tenant: 'acme' });

  expect(await answer('operator', 'logout', email, '--tenant', 'acme')).toEqual({ ended: 1 });
  await expect(identity.sessionOf(token)).rejects.toMatchObject({ code: 'no-session' });

  await answer('operator', 'lock', email, '--tenant', 'acme');
  await expect(identity.login(email, password, FROM_HERE)).rejects.toMatchObject({
    code: 'wrong-credentials',
  });
  await answer('operator', 'unlock', email, '--tenant', 'acme');
  await identity.login(email, password, FROM_HERE);
  expect((await kist('operator', 'lock', 'nobody@acme.example', '--tenant', 'acme')).status).toBe(1);
});

test('a password may come from standard input, and is then not shown', async () => {
  const email = 'ops@kist.example';
  const args = ['operator', 'add', email, '--tenant', 'platform', '--role', 'admin', '--password-stdin'];
  const { status, stdout } = await ended(start(database.url, args), 'correct horse battery\n');
  expect({ status, stdout }).toEqual({
    status: 0,
    stdout: 'Operator ops@kist.example (admin of platform) may log in.\n',
  });
  const { session } = await identity.login(email, 'correct horse battery', FROM_HERE);
  expect(session.actor.platform).toBe(true);
  const short = await ended(start(database.url, args.with(2, 'other@kist.example')), 'short\n');
  expect(short.status).toBe(2);
});
