import { afterAll, expect, test } from 'vitest';
import { follow } from '../../src/following/follow.ts';
import { journalEvents } from '../../src/following/journal-events.ts';
import { post } from '../../src/ledger/post.ts';
import { reversalOf } from '../../src/ledger/reverse.ts';
import { draft, NOON, openBooks, TODAY } from '../ledger/books.ts';
import { testDatabase } from '../support/database.ts';

const database = await testDatabase();
afterAll(() => database.close());
const books = await openBooks(database);
const { bank } = books.controls;

const events = async (subject: string) =>
  (
    await database.superuser(
      'SELECT seq::int, type, business_date::text, journal_id, data FROM event WHERE subject = $1 ORDER BY seq',
      [subject],
    )
  ).rows;
const followBooks = () => follow(database.app, 'acme', [journalEvents]);

test('journals are told to those who subscribe, in the order of their stream, and to nobody else', async () => {
  const wallet = await books.wallet('asha');
  const deposit = (amount: string) => draft({ from: bank, to: wallet, amount, stream: wallet });
  await books.run((tx) => post(tx, [deposit('1')]));
  expect(await followBooks()).toMatchObject({ journals: 1, failures: [] });
  expect(await events(wallet), 'nobody asked').toEqual([]);

  await database.superuser(
    `INSERT INTO webhook_endpoint (tenant_id, id, url, event_types, secret, created_by)
     VALUES ('acme', gen_random_uuid(), 'https://example.com', '{journal.*}', '', 'service:test')`,
  );
  const second = deposit('12.50');
  await books.run((tx) => post(tx, [second]));
  const reversal = await books.run((tx) =>
    reversalOf(tx, second.id, { business_date: TODAY, posted_at: NOON }),
  );
  const [undone] = await books.run((tx) => post(tx, [reversal]));
  expect(await followBooks()).toMatchObject({ journals: 2, failures: [] });
  const told = await events(wallet);
  expect(told.map(({ seq, type, journal_id }) => [seq, type, journal_id])).toEqual([
    [1, 'journal.posted', second.id],
    [2, 'journal.posted', reversal.id],
  ]);
  expect(told[0].data).toMatchObject({
    ...{ journal: second.id, stream: wallet, seq: '2', kind: 'test', key: second.key, reverses: null },
    business_date: TODAY,
    lines: [
      { account: 'bank', direction: 'debit', amount: '12.50', currency: 'INR' },
      { account: `wallet/${wallet}`, direction: 'credit', amount: '12.50', currency: 'INR' },
    ],
  });
  expect(undone).toMatchObject({ status: 'posted', hash: told[1].data.hash });
  expect(told[1].data).toMatchObject({ reverses: second.id, seq: '3' });
});
