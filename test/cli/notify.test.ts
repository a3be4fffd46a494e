import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { plantMessage } from '../ops/notifications-fixture.ts';
import { testDatabase } from '../support/database.ts';
import { MANY_COMMANDS_MS, terminalOn } from './terminal.ts';

vi.setConfig({ testTimeout: MANY_COMMANDS_MS });

const database = await testDatabase(['acme']);
const folder = await mkdtemp(path.join(tmpdir(), 'kist-notify-'));
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true });
});
const { kist } = terminalOn(database.url, { KIST_SECRET_KEY: path.join(folder, 'secret-key') });
const provider = (...words: string[]) => kist('notify', 'provider', ...words);
const fileOf = async (name: string, content: string) => {
  const file = path.join(folder, name);
  await writeFile(file, content);
  return file;
};

test('accounts are set from files, listed in their order, disabled, removed', async () => {
  const sender = { email: 'hello@acme.in' };
  const brevo = await fileOf('a', JSON.stringify({ api_key: 'sesame-api-key', sender }));
  const smtp = await fileOf(
    'b',
    JSON.stringify({ host: 'mail.acme.in', user: 'u', password: 'sesame', sender }),
  );
  const set = await provider('set', 'email', 'brevo', '--from', brevo);
  expect(set).toMatchObject({ status: 0, stdout: expect.stringContaining('hello@acme.in') });
  const first = await provider('set', 'email', 'smtp', '--from', smtp, '--place', '1');
  expect(first.stdout).toContain('mail.acme.in');
  await provider('set', 'email', 'brevo', '--from', brevo, '--place', '2');
  const listed = await provider('list', '--json');
  expect(JSON.parse(listed.stdout).providers).toMatchObject([
    { provider: 'smtp', place: 1, shown: { port: '587', security: 'starttls' } },
    { provider: 'brevo', place: 2 },
  ]);
  expect((await provider('disable', 'email', 'smtp')).stdout).toContain('disabled');
  expect((await provider('enable', 'email', 'smtp', '--json')).stdout).toContain('"enabled"');
  expect((await provider('remove', 'email', 'smtp')).stdout).toContain('removed');
  expect(await provider('remove', 'email', 'smtp')).toMatchObject({
    ...{ status: 1, stderr: expect.stringContaining('not-found') },
  });

  const broken = await provider('set', 'email', 'smtp', '--from', await fileOf('c', 'sesame'));
  const wrong = await provider(
    'set',
    'sms',
    'two-factor',
    '--from',
    await fileOf('d', '{"api_key":"sesame"}'),
  );
  expect([broken.status, wrong.status]).toEqual([2, 2]);
  expect(wrong.stderr).toContain('api_key');
  const unknown = await provider('set', 'email', 'pigeon', '--from', brevo);
  expect(unknown.stderr).toContain('email/brevo');
  const { rows } = await database.superuser(`SELECT audit::text AS row FROM audit`);
  expect(rows.length).toBeGreaterThanOrEqual(6);
  const said = [set, first, listed, broken, wrong, unknown].flatMap(({ stdout, stderr }) => [stdout, stderr]);
  expect(JSON.stringify([...said, ...rows])).not.toContain('sesame');
});

test('a channel is held and opened; what it holds back is shown', async () => {
  const planted = { tenant: 'acme', channel: 'sms' } as const;
  await plantMessage(database, { ...planted, job: 'held', code: 'lane-held' });
  const sms = async () => JSON.parse((await kist('notify', 'channels', '--json')).stdout).channels[1];
  expect(await sms()).toMatchObject({ channel: 'sms', held: null, waiting: 1, policy: { retries: 3 } });

  const held = await kist('notify', 'hold', 'sms', '--reason', 'New header');
  expect(held.stdout).toMatch(/held for +asked\nwhy +New header/);
  expect(await sms()).toMatchObject({ held: { code: 'asked', message: 'New header' } });
  expect((await kist('notify', 'channels')).stdout).toMatch(/sms +held: asked +1 +3 .*New header/);

  expect((await kist('notify', 'open', 'sms')).stdout).toContain(
    'Opened. 1 message waited; 600 a minute go out.',
  );
  expect((await kist('notify', 'open', 'sms')).stdout).toContain('sms was open.');
  expect(await sms()).toMatchObject({ held: null });

  expect(await kist('notify', 'hold', 'sms')).toMatchObject({ status: 2 });
  expect((await kist('notify', 'open', 'pigeon')).stderr).toContain('email, sms, push');
  const { rows } = await database.superuser(
    `SELECT action, subject FROM audit WHERE action IN ('cli.notify.hold', 'cli.notify.open') ORDER BY id`,
  );
  expect(rows.map(({ action }) => action)).toEqual(['cli.notify.hold', 'cli.notify.open', 'cli.notify.open']);
});

test('a notification is shown with every try, and not to whom it went', async () => {
  const attempts = ['again', 'unknown', 'sent'];
  const planted = { tenant: 'acme', channel: 'email', address: 'asha@example.in' } as const;
  const file = {
    name: 'statement.pdf',
    type: 'application/pdf',
    size_bytes: 30_512,
    sha256: '6b3a'.repeat(16),
  };
  const id = await plantMessage(database, { ...planted, message: 'delivered', attempts, files: [file] });
  const text = (await kist('notify', 'show', id)).stdout;
  expect(text).toMatch(/state +delivered/);
  for (const outcome of attempts) expect(text).toMatch(new RegExp(`brevo +\\S+ \\S+ +${outcome}`));
  expect(text).toMatch(/3 +statement\.pdf +application\/pdf +30512 +(6b3a){16}/);
  const json = (await kist('notify', 'show', id, '--json')).stdout;
  expect(JSON.parse(json).channels).toMatchObject([
    {
      channel: 'email',
      state: 'delivered',
      attempts: attempts.map((outcome) => ({ outcome, files: [file] })),
    },
  ]);
  expect(text + json).not.toContain('asha@');
  const unknown = await kist('notify', 'show', '0197a3c0-5a1e-7b57-9d3c-6b6973740001');
  expect(unknown).toMatchObject({ status: 1, stderr: expect.stringContaining('not-found') });
});
