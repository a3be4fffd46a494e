import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { v7 as uuidv7 } from 'uuid';
import { expect, onTestFinished, test } from 'vitest';
import { buildProgram } from '../../src/cli/program.ts';
import { settings } from '../../src/config.ts';
import { loadJobs } from '../../src/runtime/registry.ts';
import { openBooks } from '../ledger/books.ts';
import { testRuntime } from '../support/runtime.ts';

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, '../..');
const readme = await readFile(path.join(root, 'README.md'), 'utf8');

/** The example job of the README, as a file one level below the root, where its imports resolve. */
async function exampleFolder(): Promise<string> {
  const [, name, source] = /<!-- example: jobs\/(\S+) -->\n```ts\n(.*?)```/s.exec(readme)!;
  const folder = await mkdtemp(path.join(root, '.readme-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(path.join(folder, name!), source!);
  return folder;
}

test('the example job compiles', async () => {
  const folder = await exampleFolder();
  await writeFile(
    path.join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: '../tsconfig.json', include: ['*.ts', '../jobs/*.ts'] }),
  );
  const compiled = await run(path.join(root, 'node_modules/.bin/tsc'), ['-p', folder]).catch(
    (error) => error,
  );
  expect(compiled.stdout).toBe('');
});

test('the example job does what it says', async () => {
  const registry = await loadJobs(await exampleFolder());
  const kist = await testRuntime([...registry.kinds.values()]);
  onTestFinished(() => kist.close());
  const books = await openBooks(kist.database);
  await kist.runtime.startWorkers();
  const asha = await books.wallet('asha');
  const payload = {
    ...{ wallet: asha, loan: '0197a3c0-5a1e-7b57-9d3c-6b6973740002', instalment: 1 },
    ...{ amount: '25.00', currency: 'INR' },
  };

  const credited = await kist.rested(await kist.accept('wallet.cashback', payload));
  const repeated = await kist.accept('wallet.cashback', payload);
  const stranger = { ...payload, wallet: uuidv7(), instalment: 2 };
  const refused = await kist.rested(await kist.accept('wallet.cashback', stranger));

  expect(credited).toMatchObject({ state: 'done', result: { outcome: 'credited' } });
  expect(repeated.id, 'the same key is the same job').toBe(credited.id);
  expect(refused).toMatchObject({ state: 'done', result: { outcome: 'refused', code: 'unknown-wallet' } });
  expect(await books.balance(asha)).toBe('25.00');
});

test('the table of settings is the list of settings, with their defaults', () => {
  const [, table] = /<!-- settings -->\n(.*?)\n\n/s.exec(readme)!;
  const rows = [...table!.matchAll(/^\| `(\w+)` \| (?:`(.*?)`)? *\|/gm)].map(([, name, value]) => [
    name,
    value ?? '',
  ]);
  const expected = Object.entries(settings.shape).map(([name, schema]) => [
    name,
    String(schema.safeParse(undefined).data ?? ''),
  ]);
  expect(rows).toEqual(expected);
});

test('every command of the README is a script of package.json', async () => {
  const { scripts } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  const named = [...readme.matchAll(/npm (?:run (?:-s )?)?([a-z:]+)/g)].map(([, name]) => name!);
  const foreign = new Set(['ci']);
  expect(named.filter((name) => !foreign.has(name) && !scripts[name])).toEqual([]);
});

test('every kist command of the README is there', async () => {
  const program = await buildProgram({ context: null, exit: 'ok' });
  const named = [...readme.matchAll(/kist -- (?!-)([a-z]+) ?([a-z-]+)?/g)];
  expect(named.length).toBeGreaterThan(5);
  for (const [text, word, second] of named) {
    const command = program.commands.find((each) => each.name() === word);
    expect(command, text).toBeDefined();
    const words = command!.commands.map((each) => each.name());
    if (words.length > 0) expect(words, text).toContain(second);
  }
});

test('docs/internals.md names every file of the runtime', async () => {
  const internals = await readFile(path.join(root, 'docs/internals.md'), 'utf8');
  const files = await readdir(path.join(root, 'src/runtime'));
  expect(files.filter((file) => !internals.includes(`\`${file}\``))).toEqual([]);
});

test.each(['README.md', 'docs/internals.md', 'CHANGELOG.md'])('links of %s lead somewhere', async (page) => {
  const text = await readFile(path.join(root, page), 'utf8');
  const targets = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].map(([, target]) => target!);
  const missing = targets.filter((target) => !existsSync(path.resolve(root, path.dirname(page), target)));
  expect(missing).toEqual([]);
});
