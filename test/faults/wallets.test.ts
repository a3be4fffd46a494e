import { afterAll, expect, test, vi } from 'vitest';
import deposit from '../../jobs/wallet.deposit.ts';
import transfer from '../../jobs/wallet.transfer.ts';
import { SteppedClock } from '../../src/calendar/clock.ts';
import { verifyBooks } from '../../src/ledger/verify/verify.ts';
import type { JobDefinition } from '../../src/runtime/definition.ts';
import { NOON, openBooks } from '../ledger/books.ts';
import { carriers } from '../support/carriers.ts';
import { testRuntime } from '../support/runtime.ts';
import { until } from '../support/until.ts';

vi.setConfig({ testTimeout: 60_000 });

const TRANSFERS = 1_000;
const COVERED = 10;

const usable = carriers().findLast(({ missing }) => !missing)!;
const system = await testRuntime([deposit, transfer] as unknown as JobDefinition[], {
  redisUrl: usable.redisUrl,
  clock: new SteppedClock(NOON),
});
const books = await openBooks(system.database);
await system.runtime.startWorkers();
await (await system.another()).startWorkers();
await system.runtime.startClock();
afterAll(() => system.close());

/** Sends each transfer as a call of its own, all at once, and waits until every one is answered. */
async function transferAll(movements: { from: string; to: string; amount: string }[], name: string) {
  const answers = await Promise.all(
    movements.map((movement, index) =>
      system.runtime.submit('acme', 'service:test', [
        { kind: 'wallet.transfer', payload: { ...movement, currency: 'INR', reference: `${name}-${index}` } },
      ]),
    ),
  );
  expect(answers.flat().every((answer) => answer.status === 'accepted')).toBe(true);
  await until(
    'every transfer is answered',
    async () => {
      const { rows } = await system.database.superuser(
        `SELECT count(*)::int AS n FROM job WHERE key LIKE $1 || '-%' AND state <> 'pending'`,
        [name],
      );
      return rows[0].n === movements.length;
    },
    40_000,
  );
  const { rows } = await system.database.superuser(
    `SELECT state, attempt, result->>'outcome' AS outcome, result->>'code' AS code, count(*)::int AS jobs
     FROM job WHERE key LIKE $1 || '-%' GROUP BY 1, 2, 3, 4 ORDER BY outcome`,
    [name],
  );
  return rows;
}

test('1,000 transfers at once from a wallet that covers 10: exactly 10 go through', async () => {
  const rich = await books.wallet('rich', String(COVERED));
  const poor = await books.wallet('poor');
  const movements = Array.from({ length: TRANSFERS }, () => ({ from: rich, to: poor, amount: '1' }));
  expect(await transferAll(movements, 'drain')).toEqual([
    { state: 'done', attempt: 0, outcome: 'refused', code: 'insufficient-funds', jobs: TRANSFERS - COVERED },
    { state: 'done', attempt: 0, outcome: 'transferred', code: null, jobs: COVERED },
  ]);
  expect([await books.balance(rich), await books.balance(poor)]).toEqual(['0.00', '10.00']);
});

test('500 transfers each way between two wallets never deadlock, and no money is made or lost', async () => {
  const asha = await books.wallet('asha', '500');
  const ravi = await books.wallet('ravi', '500');
  const movements = Array.from({ length: TRANSFERS }, (_, index) => ({
    ...(index % 2 === 0 ? { from: asha, to: ravi } : { from: ravi, to: asha }),
    amount: '1',
  }));
  expect(await transferAll(movements, 'cross')).toEqual([
    { state: 'done', attempt: 0, outcome: 'transferred', code: null, jobs: TRANSFERS },
  ]);
  expect([await books.balance(asha), await books.balance(ravi)]).toEqual(['500.00', '500.00']);
  expect(await verifyBooks(system.database.app, 'acme', { keys: [] })).toMatchObject({ ok: true });
});
