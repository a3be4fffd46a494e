import { sql } from 'slonik';
import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { FOLLOWERS } from '../../src/followers.ts';
import { type Follower, follow } from '../../src/following/follow.ts';
import { post } from '../../src/ledger/post.ts';
import { draft, openBooks } from '../ledger/books.ts';
import { testDatabase } from '../support/database.ts';

const database = await testDatabase();
afterAll(() => database.close());
const books = await openBooks(database);

/** What grows with every journal. Of small tables, as that of accounts is here, reading all is the quickest way. */
const GROWING = ['journal', 'entry', 'score_move', 'event'];

/** Notes how many rows of these the connection has read. */
function gauge(readings: Map<string, number>[]): Follower {
  const row = z.object({ relname: z.string(), read: z.number() });
  return {
    name: 'gauge',
    follow: async (tx) => {
      const tables = await tx.any(sql.type(row)`
        SELECT relname, (seq_tup_read + coalesce(idx_tup_fetch, 0))::int4 AS read FROM pg_stat_xact_user_tables
        WHERE relname = ANY (${sql.array(GROWING, 'text')})`);
      readings.push(new Map(tables.map(({ relname, read }) => [relname, read])));
      return [];
    },
  };
}

/** Posts deposits and follows them. @returns how many rows of each growing table the followers read for it */
async function passOf(journals: number, wallets: string[]): Promise<{ table: string; read: number }[]> {
  const drafts = Array.from({ length: journals }, (_, index) => {
    const wallet = wallets[index % wallets.length]!;
    return draft({
      from: books.controls.bank,
      to: wallet,
      amount: '1',
      stream: wallet,
      kind: 'wallet.deposit',
    });
  });
  await books.run((tx) => post(tx, drafts));
  const readings: Map<string, number>[] = [];
  const followers = [gauge(readings), ...FOLLOWERS, gauge(readings)];
  expect(await follow(database.app, 'acme', followers)).toEqual({ journals, failures: [] });
  const [before, after] = readings;
  return GROWING.map((table) => ({ table, read: after!.get(table)! - before!.get(table)! }));
}

test('a pass reads what it follows, however much the books hold already', async () => {
  await database.superuser(
    `INSERT INTO webhook_endpoint (tenant_id, id, url, event_types, secret, created_by)
     VALUES ('acme', gen_random_uuid(), 'https://example.com', '{*}', '', 'service:test')`,
  );
  const wallets = await Promise.all(Array.from({ length: 400 }, () => books.wallet('asha')));
  const few = wallets.slice(0, 5);
  const tooMuch = async () => (await passOf(5, few)).filter(({ read }) => read > 5 * 10);
  for (let round = 0; round < 4; round += 1) await passOf(1_000, wallets.slice(5));
  expect(await tooMuch()).toEqual([]);
  await database.superuser('ANALYZE');
  expect(await tooMuch()).toEqual([]);
});
