import { v7 as uuidv7 } from 'uuid';
import { afterAll, expect, test } from 'vitest';
import withdraw from '../../jobs/wallet.withdraw.ts';
import { FOLLOWERS } from '../../src/followers.ts';
import { follow } from '../../src/following/follow.ts';
import { post } from '../../src/ledger/post.ts';
import { unfreezeWallet } from '../../src/loans/fraud/freezing.ts';
import { listAlerts } from '../../src/loans/fraud/watches.ts';
import { productRules } from '../../src/loans/product-rules.ts';
import { addProduct, STANDARD_PRODUCT } from '../../src/loans/products.ts';
import { draft } from '../ledger/books.ts';
import { testDatabase } from '../support/database.ts';
import { openLender } from './lending.ts';

const database = await testDatabase();
afterAll(() => database.close());
const lender = await openLender(database);
const { bank } = lender.controls;
const noon_ms = lender.clock.now().getTime();
/** Each test has an hour of its own. */
let hour = 0;
const newHour = () => {
  hour += 1;
  return (offset_ms: number) => new Date(noon_ms + hour * 3_600_000 + offset_ms);
};

const rules = productRules.parse({ fraud: { freeze: true } });
const freezing = { ...STANDARD_PRODUCT, code: 'careful-loan', rules };
await lender.run((tx) => addProduct(tx, freezing));

/** One deposit an instant, each posted by a call of its own. */
async function deposits(wallet: string, instants: Date[], stream = wallet): Promise<void> {
  for (const posted_at of instants) {
    await lender.run((tx) => post(tx, [draft({ from: bank, to: wallet, amount: '1', stream, posted_at })]));
  }
}
const every = (count: number, step_ms: number, from_ms: number, at: (ms: number) => Date) =>
  Array.from({ length: count }, (_, index) => at(from_ms + index * step_ms));

const followBooks = async (processes = 1) => {
  for (;;) {
    const passes = await Promise.all(
      Array.from({ length: processes }, () => follow(database.app, 'acme', FOLLOWERS)),
    );
    expect(passes.flatMap((pass) => pass?.failures ?? [])).toEqual([]);
    if (passes.every((pass) => pass?.journals === 0)) return;
  }
};
const alertsOf = (account: string) => lender.run((tx) => listAlerts(tx, { account, limit: 10 }));
const isFrozen = async (wallet: string) => {
  const { rows } = await database.superuser('SELECT frozen_at FROM account WHERE id = $1', [wallet]);
  return rows[0].frozen_at !== null;
};
const borrow = async (product: typeof STANDARD_PRODUCT) => {
  const wallet = await lender.wallet('asha');
  await lender.open([{ principal: '1000', months: 3, wallet, product }]);
  return wallet;
};

test('ten transactions in five seconds raise no alert, the eleventh raises one', async () => {
  const at = newHour();
  const wallet = await lender.wallet('asha');
  await deposits(wallet, every(10, 400, 0, at));
  await followBooks();
  expect(await alertsOf(wallet)).toEqual([]);
  await deposits(wallet, [at(4_999)]);
  await followBooks();
  expect(await alertsOf(wallet)).toMatchObject([
    { transactions: 11, window_s: 5, since: at(0), at: at(4_999), froze: false },
  ]);
  await deposits(wallet, every(20, 100, 5_000, at));
  await followBooks();
  expect(await alertsOf(wallet), 'it is the same burst').toHaveLength(1);
  await deposits(wallet, every(11, 100, 20_000, at));
  await followBooks();
  expect(await alertsOf(wallet), 'another burst').toHaveLength(2);
});

test('a burst in several streams, followed in several passes by several processes, is one alert', async () => {
  const at = newHour();
  const wallet = await lender.wallet('asha');
  await deposits(wallet, every(6, 100, 0, at), uuidv7());
  await followBooks(2);
  await deposits(wallet, every(6, 100, 50, at), uuidv7());
  await followBooks(2);
  await deposits(wallet, every(6, 100, 1_000, at), uuidv7());
  await followBooks(2);
  expect(await alertsOf(wallet)).toMatchObject([{ transactions: 11 }]);
});

test('what comes late counts where it belongs', async () => {
  const at = newHour();
  const wallet = await lender.wallet('asha');
  await deposits(wallet, [...every(5, 100, 0, at), ...every(5, 100, 1_000, at)]);
  await followBooks();
  expect(await alertsOf(wallet)).toEqual([]);
  await deposits(wallet, [at(550)]);
  await followBooks();
  expect(await alertsOf(wallet)).toMatchObject([{ since: at(0), at: at(1_400), transactions: 11 }]);
});

test('one journal is one transaction, and the bank is not watched', async () => {
  const at = newHour();
  const asha = await lender.wallet('asha');
  const ravi = await lender.wallet('ravi');
  const through = (posted_at: Date) => {
    const into = draft({ from: bank, to: asha, amount: '1', stream: asha, posted_at });
    const onwards = draft({ from: asha, to: ravi, amount: '1' }).entries;
    return { ...into, entries: [...into.entries, ...onwards] };
  };
  await lender.run((tx) => post(tx, every(10, 10, 0, at).map(through)));
  await followBooks();
  expect(
    await lender
      .run((tx) => listAlerts(tx, { limit: 1 }))
      .then(([last]) => [asha, ravi, bank].includes(last!.account)),
  ).toBe(false);
});

test('an alert freezes the wallet if its product says so, and a person lets the money out again', async () => {
  const at = newHour();
  const careful = await borrow(freezing);
  const easy = await borrow(STANDARD_PRODUCT);
  for (const wallet of [careful, easy]) await deposits(wallet, every(11, 10, 0, at));
  await followBooks();
  expect(await alertsOf(careful)).toMatchObject([{ froze: true }]);
  expect(await alertsOf(easy)).toMatchObject([{ froze: false }]);
  expect([await isFrozen(careful), await isFrozen(easy)]).toEqual([true, false]);
  const money = () => ({ wallet: careful, amount: '2', currency: 'INR', reference: uuidv7() });
  expect(await lender.work(withdraw, [money()])).toMatchObject([
    { outcome: 'refused', code: 'account-frozen' },
  ]);

  expect(await lender.run((tx) => unfreezeWallet(tx, 'acme', { wallet: careful, at: at(1_000) }))).toBe(true);
  expect(
    await lender.run((tx) => unfreezeWallet(tx, 'acme', { wallet: careful, at: at(1_000) })),
    'it is not frozen',
  ).toBe(false);
  expect(await lender.work(withdraw, [money()])).toMatchObject([{ outcome: 'withdrawn' }]);
  await deposits(careful, every(10, 10, 1_001, at));
  await followBooks();
  expect(await alertsOf(careful), 'what was looked at counts no more').toHaveLength(1);
  await deposits(careful, [at(1_200)]);
  await followBooks();
  expect(await alertsOf(careful)).toHaveLength(2);
  expect(await isFrozen(careful)).toBe(true);
});

test('a product may allow more, over another window', async () => {
  const at = newHour();
  const generous = {
    ...STANDARD_PRODUCT,
    code: 'merchant-loan',
    rules: productRules.parse({ fraud: { transactions_max: 20, window_s: 1 } }),
  };
  await lender.run((tx) => addProduct(tx, generous));
  const wallet = await borrow(generous);
  await deposits(wallet, every(20, 10, 0, at));
  await followBooks();
  expect(await alertsOf(wallet)).toEqual([]);
  await deposits(wallet, [at(999)]);
  await followBooks();
  expect(await alertsOf(wallet)).toMatchObject([{ transactions: 21, window_s: 1 }]);
});
