import { v7 as uuidv7 } from 'uuid';
import { expect, test } from 'vitest';
import { post } from '../../src/ledger/post.ts';
import { cutSeal } from '../../src/ledger/seal.ts';
import { verifyBooks } from '../../src/ledger/verify/verify.ts';
import { databaseForThisTest, type TestDatabase } from '../support/database.ts';
import { type Books, draft, NOON, openBooks, TODAY, testSealer } from './books.ts';

const sealer = testSealer();
const keys = [sealer.public_key];

interface Scene {
  database: TestDatabase;
  books: Books;
  asha: string;
  /** Journals of Asha's wallet, in order: 1 to 3 under seal 1, 4 and 5 under seal 2, 6 and 7 under none. */
  journals: string[];
}

async function seal(books: Books) {
  return books.run((tx) => cutSeal(tx, sealer, { tenant: books.tenant, business_date: TODAY, cut_at: NOON }));
}

/** Books with two seals, in which Asha pays Ravi again and again. */
async function setScene(): Promise<Scene> {
  const database = await databaseForThisTest(['acme', 'globex']);
  const books = await openBooks(database);
  const asha = await books.wallet('asha', '1000');
  const ravi = await books.wallet('ravi', '500');
  const pay = (times: number) =>
    books.run((tx) =>
      post(
        tx,
        Array.from({ length: times }, () => draft({ from: asha, to: ravi, amount: '10.5' })),
      ),
    );
  await pay(2);
  await seal(books);
  await pay(2);
  await seal(books);
  await pay(2);
  const rows = await database.superuser('SELECT id FROM journal WHERE stream_id = $1 ORDER BY seq', [asha]);
  return { database, books, asha, journals: rows.rows.map((row) => row.id) };
}

test('sound books verify, before and after seals, and say how much was looked at', async () => {
  const { database, books } = await setScene();
  let last: [number, number] = [0, 0];
  const verified = await verifyBooks(database.app, 'acme', {
    keys,
    onProgress: (done, total) => (last = [done, total]),
  });
  expect(verified).toEqual({ ok: true, streams: 2, journals: 8, entries: 16, seals: 2, unsealed: 2 });
  expect(last).toEqual([24, 24]);
  await seal(books);
  expect(await seal(books)).toBeNull();
  expect(await verifyBooks(database.app, 'acme', { keys })).toMatchObject({
    ok: true,
    seals: 3,
    unsealed: 0,
  });
  expect(await verifyBooks(database.app, 'globex', { keys })).toMatchObject({
    ok: true,
    journals: 0,
    seals: 0,
  });
});

/** What an attacker with every right does to the rows, and the row that verification must name. */
const tamperings: Record<string, { does: (scene: Scene) => string[]; finds: (scene: Scene) => object }> = {
  'an amount changed on both sides': {
    does: ({ journals }) => [`UPDATE entry SET amount = 11 WHERE journal_id = '${journals[1]}'`],
    finds: ({ journals }) => ({ code: 'hash-mismatch', table: 'journal', id: journals[1] }),
  },
  'an amount, and the hash computed anew': {
    does: ({ journals }) => [
      `UPDATE entry SET amount = 11 WHERE journal_id = '${journals[1]}'`,
      `UPDATE journal SET hash = sha256('anything') WHERE id = '${journals[1]}'`,
    ],
    finds: ({ journals }) => ({ code: 'hash-mismatch', table: 'journal', id: journals[1] }),
  },
  'a business date changed': {
    does: ({ journals }) => [`UPDATE journal SET business_date = '2020-01-01' WHERE id = '${journals[5]}'`],
    finds: ({ journals }) => ({ code: 'hash-mismatch', table: 'journal', id: journals[5] }),
  },
  'a journal deleted from the middle': {
    does: ({ journals }) => [
      `DELETE FROM entry WHERE journal_id = '${journals[2]}'`,
      `DELETE FROM journal WHERE id = '${journals[2]}'`,
    ],
    finds: ({ journals }) => ({ code: 'journal-missing', table: 'journal', id: journals[3] }),
  },
  'an entry deleted': {
    does: ({ journals }) => [`DELETE FROM entry WHERE journal_id = '${journals[6]}' AND line = 2`],
    finds: ({ journals }) => ({ code: 'hash-mismatch', table: 'journal', id: journals[6] }),
  },
  'the tail of a stream cut off': {
    does: ({ journals }) => [
      `DELETE FROM entry WHERE journal_id = '${journals[6]}'`,
      `DELETE FROM journal WHERE id = '${journals[6]}'`,
    ],
    finds: ({ asha }) => ({ code: 'tail-cut', table: 'stream', id: asha }),
  },
  'a sealed tail cut off, with the head and the balances put right': {
    does: ({ journals, asha }) => [
      ...[3, 4, 5, 6].flatMap((at) => [
        `UPDATE account a SET balance = balance + CASE e.direction WHEN 'debit' THEN e.amount ELSE -e.amount END
           FROM entry e WHERE e.journal_id = '${journals[at]}' AND a.id = e.account_id`,
        `DELETE FROM entry WHERE journal_id = '${journals[at]}'`,
        `DELETE FROM journal WHERE id = '${journals[at]}'`,
      ]),
      `UPDATE stream SET head_seq = 3, sealed_seq = 3, head_hash = (SELECT hash FROM journal WHERE id = '${journals[2]}')
         WHERE id = '${asha}'`,
    ],
    finds: ({ asha }) => ({ code: 'tail-cut', table: 'stream', id: asha }),
  },
  'a journal inserted in the middle': {
    does: ({ journals, asha }) => [
      `UPDATE journal SET seq = seq + 100 WHERE stream_id = '${asha}' AND seq >= 6`,
      `INSERT INTO journal SELECT tenant_id, '${uuidv7()}', stream_id, 6, kind, 'forged', business_date, posted_at, NULL,
         hash, sha256('forged') FROM journal WHERE id = '${journals[4]}'`,
      `UPDATE journal SET seq = seq - 99 WHERE stream_id = '${asha}' AND seq > 100`,
      `UPDATE stream SET head_seq = head_seq + 1 WHERE id = '${asha}'`,
    ],
    finds: () => ({ code: 'hash-mismatch', table: 'journal' }),
  },
  'a journal added behind the head': {
    does: ({ asha, journals }) => [
      `INSERT INTO journal SELECT tenant_id, '${uuidv7()}', stream_id, 8, kind, 'forged', business_date, posted_at, NULL,
         hash, sha256('forged') FROM journal WHERE id = '${journals[6]}' AND stream_id = '${asha}'`,
    ],
    finds: () => ({ code: 'hash-mismatch', table: 'journal' }),
  },
  'a balance edited': {
    does: ({ asha }) => [`UPDATE account SET balance = balance + 1 WHERE id = '${asha}'`],
    finds: ({ asha }) => ({ code: 'balance-mismatch', table: 'account', id: asha }),
  },
  'the head of a stream edited': {
    does: ({ asha }) => [`UPDATE stream SET head_hash = sha256('x') WHERE id = '${asha}'`],
    finds: ({ asha }) => ({ code: 'head-mismatch', table: 'stream', id: asha }),
  },
  'a stream’s row deleted': {
    does: ({ asha }) => [`DELETE FROM stream WHERE id = '${asha}'`],
    finds: ({ asha }) => ({ code: 'journal-inserted', table: 'stream', id: asha }),
  },
  'a link of the chain replaced': {
    does: ({ journals }) => [`UPDATE journal SET prev_hash = sha256('x') WHERE id = '${journals[4]}'`],
    finds: ({ journals }) => ({ code: 'hash-mismatch', table: 'journal', id: journals[4] }),
  },
  'entries without a journal': {
    does: ({ asha }) => [
      `INSERT INTO entry VALUES ('acme', '${uuidv7()}', 1, '${asha}', 'debit', 5, 'INR'),
                                ('acme', '${uuidv7()}', 2, '${asha}', 'credit', 5, 'INR')`,
    ],
    finds: () => ({ code: 'entry-without-journal', table: 'entry' }),
  },
  'a seal’s root replaced': {
    does: () => [`UPDATE seal SET root = sha256('x') WHERE number = 1`],
    finds: () => ({ code: 'seal-mismatch', table: 'seal', id: '1' }),
  },
  'a seal deleted': {
    does: () => ['DELETE FROM seal WHERE number = 2'],
    finds: () => ({ code: 'seal-chain-broken', table: 'seal', id: '2' }),
  },
  'a seal and all trace of what it covered deleted from the middle': {
    does: () => ['DELETE FROM seal WHERE number = 1', 'DELETE FROM seal_range WHERE seal_number = 1'],
    finds: () => ({ code: 'seal-range-mismatch', table: 'seal_range' }),
  },
  'a seal’s range shortened': {
    does: ({ asha }) => [
      `UPDATE seal_range SET to_seq = to_seq - 1 WHERE seal_number = 2 AND stream_id = '${asha}'`,
      `UPDATE stream SET sealed_seq = sealed_seq - 1 WHERE id = '${asha}'`,
    ],
    finds: () => ({ code: 'seal-mismatch', table: 'seal', id: '2' }),
  },
  'a signature replaced': {
    does: () => [`UPDATE seal SET signature = sha512('x') WHERE number = 2`],
    finds: () => ({ code: 'seal-signature', table: 'seal', id: '2' }),
  },
  'a snapshot edited': {
    does: () => ['UPDATE account_snapshot SET balance = balance + 1 WHERE seal_number = 1'],
    finds: () => ({ code: 'balance-mismatch', table: 'account_snapshot' }),
  },
};

test.each(Object.keys(tamperings))('verification finds %s', async (name) => {
  const scene = await setScene();
  const { does, finds } = tamperings[name]!;
  for (const statement of does(scene)) {
    await scene.database.superuser(`
      DO $do$ BEGIN
        SET LOCAL session_replication_role = replica;
        ${statement};
      END $do$`);
  }
  const verified = await verifyBooks(scene.database.app, 'acme', { keys });
  expect(verified).toMatchObject({ ok: false, finding: { tenant: 'acme', ...finds(scene) } });
});

test('books written anew and sealed with another key do not pass, nor do they against a published seal', async () => {
  const { database, books } = await setScene();
  const forger = testSealer();
  await books.run((tx) => cutSeal(tx, forger, { tenant: 'acme', business_date: TODAY, cut_at: NOON }));
  expect(await verifyBooks(database.app, 'acme', { keys })).toMatchObject({
    ok: false,
    finding: { code: 'seal-signature', id: '3' },
  });
  const both = [...keys, forger.public_key];
  expect(await verifyBooks(database.app, 'acme', { keys: both })).toMatchObject({ ok: true });
  const published = [{ number: 3n, hash: '00'.repeat(32) }];
  expect(await verifyBooks(database.app, 'acme', { keys: both, published })).toMatchObject({
    ok: false,
    finding: { code: 'seal-mismatch', id: '3' },
  });
});
