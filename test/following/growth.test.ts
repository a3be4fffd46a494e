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

/** Rows that the pass has read so far, of every table. */
const reads: number[] = [];
const gauge: Follower = {
  name: 'gauge',
  follow: async (tx) => {
    const read = await tx.oneFirst(sql.type(z.object({ read: z.number() }))`
      SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::int4 AS read FROM pg_stat_xact_user_tables
      WHERE schemaname = 'public'`);
    reads.push(read);
    return [];
  },
};

async function passOf(journals: number, wallets: string[]): Promise<number> {
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
  expect(await follow(database.app, 'acme', [...FOLLOWERS, gauge])).toEqual({ journals, failures: [] });
  return reads.at(-1)!;
}

test('a pass reads what it follows, however much the books hold already', async () => {
  await database.superuser(
    `INSERT INTO webhook_endpoint (tenant_id, id, url, event_types, secret, created_by)
     VALUES ('acme', gen_random_uuid(), 'https://example.com', '{*}', '', 'service:test')`,
  );
  const wallets = await Promise.all(Array.from({ length: 400 }, () => books.wallet('asha')));
  const few = wallets.slice(0, 5);
  await passOf(5, wallets.slice(5, 10));
  const young = await passOf(5, few);
  for (let round = 0; round < 5; round += 1) await passOf(1_000, wallets.slice(5));
  const old = await passOf(5, few);
  expect(old).toBeLessThanOrEqual(young + 20);
  expect(old).toBeLessThan(5 * 60);
});
