import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { describe, expect, test } from 'vitest';
import { inTenant } from '../../src/db/transaction.ts';
import { DATA_BYTES_MAX, type EventDraft, emit } from '../../src/events/emit.ts';
import { EVENT_PATTERN, subscribes } from '../../src/events/types.ts';
import { databaseForThisTest, type TestDatabase } from '../support/database.ts';
import { happened, subscriber } from './support.ts';

async function events(database: TestDatabase, subject: string) {
  const { rows } = await database.superuser(
    `SELECT seq::int, type, data, id FROM event WHERE subject = $1 ORDER BY seq`,
    [subject],
  );
  return rows;
}

function emitted(database: TestDatabase, drafts: EventDraft[], tenant = 'acme'): Promise<number> {
  return inTenant(database.app, tenant, (tx) => emit(tx, drafts));
}

describe('telling of events', () => {
  test('writes nothing where nobody asked', async () => {
    const database = await databaseForThisTest();
    const loan = uuidv7();
    await subscriber(database, ['application.*']);
    await subscriber(database, ['*'], { state: 'disabled' });
    expect(await emitted(database, [happened(loan)])).toBe(0);
    expect(await events(database, loan)).toEqual([]);
  });

  test('numbers the events of each loan in the order told, and keeps tenants apart', async () => {
    const database = await databaseForThisTest(['acme', 'globex']);
    await subscriber(database, ['loan.*']);
    const [a, b] = [uuidv7(), uuidv7()];
    await emitted(database, [happened(b, 'loan.disbursed'), happened(a, 'loan.disbursed'), happened(b)]);
    await emitted(database, [
      happened(b, 'loan.closed', { amount: '1.00' }),
      happened(b, 'application.offered'),
    ]);
    await emitted(database, [happened(a)], 'globex');
    expect((await events(database, a)).map(({ seq, type }) => [seq, type])).toEqual([[1, 'loan.disbursed']]);
    const ofB = await events(database, b);
    expect(ofB.map(({ seq, type }) => [seq, type])).toEqual([
      [1, 'loan.disbursed'],
      [2, 'loan.repaid'],
      [3, 'loan.closed'],
    ]);
    expect(ofB.map(({ id }) => id).toSorted()).toEqual(ofB.map(({ id }) => id));
  });

  test('leaves no number out when a transaction is undone', async () => {
    const database = await databaseForThisTest();
    await subscriber(database, ['*']);
    const loan = uuidv7();
    await emitted(database, [happened(loan)]);
    const undone = inTenant(database.app, 'acme', async (tx) => {
      await emit(tx, [happened(loan)]);
      throw new Error('no');
    });
    await expect(undone).rejects.toThrow('no');
    await emitted(database, [happened(loan)]);
    expect((await events(database, loan)).map(({ seq }) => seq)).toEqual([1, 2]);
  });

  test('counts on without gap or double when many transactions tell of the same loans at once', async () => {
    const database = await databaseForThisTest();
    await subscriber(database, ['*']);
    const loans = Array.from({ length: 5 }, () => uuidv7());
    const rounds = Array.from({ length: 40 }, (_, round) =>
      loans.map((_, index) => happened(loans[(index + round) % loans.length]!, 'loan.repaid', { round })),
    );
    await Promise.all(rounds.map((drafts) => emitted(database, drafts)));
    for (const loan of loans) {
      const told = await events(database, loan);
      expect(told.map(({ seq }) => seq)).toEqual(rounds.map((_, index) => index + 1));
      expect(told.map(({ id }) => id).toSorted()).toEqual(told.map(({ id }) => id));
    }
  });

  test('refuses what receivers need not take', async () => {
    const database = await databaseForThisTest();
    await subscriber(database, ['*']);
    const long = happened(uuidv7(), 'loan.repaid', { text: 'x'.repeat(DATA_BYTES_MAX) });
    await expect(emitted(database, [long])).rejects.toThrow(RangeError);
  });
});

test('a pattern takes its own type, its noun, or all', () => {
  const word = fc.stringMatching(/^[a-z][a-z-]{0,8}$/);
  fc.assert(
    fc.property(word, word, word, (noun, verb, other) => {
      const type = `${noun}.${verb}`;
      for (const pattern of [type, `${noun}.*`, '*']) {
        expect(pattern).toMatch(EVENT_PATTERN);
        expect(subscribes([`${other}x.y`, pattern], type)).toBe(true);
      }
      expect(subscribes([`${noun}.${verb}x`, `${noun}x.*`], type)).toBe(false);
    }),
  );
});
