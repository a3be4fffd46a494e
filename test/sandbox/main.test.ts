import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { until } from '../support/until.ts';
import { scratchFile } from './gateway/a-gateway.ts';

const root = path.resolve(import.meta.dirname, '../..');

function start(...words: string[]) {
  const child = spawn(process.execPath, ['src/sandbox/main.ts', ...words], { cwd: root });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
  onTestFinished(() => void child.kill('SIGKILL'));
  return { child, exit, said: () => said };
}

test('npm run sandbox says where it is and with what settings, keeps its state, and ends on Ctrl-C', async () => {
  const file = await scratchFile();
  const words = ['--port', '0', '--file', file, '--seed', '7', '--faults', 'none', '--key-id', 'acme'];
  const sandbox = start(...words, '--webhook-url', 'http://127.0.0.1:9/', '--webhook-secret', 'whisper');
  await until('it is ready', () => sandbox.said().includes('by hand'));
  expect(sandbox.said()).toContain('key acme, secret sandbox-secret');
  expect(sandbox.said()).toContain('to http://127.0.0.1:9/, signed with whisper');
  expect(sandbox.said()).toContain('none, seed 7');
  const url = /at (http\S+);/.exec(sandbox.said())![1]!;
  const authorization = `Basic ${Buffer.from('acme:sandbox-secret').toString('base64')}`;
  const balances = await fetch(`${url}/v1/banking_balances`, { headers: { authorization } });
  expect(balances.status).toBe(200);
  expect(sandbox.said()).toContain(`KIST_BREVO_URL=${url} KIST_TWO_FACTOR_URL=${url} KIST_FCM_URL=${url}`);
  expect(sandbox.said()).toMatch(/mail +127\.0\.0\.1:\d+, user acme/);
  expect((await fetch(`${url}/delivered`)).status).toBe(200);
  sandbox.child.kill('SIGINT');
  expect(await sandbox.exit, sandbox.said()).toBe(0);
});

test.each([
  [['--port', '70000'], '--port is a whole number up to 65535, not 70000.'],
  [['--seed', 'seven'], '--seed is a whole number'],
  [['--faults', 'some'], '--faults is none, modest or all, not some.'],
  [['--webhook-url', 'http://127.0.0.1:9/'], '--webhook-url and --webhook-secret come together.'],
  [['--webhook-url', 'nowhere', '--webhook-secret', 'x'], '--webhook-url nowhere is no address.'],
  [['--brevo-webhook', 'nowhere'], '--brevo-webhook nowhere is no address.'],
  [['--colour', 'red'], "Unknown option '--colour'"],
])('%j is answered with 2 and what is wrong', async (words, wrong) => {
  const sandbox = start(...words);
  expect(await sandbox.exit).toBe(2);
  expect(sandbox.said()).toContain(wrong);
});

test('a file of somebody else is left alone', async () => {
  const file = await scratchFile();
  await writeFile(file, 'Dear diary\n');
  const sandbox = start('--port', '0', '--file', file);
  expect(await sandbox.exit).toBe(2);
  expect(sandbox.said()).toContain(`${file}:1 is not a line of a sandbox.`);
});
