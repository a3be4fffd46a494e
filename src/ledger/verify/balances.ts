import type { Transaction } from '../../db/pools.ts';
import type { Walked } from './chains.ts';
import { Cursor } from './cursor.ts';
import { BadRow } from './finding.ts';
import { type AccountRow, accounts, entriesByAccount, orphanEntry, snapshots } from './rows.ts';
import { fromUnits, units } from './units.ts';

/** Accounts that keep no balance: a chart's own, few. */
export async function controlAccountsOf(tx: Transaction): Promise<Map<string, AccountRow>> {
  const controls = new Map<string, AccountRow>();
  for await (const account of accounts(tx)) if (!account.keeps_balance) controls.set(account.id, account);
  return controls;
}

/**
 * Walks all entries in the order of their accounts, beside the accounts: every balance kept must be the sum
 * of the account's entries. @returns how many entries there are.
 * @throws BadRow at the first row that is not right.
 */
export async function checkBalances(tx: Transaction, onProgress: (entries: number) => void): Promise<number> {
  const allAccounts = new Cursor(accounts(tx));
  let account: AccountRow | undefined;
  let debit = 0n;
  let entries = 0;

  const moveTo = async (id: string | null): Promise<void> => {
    if (account) checkBalance(account, debit);
    debit = 0n;
    for (account = await allAccounts.take(); account; account = await allAccounts.take()) {
      if (account.id === id) return;
      if (id !== null && account.id > id) break;
      checkBalance(account, 0n);
    }
  };

  for await (const batch of entriesByAccount(tx)) {
    for (const entry of batch) {
      if (account?.id !== entry.account) await moveTo(entry.account);
      if (account?.id !== entry.account || account.currency !== entry.currency) {
        throw new BadRow(
          'account-mismatch',
          'entry',
          `${entry.journal}/${entry.line}`,
          `Account ${entry.account} does not exist, or is not kept in ${entry.currency}.`,
        );
      }
      const value = units(entry.amount) ?? 0n;
      debit += entry.direction === 'debit' ? value : -value;
    }
    entries += batch.length;
    onProgress(batch.length);
  }
  await moveTo(null);
  return entries;
}

function checkBalance({ id, keeps_balance, balance, debit_normal }: AccountRow, debit: bigint): void {
  const sum = debit_normal ? debit : -debit;
  const expected = keeps_balance ? sum : 0n;
  if (units(balance) !== expected) {
    throw new BadRow(
      'balance-mismatch',
      'account',
      id,
      `Account ${id} shows ${balance}; its entries come to ${fromUnits(sum)}.`,
    );
  }
}

/** @throws BadRow naming the first entry whose journal does not exist. */
export async function checkOrphans(tx: Transaction): Promise<void> {
  const orphan = await orphanEntry(tx);
  if (!orphan) return;
  throw new BadRow(
    'entry-without-journal',
    'entry',
    `${orphan.journal}/${orphan.line}`,
    `There is no journal ${orphan.journal}.`,
  );
}

/** Snapshots must be the running sums, over the seals, of what was counted on the walk. */
export async function checkSnapshots(
  tx: Transaction,
  controls: ReadonlyMap<string, AccountRow>,
  { sealed }: Walked,
): Promise<void> {
  const expected = new Map<string, string>();
  const running = new Map<string, bigint>();
  for (const seal of [...sealed.keys()].sort((a, b) => (a < b ? -1 : 1))) {
    for (const [account, moved] of sealed.get(seal)!) {
      const debit = (running.get(account) ?? 0n) + moved;
      running.set(account, debit);
      expected.set(`${account}/${seal}`, fromUnits(controls.get(account)!.debit_normal ? debit : -debit));
    }
  }
  for await (const { account, seal, balance } of snapshots(tx)) {
    const id = `${account}/${seal}`;
    const value = units(balance);
    if (value === null || fromUnits(value) !== expected.get(id)) {
      throw new BadRow(
        'balance-mismatch',
        'account_snapshot',
        id,
        `Account ${account} shows ${balance} at seal ${seal}; the sealed entries come to ${expected.get(id) ?? 'nothing new'}.`,
      );
    }
    expected.delete(id);
  }
  for (const [id, balance] of expected) {
    throw new BadRow(
      'balance-mismatch',
      'account_snapshot',
      id,
      `There is no snapshot, which should show ${balance}.`,
    );
  }
}
