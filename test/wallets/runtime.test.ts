import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import transfer from '../../jobs/wallet.transfer.ts';
import { verifyBooks } from '../../src/ledger/verify/verify.ts';
import type { JobDefinition } from '../../src/runtime/definition.ts';
import { type Books, openBooks } from '../ledger/books.ts';
import { carriers } from '../support/carriers.ts';
import { type TestRuntime, testRuntime } from '../support/runtime.ts';
import { until } from '../support/until.ts';

interface Tally {
  transferred: number;
  refused: Record<string, number>;
  unfinished: number;
}

describe.each(carriers())('on the $name carrier', ({ redisUrl, missing }) => {
  let system: TestRuntime;
  let books: Books;

  beforeAll(async () => {
    if (missing) return;
    system = await testRuntime([transfer as unknown as JobDefinition], { redisUrl });
    books = await openBooks(system.database);
    await system.runtime.startWorkers();
    const second = await system.another();
    await second.startWorkers();
  });
  afterAll(() => system?.close());

  /** Has the transfers done by two workers at once, and tells how they ended. */
  async function run(pairs: { from: string; to: string }[]): Promise<Tally> {
    const requests = pairs.map((pair) => ({
      kind: 'wallet.transfer',
      payload: { ...pair, amount: '1', currency: 'INR', reference: uuidv7() },
    }));
    const accepted = await system.runtime.submit('acme', 'service:test', requests);
    expect(accepted.every(({ status }) => status === 'accepted')).toBe(true);
    const ids = accepted.flatMap((each) => (each.status === 'accepted' ? [each.job.id] : []));
    return until('all transfers rest', async () => {
      const { rows } = await system.database.superuser('SELECT state, result FROM job WHERE id = ANY ($1)', [
        ids,
      ]);
      const tally: Tally = { transferred: 0, refused: {}, unfinished: 0 };
      for (const { state, result } of rows) {
        if (state !== 'done') tally.unfinished += 1;
        else if (result.outcome === 'transferred') tally.transferred += 1;
        else tally.refused[result.code] = (tally.refused[result.code] ?? 0) + 1;
      }
      return tally.unfinished === 0 ? tally : undefined;
    });
  }

  test.skipIf(missing)('of 1,000 transfers from a wallet that covers 10, exactly 10 are done', async () => {
    const asha = await books.wallet('asha', '10');
    const ravi = await books.wallet('ravi');
    const tally = await run(Array.from({ length: 1_000 }, () => ({ from: asha, to: ravi })));
    expect(tally).toEqual({ transferred: 10, refused: { 'insufficient-funds': 990 }, unfinished: 0 });
    expect([await books.balance(asha), await books.balance(ravi)]).toEqual(['0.00', '10.00']);
  });

  test.skipIf(missing)('transfers that cross each other are all done, without a deadlock', async () => {
    const asha = await books.wallet('asha', '500');
    const ravi = await books.wallet('ravi', '500');
    const deadlocks = 'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()';
    const before = (await system.database.superuser(deadlocks)).rows;
    const tally = await run(
      Array.from({ length: 600 }, (_, index) =>
        index % 2 === 0 ? { from: asha, to: ravi } : { from: ravi, to: asha },
      ),
    );
    expect(tally).toEqual({ transferred: 600, refused: {}, unfinished: 0 });
    expect([await books.balance(asha), await books.balance(ravi)]).toEqual(['500.00', '500.00']);
    expect((await system.database.superuser(deadlocks)).rows).toEqual(before);
    expect(await verifyBooks(system.database.app, 'acme', { keys: [] })).toMatchObject({ ok: true });
  });
});
