import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import pino from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { expect, onTestFinished, test } from 'vitest';
import { SteppedClock } from '../../src/calendar/clock.ts';
import { settings } from '../../src/config.ts';
import type { AtomicDefinition, Job, Services } from '../../src/runtime/definition.ts';
import { loadJobs } from '../../src/runtime/registry.ts';
import { NOON, openBooks } from '../ledger/books.ts';
import { databaseForThisTest } from '../support/database.ts';

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
  const definition = registry.get('wallet.cashback') as AtomicDefinition;
  const database = await databaseForThisTest();
  const books = await openBooks(database);
  const asha = await books.wallet('asha');
  const credit = (wallet: string, instalment: number): Job<unknown> => {
    const payload = definition.payload.parse({
      ...{ wallet, loan: '0197a3c0-5a1e-7b57-9d3c-6b6973740002', instalment },
      ...{ amount: '25.00', currency: 'INR' },
    });
    return {
      ...{ tenant: 'acme', id: uuidv7(), kind: definition.kind, key: definition.key(payload), payload },
      ...{ attempt: 0, accepted_by: 'service:test', accepted_at: NOON, trace: null },
    };
  };
  const answers = await books.run((tx) =>
    definition.run(tx, [credit(asha, 1), credit(asha, 1), credit(uuidv7(), 2)], {
      clock: new SteppedClock(NOON),
      services: {} as Services,
      log: pino({ level: 'silent' }),
      signal: new AbortController().signal,
      accept: async () => {},
    }),
  );

  expect(answers.map((answer) => definition.result.parse(answer))).toMatchObject([
    { outcome: 'credited' },
    { outcome: 'refused', code: 'duplicate-reference' },
    { outcome: 'refused', code: 'unknown-wallet' },
  ]);
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

test.each(['README.md', 'docs/internals.md', 'CHANGELOG.md'])('links of %s lead somewhere', async (page) => {
  const text = await readFile(path.join(root, page), 'utf8');
  const targets = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].map(([, target]) => target!);
  const missing = targets.filter((target) => !existsSync(path.resolve(root, path.dirname(page), target)));
  expect(missing).toEqual([]);
});
