import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { post } from '../../src/ledger/post.ts';
import { cutSeal } from '../../src/ledger/seal.ts';
import { openSealer, publicKeyFile } from '../../src/ledger/sealer.ts';
import { type Books, draft, NOON, openBooks, TODAY } from '../ledger/books.ts';
import { testDatabase } from '../support/database.ts';
import { MANY_COMMANDS_MS, terminalOn } from './terminal.ts';

vi.setConfig({ testTimeout: MANY_COMMANDS_MS });

const database = await testDatabase(['acme', 'globex']);
const folder = await mkdtemp(path.join(tmpdir(), 'kist-books-'));
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true });
});
const seal_key = path.join(folder, 'seal-key.pem');
const { kist, answer } = terminalOn(database.url, { KIST_SEAL_KEY: seal_key });

let books: Books;
let sealed: string;
let unsealed: string;

beforeAll(async () => {
  const sealer = await openSealer(seal_key);
  books = await openBooks(database);
  const asha = await books.wallet('asha', '1000');
  const ravi = await books.wallet('ravi');
  const pay = async () => {
    const payment = draft({ from: asha, to: ravi, amount: '10.50' });
    await books.run((tx) => post(tx, [payment]));
    return payment.id;
  };
  sealed = await pay();
  await books.run((tx) => cutSeal(tx, sealer, { tenant: 'acme', business_date: TODAY, cut_at: NOON }));
  unsealed = await pay();
});

test('sound books verify, of every tenant or of one', async () => {
  const { status, stdout, stderr } = await kist('ledger', 'verify');
  expect({ status, stdout, stderr }).toEqual({
    status: 0,
    stdout:
      'acme: the books verify: 1 stream, 3 journals, 6 entries, 1 seal; 1 journal since the last seal.\n' +
      'globex: the books verify: 0 streams, 0 journals, 0 entries, 0 seals; 0 journals since the last seal.\n',
    stderr: '',
  });
  const { books } = await answer<{ books: object[] }>('ledger', 'verify', '--tenant', 'acme');
  expect(books).toEqual([
    { tenant: 'acme', ok: true, streams: 1, journals: 3, entries: 6, seals: 1, unsealed: 1 },
  ]);
});

test('a published seal that the books no longer hold is found', async () => {
  const published = path.join(folder, 'published.json');
  await writeFile(published, JSON.stringify([{ number: '1', hash: 'ab'.repeat(32) }]));
  const { status, stdout } = await kist('ledger', 'verify', '--tenant', 'acme', '--published', published);
  expect(status).toBe(1);
  expect(stdout).toContain('seal-mismatch in seal 1: Seal 1 is not the one that was published.');
  await writeFile(published, '{"number": 1}');
  expect((await kist('ledger', 'verify', '--published', published)).status).toBe(2);
});

test('the proof of a journal holds anywhere, and a forged one does not', async () => {
  const proof = await answer<{ journal: { entries: { amount: string }[] } }>(
    ...['ledger', 'proof', sealed, '--tenant', 'acme'],
  );
  const file = path.join(folder, 'proof.json');
  const check = ['ledger', 'check-proof', file, '--public-key', publicKeyFile(seal_key)];
  await writeFile(file, JSON.stringify(proof));
  expect(await kist(...check)).toMatchObject({ status: 0, stdout: 'The proof holds.\n' });
  proof.journal.entries[0]!.amount = '9999.00';
  await writeFile(file, JSON.stringify(proof));
  expect((await kist(...check)).status).toBe(1);
  const early = await kist('ledger', 'proof', unsealed, '--tenant', 'acme');
  expect(early.status).toBe(1);
  expect(early.stderr).toContain('no seal covers it yet');
});

test('the trial balance shows what every account moved, up to a day', async () => {
  const { status, stdout } = await kist('ledger', 'trial-balance', '--tenant', 'acme', '--as-of', TODAY);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^bank +Bank +asset +1000\.00 +0\.00 +INR$/m);
  expect(stdout).toMatch(/^total +1021\.00 +1021\.00 +INR$/m);
  const before = await answer('ledger', 'trial-balance', '--tenant', 'acme', '--as-of', '2020-01-01');
  expect(before).toEqual({ as_of: '2020-01-01', rows: [], totals: [], balanced: true });
  const wrong = await kist('ledger', 'trial-balance', '--tenant', 'acme', '--as-of', '2026-02-30');
  expect(wrong.status).toBe(2);
});

test('books that somebody touched do not: exit 1 names the first bad row', async () => {
  await database.superuser('ALTER TABLE entry DISABLE TRIGGER USER');
  await database.superuser('UPDATE entry SET amount = 11 WHERE journal_id = $1', [sealed]);
  const { status, stdout } = await kist('ledger', 'verify');
  expect(status).toBe(1);
  expect(stdout).toContain('acme: the books do not verify.\n  hash-mismatch in journal ');
  expect(stdout).toContain(sealed);
  expect(stdout).toContain('globex: the books verify');
});
