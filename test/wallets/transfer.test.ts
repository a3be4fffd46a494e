import pino from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, expect, test } from 'vitest';
import type { z } from 'zod';
import deposit from '../../jobs/wallet.deposit.ts';
import transfer from '../../jobs/wallet.transfer.ts';
import withdraw from '../../jobs/wallet.withdraw.ts';
import { SteppedClock } from '../../src/calendar/clock.ts';
import type { AtomicDefinition, Job, Services, TransactionContext } from '../../src/runtime/definition.ts';
import { NOON, openBooks, TODAY } from '../ledger/books.ts';
import { testDatabase } from '../support/database.ts';

const database = await testDatabase();
afterAll(() => database.close());
const books = await openBooks(database);

const context: TransactionContext = {
  clock: new SteppedClock(NOON),
  services: {} as Services,
  log: pino({ level: 'silent' }),
  signal: new AbortController().signal,
  accept: async () => {},
};

/** Runs jobs as one group in a transaction of their own, as a worker would. */
async function run<P extends z.ZodType, R extends z.ZodType>(
  definition: AtomicDefinition<P, R>,
  payloads: z.input<P>[],
): Promise<z.output<R>[]> {
  const jobs = payloads.map((given): Job<z.output<P>> => {
    const payload = definition.payload.parse(given);
    return {
      ...{ tenant: 'acme', id: uuidv7(), kind: definition.kind, key: definition.key(payload), payload },
      ...{ attempt: 0, accepted_by: 'service:test', accepted_at: NOON, trace: null },
    };
  });
  const results = await books.run((tx) => definition.run(tx, jobs, context));
  return results.map((result) => definition.result.parse(result));
}

const money = (amount: string) => ({ amount, currency: 'INR', reference: uuidv7() });

test('a deposit fills a wallet, a transfer moves it on, a withdrawal takes it out', async () => {
  const asha = await books.wallet('asha');
  const ravi = await books.wallet('ravi');
  const [deposited] = await run(deposit, [{ wallet: asha, ...money('100') }]);
  expect(deposited).toMatchObject({ outcome: 'deposited', business_date: TODAY });
  expect(await run(transfer, [{ from: asha, to: ravi, ...money('60') }])).toMatchObject([
    { outcome: 'transferred' },
  ]);
  expect(await run(withdraw, [{ wallet: ravi, ...money('10') }])).toMatchObject([{ outcome: 'withdrawn' }]);
  expect([await books.balance(asha), await books.balance(ravi)]).toEqual(['40.00', '50.00']);
});

test('a business no is an answer, and its neighbours in the group are not touched by it', async () => {
  const asha = await books.wallet('asha', '10');
  const ravi = await books.wallet('ravi');
  const results = await run(transfer, [
    { from: asha, to: asha, ...money('1') },
    { from: asha, to: uuidv7(), ...money('1') },
    { from: asha, to: ravi, ...money('10.01') },
    { from: asha, to: ravi, ...money('1'), currency: 'USD' },
    { from: asha, to: ravi, ...money('10') },
  ]);
  expect(results.map((result) => ('code' in result ? result.code : result.outcome))).toEqual([
    'same-wallet',
    'unknown-wallet',
    'insufficient-funds',
    'currency-mismatch',
    'transferred',
  ]);
  expect(await run(withdraw, [{ wallet: asha, ...money('0.01') }])).toMatchObject([
    { code: 'insufficient-funds' },
  ]);
});

test('two jobs with one reference are one movement', async () => {
  const asha = await books.wallet('asha', '10');
  const ravi = await books.wallet('ravi');
  const twice = { from: asha, to: ravi, ...money('1') };
  expect(await run(transfer, [twice, twice])).toMatchObject([
    { outcome: 'transferred' },
    { code: 'duplicate-reference' },
  ]);
  expect(await run(transfer, [twice])).toMatchObject([{ code: 'duplicate-reference' }]);
  expect(await books.balance(ravi)).toBe('1.00');
});

/** Spreads payloads over groups that run at the same time on as many connections as the pool has. */
async function concurrently<T>(payloads: T[], group: number, work: (payloads: T[]) => Promise<unknown[]>) {
  const groups = Array.from({ length: Math.ceil(payloads.length / group) }, (_, index) =>
    payloads.slice(index * group, (index + 1) * group),
  );
  return (await Promise.all(groups.map(work))).flat() as { outcome: string; code?: string }[];
}

test.each([1, 7, 100])(
  'of 1,000 concurrent transfers, in groups of %i, from a wallet that covers 10, exactly 10 are posted',
  async (group) => {
    const asha = await books.wallet('asha', '10');
    const ravi = await books.wallet('ravi');
    const payloads = Array.from({ length: 1_000 }, () => ({ from: asha, to: ravi, ...money('1') }));
    const results = await concurrently(payloads, group, (some) => run(transfer, some));
    expect(results.filter((result) => result.outcome === 'transferred')).toHaveLength(10);
    expect(results.filter((result) => result.code === 'insufficient-funds')).toHaveLength(990);
    expect([await books.balance(asha), await books.balance(ravi)]).toEqual(['0.00', '10.00']);
  },
);

test('transfers that cross each other never deadlock', async () => {
  const wallets = await Promise.all(
    Array.from({ length: 6 }, (_, index) => books.wallet(`owner ${index}`, '1000')),
  );
  const deadlocks = () =>
    database.superuser('SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()');
  const before = (await deadlocks()).rows[0].deadlocks;
  const payloads = Array.from({ length: 1_200 }, (_, index) => ({
    from: wallets[index % 6]!,
    to: wallets[(index + 1 + (index % 5)) % 6]!,
    ...money('1'),
  }));
  const results = await concurrently(payloads, 8, (some) => run(transfer, some));
  expect(new Set(results.map((result) => result.outcome))).toEqual(new Set(['transferred']));
  expect((await deadlocks()).rows[0].deadlocks).toBe(before);
  const total = await database.superuser('SELECT sum(balance) FROM account WHERE id = ANY ($1)', [wallets]);
  expect(total.rows).toEqual([{ sum: '6000' }]);
});
