import { generateKeyPairSync, sign } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { Transaction } from '../../src/db/pools.ts';
import { inTenant } from '../../src/db/transaction.ts';
import { type ControlAccounts, controlAccounts, openChart } from '../../src/ledger/accounts.ts';
import { Decimal } from '../../src/ledger/money.ts';
import { type JournalDraft, post } from '../../src/ledger/post.ts';
import { keyId, type Sealer } from '../../src/ledger/sealer.ts';
import { openWallet, walletOf } from '../../src/wallets/wallets.ts';
import type { TestDatabase } from '../support/database.ts';

export const TODAY = '2026-11-20';
export const NOON = new Date('2026-11-20T06:30:00Z');

/** Books of one tenant, for tests: wallets by name, and drafts in few words. */
export interface Books {
  tenant: string;
  controls: ControlAccounts;
  run<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  wallet(owner: string, holding?: string): Promise<string>;
  balance(wallet: string): Promise<string>;
}

export async function openBooks(database: TestDatabase, tenant = 'acme'): Promise<Books> {
  const run: Books['run'] = (work) => inTenant(database.app, tenant, work);
  await run((tx) => openChart(tx, tenant, 'INR'));
  const controls = await run((tx) => controlAccounts(tx, tenant));
  return {
    tenant,
    controls,
    run,
    wallet: (owner, holding) =>
      run(async (tx) => {
        const id = uuidv7();
        await openWallet(tx, { id, owner, currency: 'INR' });
        if (holding) await post(tx, [draft({ from: controls.bank, to: id, amount: holding, stream: id })]);
        return id;
      }),
    balance: async (wallet) => (await run((tx) => walletOf(tx, wallet)))!.balance,
  };
}

/** A journal that takes `amount` from one account (debit) to another (credit). */
export function draft(
  of: Partial<JournalDraft> & { from: string; to: string; amount: string; currency?: string },
): JournalDraft {
  const { from, to, amount, currency = 'INR', ...rest } = of;
  const id = uuidv7();
  const money = { amount: new Decimal(amount), currency };
  return {
    id,
    stream: from,
    kind: 'test',
    key: id,
    business_date: TODAY,
    posted_at: NOON,
    entries: [
      { account: from, direction: 'debit', ...money },
      { account: to, direction: 'credit', ...money },
    ],
    ...rest,
  };
}

/** A sealer with a key of its own, in memory. */
export function testSealer(): Sealer {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    key_id: keyId(publicKey),
    public_key: publicKey,
    sign: (message) => sign(null, message, privateKey),
  };
}
