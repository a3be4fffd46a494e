import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, expect, test } from 'vitest';
import closeDay from '../../jobs/day.close.ts';
import capture from '../../jobs/wallet.capture.ts';
import deposit from '../../jobs/wallet.deposit.ts';
import expireHolds from '../../jobs/wallet.expire-holds.ts';
import hold from '../../jobs/wallet.hold.ts';
import release from '../../jobs/wallet.release.ts';
import withdraw from '../../jobs/wallet.withdraw.ts';
import { freezeAccounts } from '../../src/ledger/freeze.ts';
import { verifyBooks } from '../../src/ledger/verify/verify.ts';
import { releaseExpiredHolds } from '../../src/wallets/hold-ends.ts';
import { holdOf } from '../../src/wallets/holds.ts';
import { heldAccountOf, openWallet as openOneWallet, walletOf } from '../../src/wallets/wallets.ts';
import { subscriber } from '../events/support.ts';
import { NOON, TODAY } from '../ledger/books.ts';
import { openLender } from '../loans/lending.ts';
import { testDatabase } from '../support/database.ts';

const database = await testDatabase();
afterAll(() => database.close());
const { work, run, wallet: openWallet } = await openLender(database);

const money = (amount: string) => ({ amount, currency: 'INR', reference: uuidv7() });
const AN_HOUR_MS = 3_600_000;

async function held(wallet: string, amount: string, expires_at?: Date): Promise<string> {
  const until = expires_at && { expires_at: expires_at.toISOString() };
  const [answer] = await work(hold, [{ wallet, ...money(amount), ...until }]);
  if (answer?.outcome !== 'held') throw new Error(JSON.stringify(answer));
  return answer.hold;
}

const purse = (wallet: string) =>
  run(async (tx) => {
    const { balance, held, available } = (await walletOf(tx, wallet))!;
    return { balance, held, available };
  });

test('held money is still the owner’s, but cannot be spent; released, it can', async () => {
  const wallet = await openWallet('asha', '100');
  const id = await held(wallet, '70');
  expect(await purse(wallet)).toEqual({ balance: '100.00', held: '70.00', available: '30.00' });
  expect(await work(withdraw, [{ wallet, ...money('30.01') }])).toMatchObject([
    { outcome: 'refused', code: 'insufficient-funds' },
  ]);
  expect(await work(release, [{ hold: id }])).toMatchObject([{ outcome: 'released', amount: '70.00' }]);
  expect(await purse(wallet)).toEqual({ balance: '100.00', held: '0.00', available: '100.00' });
  expect(await work(withdraw, [{ wallet, ...money('100') }])).toMatchObject([{ outcome: 'withdrawn' }]);
});

test('holds count against the money there is: many at once never hold more', async () => {
  const wallet = await openWallet('ravi', '100');
  const group = () => Array.from({ length: 8 }, () => ({ wallet, ...money('30') }));
  const answers = (
    await Promise.all([work(hold, group()), work(hold, group()), work(withdraw, group())])
  ).flat();
  expect(answers.filter(({ outcome }) => outcome !== 'refused')).toHaveLength(3);
  const { held: set_aside, available } = await purse(wallet);
  expect(available).toBe('10.00');
  expect(['0.00', '30.00', '60.00', '90.00']).toContain(set_aside);
});

test('what is captured goes out or to another wallet, and what is left goes back', async () => {
  const wallet = await openWallet('asha', '100');
  const shop = await openWallet('shop');
  const [whole, part] = [await held(wallet, '40'), await held(wallet, '50')];
  expect(await work(capture, [{ hold: whole }])).toMatchObject([{ outcome: 'captured', captured: '40.00' }]);
  expect(await work(capture, [{ hold: part, amount: '20', to: shop }])).toMatchObject([
    { outcome: 'captured', captured: '20.00', amount: '50.00' },
  ]);
  expect(await purse(wallet)).toEqual({ balance: '40.00', held: '0.00', available: '40.00' });
  expect((await purse(shop)).available).toBe('20.00');
  expect(await run((tx) => holdOf(tx, part))).toMatchObject({ state: 'captured', captured: '20.00' });
});

test('a hold ends once, whoever is first', async () => {
  const wallet = await openWallet('asha', '1000');
  const holds = await Promise.all(Array.from({ length: 20 }, () => held(wallet, '50')));
  const answers = await Promise.all([
    work(
      release,
      [...holds, ...holds].map((id) => ({ hold: id })),
    ),
    work(
      capture,
      holds.toReversed().map((id) => ({ hold: id, amount: '30' })),
    ),
    work(
      capture,
      holds.map((id) => ({ hold: id, amount: '10' })),
    ),
  ]);
  const ended = answers.flat().filter(({ outcome }) => outcome !== 'refused');
  expect(ended).toHaveLength(20);
  const refused = answers.flat().flatMap((answer) => ('code' in answer ? [answer.code] : []));
  expect(new Set(refused)).toEqual(new Set(['hold-over']));
  const taken = ended.reduce((sum, each) => sum + Number('captured' in each ? each.captured : 0), 0);
  expect(Number((await purse(wallet)).available)).toBe(1000 - taken);
});

test('nobody can open a wallet where another wallet’s held money will lie', async () => {
  const wallet = await openWallet('asha', '100');
  const trap = heldAccountOf(wallet);
  await run((tx) => openOneWallet(tx, { id: trap, owner: 'mallory', currency: 'INR' }));
  expect(await run((tx) => walletOf(tx, trap))).toBeNull();
  await held(wallet, '60');
  expect((await purse(wallet)).held).toBe('60.00');
});

test('one reference is one hold, and what cannot be is refused without touching its neighbours', async () => {
  const wallet = await openWallet('asha', '100');
  const twice = { wallet, ...money('10') };
  const over = { expires_at: new Date(NOON.getTime() - 1).toISOString() };
  const answers = await work(hold, [
    ...[twice, twice, { ...twice, ...money('10'), wallet: uuidv7() }],
    ...[
      { wallet, ...money('10'), currency: 'USD' },
      { wallet, ...money('10'), ...over },
    ],
  ]);
  expect(answers.map((answer) => ('code' in answer ? answer.code : answer.outcome))).toEqual([
    ...['held', 'duplicate-reference', 'unknown-wallet', 'currency-mismatch', 'expiry-passed'],
  ]);
  const id = await held(wallet, '10');
  const ends = await work(capture, [
    ...[
      { hold: uuidv7() },
      { hold: id, amount: '10.01' },
      { hold: id, to: wallet },
      { hold: id, to: uuidv7() },
    ],
  ]);
  expect(ends.map((answer) => ('code' in answer ? answer.code : answer.outcome))).toEqual([
    ...['unknown-hold', 'amount-above-hold', 'same-wallet', 'unknown-wallet'],
  ]);
  expect((await purse(wallet)).held).toBe('20.00');
});

test('past its time a hold is not captured, and the close of day gives it back, in portions', async () => {
  const wallet = await openWallet('asha', '100');
  const soon = new Date(NOON.getTime() + AN_HOUR_MS);
  const [a, b, later, open] = [
    ...[await held(wallet, '10', soon), await held(wallet, '20', soon)],
    ...[await held(wallet, '30', new Date(NOON.getTime() + 9 * AN_HOUR_MS)), await held(wallet, '40')],
  ];
  const evening = new Date(NOON.getTime() + 5 * AN_HOUR_MS);
  const close = () =>
    run((tx) =>
      releaseExpiredHolds(tx, 'acme', {
        ...{ expired_by: evening, business_date: TODAY, posted_at: evening, holds_max: 2 },
      }),
    );
  expect(await close()).toEqual({ released: 2, more: true });
  expect(await close()).toEqual({ released: 0, more: false });
  const states = await Promise.all([a, b, later, open].map((id) => run((tx) => holdOf(tx, id!))));
  expect(states.map((each) => each!.state)).toEqual(['expired', 'expired', 'held', 'held']);
  expect(await purse(wallet)).toEqual({ balance: '100.00', held: '70.00', available: '30.00' });
  expect(await work(capture, [{ hold: a! }])).toMatchObject([{ code: 'hold-over' }]);
});

test('with the close of day what is over is given back by itself, before the day is shut', async () => {
  const evening = await openLender(database);
  const wallet = await evening.wallet('asha', '100');
  const expires_at = new Date(NOON.getTime() + AN_HOUR_MS).toISOString();
  await evening.work(hold, [{ wallet, ...money('10'), expires_at }]);
  evening.clock.moveTo(new Date(NOON.getTime() + 11 * AN_HOUR_MS));
  await evening.work(closeDay, [{ business_date: TODAY }]);
  expect(evening.accepted.map(({ kind }) => kind)).toEqual(['wallet.expire-holds', 'day.finish']);
  expect(await evening.work(expireHolds, [{ business_date: TODAY }])).toEqual([
    { outcome: 'expired', holds: expect.any(Number) },
  ]);
  expect((await purse(wallet)).held).toBe('0.00');
});

test('an hour late, before the day is closed, a hold can only be given back', async () => {
  const late = await openLender(database);
  const wallet = await late.wallet('asha', '100');
  const expires_at = new Date(NOON.getTime() + AN_HOUR_MS).toISOString();
  const [made] = await late.work(hold, [{ wallet, ...money('10'), expires_at }]);
  const id = made?.outcome === 'held' ? made.hold : '';
  late.clock.moveTo(new Date(NOON.getTime() + 2 * AN_HOUR_MS));
  expect(await late.work(capture, [{ hold: id }])).toMatchObject([{ code: 'hold-expired' }]);
  expect(await late.work(release, [{ hold: id }])).toMatchObject([{ outcome: 'released' }]);
});

test('nothing is captured out of a frozen wallet; what was held may go back into it', async () => {
  const wallet = await openWallet('asha', '100');
  const id = await held(wallet, '10');
  await run((tx) => freezeAccounts(tx, [wallet], NOON, 'a suspicion'));
  expect(await work(capture, [{ hold: id }])).toMatchObject([{ code: 'account-frozen' }]);
  expect(await work(hold, [{ wallet, ...money('10') }])).toMatchObject([{ code: 'account-frozen' }]);
  expect(await work(release, [{ hold: id }])).toMatchObject([{ outcome: 'released' }]);
});

test('who subscribes hears of money that is held, captured and released', async () => {
  await subscriber(database, ['wallet.*']);
  const wallet = await openWallet('asha', '100');
  const [a, b] = [await held(wallet, '10'), await held(wallet, '20')];
  await work(capture, [{ hold: a, amount: '4' }]);
  await work(release, [{ hold: b }]);
  const { rows } = await database.superuser('SELECT type, data FROM event WHERE subject = $1 ORDER BY seq', [
    wallet,
  ]);
  expect(rows).toMatchObject([
    { type: 'wallet.held', data: { wallet, hold: a, amount: '10.00' } },
    { type: 'wallet.held', data: { wallet, hold: b, amount: '20.00' } },
    { type: 'wallet.captured', data: { wallet, hold: a, captured: '4.00' } },
    { type: 'wallet.released', data: { wallet, hold: b, state: 'released' } },
  ]);
});

/** What may happen to a wallet; a hold is named by its place among those made so far. */
const act = fc.oneof(
  fc.record({ act: fc.constant('deposit' as const), amount: fc.integer({ min: 1, max: 500 }) }),
  fc.record({ act: fc.constant('withdraw' as const), amount: fc.integer({ min: 1, max: 500 }) }),
  fc.record({ act: fc.constant('hold' as const), amount: fc.integer({ min: 1, max: 500 }) }),
  fc.record({ act: fc.constant('release' as const), amount: fc.nat(9) }),
  fc.record({ act: fc.constant('capture' as const), amount: fc.nat(9) }),
);

test('whatever comes in whatever order, the wallet shows what a child with two purses would count', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 25 }), async (acts) => {
      const wallet = await openWallet('property');
      const holds: { id: string; amount: number; open: boolean }[] = [];
      let available = 0;
      let set_aside = 0;
      for (const { act, amount } of acts) {
        const wish = { wallet, ...money(String(amount)) };
        if (act === 'deposit') {
          await work(deposit, [wish]);
          available += amount;
        } else if (act === 'withdraw') {
          const [answer] = await work(withdraw, [wish]);
          expect(answer!.outcome === 'withdrawn').toBe(amount <= available);
          if (amount <= available) available -= amount;
        } else if (act === 'hold') {
          const [answer] = await work(hold, [wish]);
          expect(answer!.outcome === 'held').toBe(amount <= available);
          if (answer!.outcome !== 'held') continue;
          holds.push({ id: answer!.hold, amount, open: true });
          available -= amount;
          set_aside += amount;
        } else {
          const it = holds[amount];
          if (!it) continue;
          const half = (it.amount / 2).toFixed(2);
          const [answer] =
            act === 'release'
              ? await work(release, [{ hold: it.id }])
              : await work(capture, [{ hold: it.id, amount: half }]);
          expect(answer!.outcome !== 'refused').toBe(it.open);
          if (!it.open) continue;
          it.open = false;
          set_aside -= it.amount;
          available += act === 'release' ? it.amount : it.amount - Number(half);
        }
      }
      expect(await purse(wallet)).toEqual({
        balance: (available + set_aside).toFixed(2),
        held: set_aside.toFixed(2),
        available: available.toFixed(2),
      });
    }),
    { numRuns: 15 },
  );
});

test('in the end the books verify, and every held account holds what its open holds say', async () => {
  expect(await verifyBooks(database.app, 'acme', { keys: [] })).toMatchObject({ ok: true });
  const { rows } = await database.superuser(`
    SELECT a.code FROM account a LEFT JOIN wallet_hold h
      ON a.code = 'wallet/' || h.wallet_id || '/held' AND h.state = 'held'
    WHERE a.code LIKE 'wallet/%/held'
    GROUP BY a.code, a.balance HAVING a.balance <> coalesce(sum(h.amount), 0)`);
  expect(rows).toEqual([]);
});
