import { expect, test } from 'vitest';
import { followersLag } from '../../src/following/follow.ts';
import { post } from '../../src/ledger/post.ts';
import { listAlerts } from '../../src/loans/fraud/watches.ts';
import { scoreOf } from '../../src/loans/score/scores.ts';
import { draft, openBooks } from '../ledger/books.ts';
import { databaseForThisTest } from '../support/database.ts';
import { until } from '../support/until.ts';
import { startProcess } from './processes.ts';

const DEPOSITS = 11;

test('a process killed while it follows the books has moved nothing; two others do it once', async () => {
  const database = await databaseForThisTest();
  const books = await openBooks(database);
  const wallet = await books.wallet('asha');
  const { bank } = books.controls;
  for (let count = 0; count < DEPOSITS; count += 1) {
    const deposit = draft({ from: bank, to: wallet, amount: '1', stream: wallet, kind: 'wallet.deposit' });
    await books.run((tx) => post(tx, [deposit]));
  }
  const orders = { databaseUrl: database.url, worker: true, follow: true };
  expect(await startProcess(orders, 'follow.before-commit').ended).toMatchObject({ signal: 'SIGKILL' });
  const standing = () => books.run((tx) => scoreOf(tx, wallet, { limit: 50 }));
  expect(await standing()).toBeNull();
  expect(await followersLag(database.carrier)).toMatchObject({ journals: DEPOSITS, set_aside: 0 });

  const others = [startProcess(orders), startProcess(orders)];
  await until('the books are followed', async () => (await followersLag(database.carrier)).journals === 0);
  expect((await standing())?.moves).toHaveLength(DEPOSITS);
  expect((await standing())?.score).toBe(650 + 5 * DEPOSITS);
  expect(await books.run((tx) => listAlerts(tx, { limit: 10 }))).toHaveLength(1);
  await Promise.all(others.map(({ ready }) => ready));
  for (const { process } of others) process.kill('SIGTERM');
  for (const { ended } of others) expect(await ended).toMatchObject({ code: 0 });
});
