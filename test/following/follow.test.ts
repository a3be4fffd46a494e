import { sql } from 'slonik';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { FollowerDuty } from '../../src/following/duty.ts';
import {
  type FollowedJournal,
  type Follower,
  follow,
  followersLag,
  tenantsBehind,
} from '../../src/following/follow.ts';
import { post } from '../../src/ledger/post.ts';
import { arm } from '../../src/runtime/faults.ts';
import { draft, openBooks } from '../ledger/books.ts';
import { testDatabase } from '../support/database.ts';
import { quiet } from '../support/runtime.ts';
import { until } from '../support/until.ts';

const database = await testDatabase(['acme', 'globex']);
afterAll(() => database.close());
const acme = await openBooks(database, 'acme');
const globex = await openBooks(database, 'globex');
await database.superuser(`
  CREATE TABLE seen (
    tenant_id text NOT NULL DEFAULT current_tenant(), place bigint GENERATED ALWAYS AS IDENTITY,
    stream uuid, seq bigint, key text);
  CALL keep_tenants_apart('seen');
  GRANT SELECT, INSERT ON seen TO kist_app;`);

/** Writes down what it was given, in the pass's own transaction. */
const witness: Follower = {
  name: 'witness',
  follow: async (tx, _tenant, journals) => {
    const rows = journals.map(({ stream, seq, key }) => [stream, seq, key]);
    await tx.query(sql.unsafe`
      INSERT INTO seen (stream, seq, key) SELECT * FROM ${sql.unnest(rows, ['uuid', 'int8', 'text'])}`);
    return [];
  },
};
const stumbling = (over: (journal: FollowedJournal) => boolean): Follower => ({
  name: 'stumbling',
  follow: async (_tx, _tenant, journals) => {
    if (journals.some(over)) throw new Error('cannot digest it');
    return [];
  },
});

const seen = async (tenant = 'acme') => {
  const { rows } = await database.superuser(
    'SELECT stream, seq::int, key FROM seen WHERE tenant_id = $1 ORDER BY place',
    [tenant],
  );
  return rows as { stream: string; seq: number; key: string }[];
};
const keysSeen = async (keys: string[]) =>
  (await seen()).map(({ key }) => key).filter((key) => keys.includes(key));

/** Posts so many deposits, in one call, and answers their keys. */
async function deposits(wallet: string, count: number, books = acme): Promise<string[]> {
  const drafts = Array.from({ length: count }, () =>
    draft({ from: books.controls.bank, to: wallet, amount: '1', stream: wallet }),
  );
  await books.run((tx) => post(tx, drafts));
  return drafts.map(({ key }) => key);
}

async function followAll(tenant = 'acme', followers: Follower[] = [witness]): Promise<number> {
  let journals = 0;
  for (;;) {
    const pass = await follow(database.app, tenant, followers);
    if (!pass?.journals) return journals;
    journals += pass.journals;
  }
}

test('each journal is followed once, those of a stream in their order', async () => {
  const wallet = await acme.wallet('asha');
  const keys = [...(await deposits(wallet, 3)), ...(await deposits(wallet, 2))];
  await deposits(await globex.wallet('ravi'), 1, globex);
  expect(await followAll()).toBe(5);
  const rows = (await seen()).filter(({ stream }) => stream === wallet);
  expect(rows.map(({ key }) => key)).toEqual(keys);
  expect(rows.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
  expect(await followAll(), 'nothing is left').toBe(0);
  expect(await tenantsBehind(database.carrier), 'another tenant waits for its own turn').toEqual(['globex']);
  expect(await followAll('globex')).toBe(1);
});

test('what is not committed yet is not passed over: it is followed when it is', async () => {
  const [asha, ravi] = [await acme.wallet('asha'), await acme.wallet('ravi')];
  const late = draft({ from: acme.controls.bank, to: asha, amount: '1', stream: asha });
  let commit = () => {};
  let posted = () => {};
  const wasPosted = new Promise<void>((resolve) => {
    posted = resolve;
  });
  const slow = acme.run(async (tx) => {
    await post(tx, [late]);
    posted();
    await new Promise<void>((resolve) => {
      commit = resolve;
    });
  });
  await wasPosted;
  const [early] = await deposits(ravi, 1);
  await followAll();
  expect(await keysSeen([early!, late.key])).toEqual([early]);
  commit();
  await slow;
  await followAll();
  expect(await keysSeen([early!, late.key])).toEqual([early, late.key]);
});

test('a pass that breaks off before its commit has done nothing, and the next one does it all', async () => {
  const keys = await deposits(await acme.wallet('asha'), 4);
  const disarm = arm('follow.before-commit', () => {
    throw Object.assign(new Error('the connection was cut'), { code: '57P01' });
  });
  await expect(followAll()).rejects.toThrow('the connection was cut');
  disarm();
  expect(await keysSeen(keys)).toEqual([]);
  expect(await followAll()).toBe(4);
  expect(await keysSeen(keys)).toEqual(keys);
});

test('several processes share the work, and each journal is followed once', async () => {
  const wallets = await Promise.all(Array.from({ length: 8 }, () => acme.wallet('asha', '1')));
  const { app: pool, carrier: carrierPool } = database;
  const start = () => new FollowerDuty({ pool, carrierPool, followers: [witness], log: quiet });
  const processes = [start(), start(), start()];
  onTestFinished(async () => void (await Promise.all(processes.map((each) => each.stop(5_000)))));
  const posted = await Promise.all(
    wallets.flatMap((wallet) => [1, 2, 3, 4, 5].map((n) => deposits(wallet, n))),
  );
  const keys = posted.flat();
  await until('all are followed', async () => (await followersLag(carrierPool)).journals === 0);
  expect((await keysSeen(keys)).toSorted()).toEqual(keys.toSorted());
  for (const wallet of wallets) {
    const seqs = (await seen()).filter(({ stream }) => stream === wallet).map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
  }
});

test('what a follower cannot digest is set aside with its reason, and its neighbours are followed', async () => {
  const wallet = await acme.wallet('asha');
  const before = await deposits(wallet, 2);
  const [bad] = await deposits(wallet, 1);
  const behind = await deposits(await acme.wallet('ravi'), 2);
  const failing = [stumbling(({ key }) => key === bad), witness];
  const pass = await follow(database.app, 'acme', failing);
  expect(pass).toMatchObject({ journals: 2, failures: [{ message: 'cannot digest it' }] });
  expect(await followAll('acme', failing)).toBe(2);
  expect(await keysSeen([...before, bad!, ...behind])).toEqual([...before, ...behind]);
  expect(await followersLag(database.carrier)).toMatchObject({ journals: 1, set_aside: 1 });
  expect(await tenantsBehind(database.carrier), 'it waits').toEqual([]);

  await database.superuser(`UPDATE unfollowed SET not_before = now()`);
  expect(await followAll('acme', [witness]), 'a later release can digest it').toBe(1);
  expect(await keysSeen([bad!])).toEqual([bad]);
});
