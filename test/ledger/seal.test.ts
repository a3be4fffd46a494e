import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pino from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import sealJob from '../../jobs/ledger.seal.ts';
import { SteppedClock } from '../../src/calendar/clock.ts';
import { post } from '../../src/ledger/post.ts';
import { proofProblem, proveJournal } from '../../src/ledger/proof.ts';
import { controlBalances, trialBalance } from '../../src/ledger/reports.ts';
import { reversalOf } from '../../src/ledger/reverse.ts';
import { cutSeal } from '../../src/ledger/seal.ts';
import { openSealer, publicKeyFile, readPublicKey } from '../../src/ledger/sealer.ts';
import { type StatementLine, statementOf } from '../../src/ledger/statements.ts';
import { verifyBooks } from '../../src/ledger/verify/verify.ts';
import type { JobRequest, TransactionContext } from '../../src/runtime/definition.ts';
import { databaseForThisTest, testDatabase } from '../support/database.ts';
import { draft, NOON, openBooks, TODAY, testSealer } from './books.ts';

const database = await testDatabase();
afterAll(() => database.close());
const books = await openBooks(database);
const sealer = testSealer();
const keys = [sealer.public_key];
const wish = { tenant: 'acme', business_date: TODAY, cut_at: NOON };
const seal = () => books.run((tx) => cutSeal(tx, sealer, wish));

test('a proof shows one journal to be under a seal, and holds for nothing else', async () => {
  const asha = await books.wallet('asha', '100');
  const ravi = await books.wallet('ravi');
  const payments = Array.from({ length: 7 }, () => draft({ from: asha, to: ravi, amount: '1.50' }));
  await books.run((tx) => post(tx, payments));
  const prove = (journal: string) => books.run((tx) => proveJournal(tx, 'acme', journal));
  expect(await prove(payments[3]!.id)).toBeNull();
  await seal();
  for (const { id } of payments) {
    const proof = JSON.parse(JSON.stringify(await prove(id)));
    expect(proofProblem(proof, keys)).toBeNull();
    const changed = structuredClone(proof);
    changed.journal.entries[0].amount = '1.51';
    expect(proofProblem(changed, keys)).toMatch(/not under the root/);
    expect(proofProblem({ ...proof, seal: { ...proof.seal, leaves: '1' } }, keys)).toMatch(
      /not what was hashed/,
    );
    expect(proofProblem(proof, [testSealer().public_key])).toMatch(/not one of those given/);
    expect(proofProblem({ ...proof, extra: 1 }, keys)).toMatch(/no proof/);
  }
  expect(proofProblem(null, keys)).toMatch(/no proof/);
});

test('a seal takes so many journals and no more, and the next goes on where it ended', async () => {
  const asha = await books.wallet('asha', '100');
  const ravi = await books.wallet('ravi', '1');
  await seal();
  await books.run((tx) =>
    post(
      tx,
      Array.from({ length: 5 }, () => draft({ from: asha, to: ravi, amount: '1' })),
    ),
  );
  await books.run((tx) => post(tx, [draft({ from: ravi, to: asha, amount: '1' })]));
  const parts = [];
  for (let part = await books.run((tx) => cutSeal(tx, sealer, { ...wish, leaves_max: 2 })); part; ) {
    parts.push([part.leaves, part.more]);
    part = await books.run((tx) => cutSeal(tx, sealer, { ...wish, leaves_max: 2 }));
  }
  expect(parts).toEqual([
    [2, true],
    [2, true],
    [2, false],
  ]);
  expect(await verifyBooks(database.app, 'acme', { keys })).toMatchObject({ ok: true, unsealed: 0 });
});

test('the balance of a control account is the last snapshot and what was posted since', async () => {
  const fresh = await openBooks(await databaseForThisTest());
  const bank = async () => (await fresh.run((tx) => controlBalances(tx))).get(fresh.controls.bank);
  expect(await bank()).toBe('0');
  await fresh.wallet('asha', '100.25');
  expect(await bank()).toBe('100.25');
  await fresh.run((tx) => cutSeal(tx, sealer, wish));
  expect(await bank()).toBe('100.25');
  await fresh.wallet('ravi', '50');
  expect(await bank()).toBe('150.25');
  await fresh.run((tx) => cutSeal(tx, sealer, wish));
  expect(await bank()).toBe('150.25');
});

test('a seal that does not follow from the last one, or from the streams, is refused by the database', async () => {
  await books.wallet('asha', '100');
  await seal();
  const forge = (number: string, prev: string) =>
    database
      .superuser(`
      BEGIN; SET LOCAL kist.tenant = 'acme'; SET LOCAL ROLE kist_app;
      SELECT cut_seal(${number}, now(), '${TODAY}', 1, sha256('x'), ${prev}, sha256('y'), 'key', sha512('z'),
                      ARRAY[(SELECT id FROM stream LIMIT 1)], ARRAY[1], ARRAY[1]);
      COMMIT`)
      .finally(() => database.superuser('ROLLBACK'));
  await expect(forge('1', `sha256('x')`)).rejects.toMatchObject({ code: 'KI020' });
  const last = '(SELECT hash FROM seal ORDER BY number DESC LIMIT 1)';
  await expect(forge('(SELECT max(number) + 1 FROM seal)', last)).rejects.toMatchObject({ code: 'KI020' });
});

test('a reversal undoes a journal once', async () => {
  const asha = await books.wallet('asha', '100');
  const ravi = await books.wallet('ravi');
  const payment = draft({ from: asha, to: ravi, amount: '40' });
  await books.run((tx) => post(tx, [payment]));
  const reverse = () =>
    books.run(async (tx) =>
      post(tx, [await reversalOf(tx, payment.id, { business_date: TODAY, posted_at: NOON })]),
    );
  expect(await reverse()).toMatchObject([{ status: 'posted' }]);
  expect(await reverse()).toMatchObject([{ status: 'duplicate' }]);
  expect([await books.balance(asha), await books.balance(ravi)]).toEqual(['100.00', '0.00']);
  await expect(
    books.run((tx) => reversalOf(tx, uuidv7(), { business_date: TODAY, posted_at: NOON })),
  ).rejects.toThrow(RangeError);
});

test('the trial balance of any date comes to zero, and knows nothing of later days', async () => {
  const fresh = await openBooks(await databaseForThisTest());
  const asha = await fresh.wallet('asha', '100');
  const ravi = await fresh.wallet('ravi');
  await fresh.run((tx) =>
    post(tx, [draft({ from: asha, to: ravi, amount: '30', business_date: '2026-11-23' })]),
  );
  const asOf = (date: string) => fresh.run((tx) => trialBalance(tx, date));
  expect(await asOf('2026-11-19')).toMatchObject({ rows: [], balanced: true });
  expect((await asOf(TODAY)).rows.map(({ code, debit, credit }) => [code, debit, credit])).toEqual([
    ['bank', '100', '0'],
    [`wallet/${asha}`, '0', '100'],
  ]);
  const later = await asOf('2026-11-23');
  expect(later.totals).toMatchObject([{ currency: 'INR', debit: '130', credit: '130' }]);
  expect(later.rows).toHaveLength(3);
});

test('an account’s statement comes in pages, latest first, each line once', async () => {
  const asha = await books.wallet('asha', '100');
  const ravi = await books.wallet('ravi');
  await books.run((tx) =>
    post(
      tx,
      Array.from({ length: 6 }, () => draft({ from: asha, to: ravi, amount: '1' })),
    ),
  );
  const lines: StatementLine[] = [];
  for (let page = 0; page < 3; page += 1) {
    lines.push(...(await books.run((tx) => statementOf(tx, asha, { after: lines.at(-1), limit: 3 }))));
  }
  expect(lines.map(({ direction, amount }) => `${direction} ${amount}`)).toEqual([
    ...Array.from({ length: 6 }, () => 'debit 1.00'),
    'credit 100.00',
  ]);
  expect(new Set(lines.map(({ journal, line }) => `${journal}/${line}`)).size).toBe(7);
});

test('the seal job seals the day, and asks for another part while journals are left', async () => {
  await books.wallet('asha', '100');
  const accepted: JobRequest[] = [];
  const context: TransactionContext = {
    clock: new SteppedClock(NOON),
    services: { sealer } as TransactionContext['services'],
    log: pino({ level: 'silent' }),
    signal: new AbortController().signal,
    accept: async (requests) => void accepted.push(...requests),
  };
  const job = {
    ...{
      tenant: 'acme',
      id: uuidv7(),
      kind: 'ledger.seal',
      key: 'k',
      payload: { business_date: TODAY, part: 1 },
    },
    ...{ attempt: 0, accepted_by: 'schedule:seal-the-books', accepted_at: NOON, trace: null },
  };
  const run = () => books.run((tx) => sealJob.run(tx, [job], context));
  expect(await run()).toMatchObject([{ outcome: 'sealed' }]);
  expect(await run()).toEqual([{ outcome: 'nothing-to-seal' }]);
  expect(accepted).toEqual([]);
});

test('the key is made once, kept from others’ eyes, and its public half lies beside it', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'kist-key-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = path.join(folder, 'data', 'seal-key.pem');
  const [first, second] = await Promise.all([openSealer(file), openSealer(file)]);
  expect(first.key_id).toBe(second.key_id);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const publicKey = await readPublicKey(publicKeyFile(file));
  expect(publicKey.equals(first.public_key)).toBe(true);
});
