import { afterAll, expect, test } from 'vitest';
import { freezeAccounts, unfreezeAccount } from '../../src/ledger/freeze.ts';
import { type JournalDraft, post } from '../../src/ledger/post.ts';
import { reversalOf } from '../../src/ledger/reverse.ts';
import { testDatabase } from '../support/database.ts';
import { draft, NOON, openBooks, TODAY } from './books.ts';

const database = await testDatabase();
afterAll(() => database.close());
const books = await openBooks(database);
const { bank } = books.controls;

const freeze = (...wallets: string[]) => books.run((tx) => freezeAccounts(tx, wallets, NOON, 'a test'));
const statuses = async (...drafts: JournalDraft[]) =>
  (await books.run((tx) => post(tx, drafts))).map(({ status }) => status);

test('money comes into a frozen account and none leaves it, until it is unfrozen', async () => {
  const asha = await books.wallet('asha', '100');
  const ravi = await books.wallet('ravi', '100');
  expect(await freeze(asha)).toEqual([asha]);
  expect(
    await statuses(
      draft({ from: asha, to: ravi, amount: '1' }),
      draft({ from: ravi, to: asha, amount: '30' }),
      draft({ from: asha, to: bank, amount: '0.01' }),
    ),
  ).toEqual(['account-frozen', 'posted', 'account-frozen']);
  expect([await books.balance(asha), await books.balance(ravi)]).toEqual(['130.00', '70.00']);

  expect(await freeze(asha), 'it was frozen already').toEqual([]);
  expect(await books.run((tx) => unfreezeAccount(tx, asha))).toBe(true);
  expect(await books.run((tx) => unfreezeAccount(tx, asha))).toBe(false);
  expect(await statuses(draft({ from: asha, to: bank, amount: '130' }))).toEqual(['posted']);
});

test('what only passes through a frozen account, as a collection for a loan does, is posted', async () => {
  const asha = await books.wallet('asha', '10');
  const ravi = await books.wallet('ravi');
  await freeze(asha);
  const through = draft({ from: bank, to: asha, amount: '50' });
  const onwards = (amount: string) => draft({ from: asha, to: ravi, amount }).entries;
  expect(await statuses({ ...through, entries: [...through.entries, ...onwards('50')] })).toEqual(['posted']);
  const more = draft({ from: bank, to: asha, amount: '50' });
  expect(await statuses({ ...more, entries: [...more.entries, ...onwards('50.01')] })).toEqual([
    'account-frozen',
  ]);
});

test('what was booked wrongly into a frozen account can still be reversed, but not below its minimum', async () => {
  const asha = await books.wallet('asha');
  const deposit = draft({ from: bank, to: asha, amount: '40', stream: asha });
  expect(await statuses(deposit)).toEqual(['posted']);
  await freeze(asha);
  const reversal = () =>
    books.run((tx) => reversalOf(tx, deposit.id, { business_date: TODAY, posted_at: NOON }));
  const tooMuch = draft({ from: asha, to: bank, amount: '41', reverses: deposit.id });
  expect(await statuses(tooMuch)).toEqual(['insufficient-funds']);
  expect(await statuses(await reversal())).toEqual(['posted']);
  expect(await books.balance(asha)).toBe('0.00');
});

test('accounts that keep no balance are not frozen: every job would wait for the bank', async () => {
  expect(await freeze(bank)).toEqual([]);
});

test('of withdrawals that race a freeze, those that come after it are refused, each one whole', async () => {
  const asha = await books.wallet('asha', '1000');
  const withdrawals = Array.from({ length: 40 }, () =>
    books.run(async (tx) => (await post(tx, [draft({ from: asha, to: bank, amount: '10' })]))[0]!.status),
  );
  const frozen = freeze(asha);
  const answers = await Promise.all(withdrawals);
  expect(await frozen).toEqual([asha]);
  const posted = answers.filter((status) => status === 'posted').length;
  expect(answers.filter((status) => status === 'account-frozen')).toHaveLength(40 - posted);
  expect(await books.balance(asha)).toBe((1000 - 10 * posted).toFixed(2));
  expect(await statuses(draft({ from: asha, to: bank, amount: '1' }))).toEqual(['account-frozen']);
});
