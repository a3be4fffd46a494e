import { v7 as uuidv7 } from 'uuid';
import { afterAll, expect, test } from 'vitest';
import { Decimal } from '../../src/ledger/money.ts';
import { post } from '../../src/ledger/post.ts';
import { verifyBooks } from '../../src/ledger/verify/verify.ts';
import { sql, testDatabase } from '../support/database.ts';
import { draft, openBooks } from './books.ts';

const database = await testDatabase(['acme', 'globex']);
afterAll(() => database.close());
const books = await openBooks(database);

test('a posted journal moves the balances and the head of its chain', async () => {
  const asha = await books.wallet('asha', '100.00');
  const ravi = await books.wallet('ravi');
  const [first, second] = await books.run((tx) =>
    post(tx, [
      draft({ from: asha, to: ravi, amount: '30' }),
      draft({ from: asha, to: ravi, amount: '20.5' }),
    ]),
  );
  expect(first).toMatchObject({ status: 'posted', seq: 2n });
  expect(second).toMatchObject({ status: 'posted', seq: 3n });
  expect(await books.balance(asha)).toBe('49.50');
  expect(await books.balance(ravi)).toBe('50.50');
  const head = await database.superuser(
    'SELECT head_seq, encode(head_hash, $1) AS hash FROM stream WHERE id = $2',
    ['hex', asha],
  );
  expect(head.rows).toEqual([{ head_seq: '3', hash: (second as { hash: string }).hash }]);
  const links = await database.superuser(
    `SELECT prev_hash = lag(hash, 1, decode(repeat('00', 32), 'hex')) OVER (ORDER BY seq) AS linked
     FROM journal WHERE stream_id = $1`,
    [asha],
  );
  expect(links.rows.map((row) => row.linked)).toEqual([true, true, true]);
});

test('drafts of one call are decided in order: what one takes, the next cannot, what one brings, it can', async () => {
  const asha = await books.wallet('asha', '10');
  const ravi = await books.wallet('ravi');
  const postings = await books.run((tx) =>
    post(tx, [
      draft({ from: ravi, to: asha, amount: '1' }),
      draft({ from: asha, to: ravi, amount: '8' }),
      draft({ from: asha, to: ravi, amount: '8' }),
      draft({ from: ravi, to: asha, amount: '8' }),
      draft({ from: asha, to: ravi, amount: '10' }),
    ]),
  );
  expect(postings.map((posting) => posting.status)).toEqual([
    'insufficient-funds',
    'posted',
    'insufficient-funds',
    'posted',
    'posted',
  ]);
  expect(postings[0]).toEqual({ status: 'insufficient-funds', account: ravi });
  expect(await books.balance(asha)).toBe('0.00');
  expect(await books.balance(ravi)).toBe('10.00');
});

test('a key posts once for ever, also within one call', async () => {
  const asha = await books.wallet('asha', '10');
  const ravi = await books.wallet('ravi');
  const pay = () => draft({ from: asha, to: ravi, amount: '1', key: `rent of ${asha}` });
  const [first, again] = await books.run((tx) => post(tx, [pay(), pay()]));
  const [later] = await books.run((tx) => post(tx, [pay()]));
  expect(first!.status).toBe('posted');
  const duplicate = { status: 'duplicate', journal: (first as { journal: string }).journal };
  expect(again).toEqual(duplicate);
  expect(later).toEqual(duplicate);
  expect(await books.balance(ravi)).toBe('1.00');
});

test('a key is any text', async () => {
  const asha = await books.wallet('asha', '10');
  const ravi = await books.wallet('ravi');
  const keys = ['NULL', 'null', 'a "quoted" one', 'back\\slash', '{1,2}', 'a|b', ' ', 'किस्त', "it's, comma"];
  const drafts = keys.map((key) => draft({ from: asha, to: ravi, amount: '1', key }));
  await books.run((tx) => post(tx, drafts));
  const stored = await database.superuser('SELECT key FROM journal WHERE id = ANY ($1) ORDER BY seq', [
    drafts.map((one) => one.id),
  ]);
  expect(stored.rows.map((row) => row.key)).toEqual(keys);
  expect(await verifyBooks(database.app, 'acme', { keys: [] })).toMatchObject({ ok: true });
});

test('a refused draft uses up no key', async () => {
  const asha = await books.wallet('asha');
  const ravi = await books.wallet('ravi');
  const pay = () => draft({ from: asha, to: ravi, amount: '5', key: `fee of ${asha}` });
  const fund = draft({ from: books.controls.bank, to: asha, amount: '5' });
  const postings = await books.run((tx) => post(tx, [pay(), fund, pay(), pay()]));
  expect(postings.map((posting) => posting.status)).toEqual([
    'insufficient-funds',
    'posted',
    'posted',
    'duplicate',
  ]);
});

test('what no book can hold is refused, by post and by the database', async () => {
  const asha = await books.wallet('asha', '10');
  const ravi = await books.wallet('ravi');
  const money = { amount: new Decimal('1'), currency: 'INR' };
  const lopsided = draft({
    ...{ from: asha, to: ravi, amount: '1' },
    entries: [
      { account: asha, direction: 'debit', ...money },
      { account: ravi, direction: 'credit', ...money, amount: new Decimal('2') },
    ],
  });
  const posting = (one: typeof lopsided) => books.run((tx) => post(tx, [one]));
  await expect(posting(lopsided)).rejects.toThrow(/does not balance/);
  await expect(posting(draft({ from: asha, to: ravi, amount: '-1' }))).rejects.toThrow(/not an amount/);
  await expect(posting(draft({ from: asha, to: ravi, amount: '1', currency: 'USD' }))).rejects.toMatchObject({
    code: 'KI012',
  });
  await expect(posting(draft({ from: asha, to: uuidv7(), amount: '1' }))).rejects.toMatchObject({
    code: 'KI011',
  });
  expect(await books.balance(asha)).toBe('10.00');
});

test('nobody writes the books but through the posting function', async () => {
  const asha = await books.wallet('asha', '10');
  for (const statement of [
    sql.unsafe`UPDATE account SET balance = 1000000 WHERE id = ${asha}`,
    sql.unsafe`UPDATE journal SET business_date = '2020-01-01'`,
    sql.unsafe`DELETE FROM entry`,
    sql.unsafe`TRUNCATE journal`,
    sql.unsafe`INSERT INTO stream (tenant_id, id) VALUES ('acme', ${uuidv7()})`,
  ]) {
    await expect(books.run((tx) => tx.query(statement))).rejects.toMatchObject({ code: '42501' });
  }
  for (const statement of [
    'UPDATE journal SET kind = kind',
    'DELETE FROM entry',
    'TRUNCATE seal',
    'DELETE FROM seal_range',
  ]) {
    await expect(database.superuser(statement)).rejects.toMatchObject({ code: 'KI001' });
  }
});

test('not even a superuser inserts an unbalanced journal, or adds lines to one that stands', async () => {
  const asha = await books.wallet('asha', '10');
  const line = (journal: string, number: number, direction: string) =>
    `('acme', '${journal}', ${number}, '${asha}', '${direction}', 5, 'INR')`;
  const insert = (...lines: string[]) => database.superuser(`INSERT INTO entry VALUES ${lines.join(', ')}`);
  const standing = (await database.superuser('SELECT journal_id FROM entry WHERE account_id = $1', [asha]))
    .rows[0].journal_id;
  await expect(insert(line(uuidv7(), 1, 'debit'))).rejects.toMatchObject({ code: 'KI010' });
  await expect(insert(line(standing, 3, 'debit'), line(standing, 4, 'credit'))).rejects.toMatchObject({
    code: 'KI010',
  });
});

test('one tenant’s accounts are unknown to another’s journals', async () => {
  const globex = await openBooks(database, 'globex');
  const asha = await books.wallet('asha', '10');
  const thief = await globex.wallet('thief');
  const theft = draft({ from: asha, to: thief, amount: '10' });
  await expect(globex.run((tx) => post(tx, [theft]))).rejects.toMatchObject({ code: 'KI011' });
  expect(
    await globex.run((tx) => tx.any(sql.unsafe`SELECT 1 FROM journal WHERE tenant_id = 'acme'`)),
  ).toEqual([]);
});
