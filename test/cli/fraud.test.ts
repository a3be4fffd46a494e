import { v7 as uuidv7 } from 'uuid';
import { afterAll, expect, test, vi } from 'vitest';
import { FOLLOWERS } from '../../src/followers.ts';
import { follow } from '../../src/following/follow.ts';
import { listAudit } from '../../src/identity/audit.ts';
import { post } from '../../src/ledger/post.ts';
import { draft, openBooks } from '../ledger/books.ts';
import { testDatabase } from '../support/database.ts';
import { MANY_COMMANDS_MS, terminalOn } from './terminal.ts';

vi.setConfig({ testTimeout: MANY_COMMANDS_MS });
const database = await testDatabase(['acme']);
afterAll(() => database.close());
const { kist, answer } = terminalOn(database.url);
const books = await openBooks(database);

test('alerts are listed, and a wallet is frozen and unfrozen, with an audit row for each change', async () => {
  expect((await kist('fraud', 'list')).stdout).toBe('No alerts.\n');
  const wallet = await books.wallet('asha');
  const burst = Array.from({ length: 11 }, () =>
    draft({ from: books.controls.bank, to: wallet, amount: '1', stream: wallet }),
  );
  await books.run((tx) => post(tx, burst));
  await follow(database.app, 'acme', FOLLOWERS);
  const listed = await kist('fraud', 'list', '--wallet', wallet);
  expect(listed.stdout).toContain(wallet);
  expect(await answer('fraud', 'list')).toMatchObject({ alerts: [{ account: wallet, transactions: 11 }] });

  expect(await answer('fraud', 'freeze', wallet, '--reason', 'stolen phone')).toEqual({
    wallet,
    frozen: true,
  });
  expect((await kist('fraud', 'freeze', wallet, '--reason', 'x')).stdout).toBe(
    `${wallet} was frozen already.\n`,
  );
  expect((await kist('fraud', 'unfreeze', wallet)).stdout).toBe(`Money may leave ${wallet} again.\n`);
  const unknown = uuidv7();
  const missing = await kist('fraud', 'unfreeze', unknown);
  expect(missing.stderr).toContain(`There is no wallet ${unknown} of acme.`);
  const trail = await listAudit(database.app, 'acme', { subject: wallet, limit: 10 });
  expect(trail.map(({ action, outcome }) => [action, outcome])).toEqual([
    ['cli.fraud.unfreeze', 'SUCCESS'],
    ['cli.fraud.freeze', 'SUCCESS'],
    ['cli.fraud.freeze', 'SUCCESS'],
  ]);
});
