import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test, vi } from 'vitest';

/** Three compilers one after the other take their time on a busy machine. */
vi.setConfig({ testTimeout: 120_000 });

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, '../..');
const tsc = path.join(root, 'node_modules/typescript/bin/tsc');

async function folder(): Promise<string> {
  const made = await mkdtemp(path.join(tmpdir(), 'kist-client-'));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  return made;
}

/** The package as npm would lay it down: package.json and the built client, nothing else. */
async function install(consumer: string): Promise<void> {
  const installed = path.join(consumer, 'node_modules/kist');
  await run(process.execPath, [
    tsc,
    '-p',
    path.join(root, 'tsconfig.client.json'),
    '--outDir',
    `${installed}/dist/client`,
  ]);
  await symlink(path.join(root, 'package.json'), path.join(installed, 'package.json'));
}

test('the published client is imported as kist/client, with types, and by plain JavaScript', async () => {
  const consumer = await folder();
  await install(consumer);
  const source = await readFile(path.join(import.meta.dirname, 'fixtures/consumer.ts'), 'utf8');
  await writeFile(
    path.join(consumer, 'consumer.ts'),
    source.replace('../../../src/client/index.ts', 'kist/client'),
  );
  await writeFile(path.join(consumer, 'package.json'), '{ "type": "module" }');
  const options = [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2022',
    '--lib',
    'es2022,dom',
  ];
  await run(process.execPath, [tsc, ...options, '--types', '', 'consumer.ts'], { cwd: consumer }).catch(
    (error: { stdout: string }) => expect.fail(error.stdout),
  );
  await writeFile(
    path.join(consumer, 'main.js'),
    "import { createClient } from 'kist/client'; console.log(typeof createClient({ url: 'http://x', token: 't' }).enqueue)",
  );
  const { stdout } = await run(process.execPath, ['--preserve-symlinks', 'main.js'], { cwd: consumer });
  expect(stdout.trim()).toBe('function');
});
