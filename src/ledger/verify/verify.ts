import type { KeyObject } from 'node:crypto';
import { sql } from 'slonik';
import type { Pool, Transaction } from '../../db/pools.ts';
import { checkBalances, checkOrphans, checkSnapshots, controlAccountsOf } from './balances.ts';
import { walkChains } from './chains.ts';
import { BadRow, type Finding } from './finding.ts';
import { countRows } from './rows.ts';
import { checkSeals, type PublishedSeal } from './seals.ts';

export interface VerifyOptions {
  /** Public keys of the seals, from a file or the configuration, never from the database. */
  keys: readonly KeyObject[];
  /** Seals written down elsewhere: shows even that all of the books were written anew. */
  published?: readonly PublishedSeal[];
  /** Told now and then how many rows are looked at, of how many. */
  onProgress?: (done: number, total: number) => void;
}

export type Verification =
  | { ok: true; streams: number; journals: number; entries: number; seals: number; unsealed: number }
  | { ok: false; finding: Finding };

/**
 * Recomputes the books of one tenant from their rows: every hash, chain, head, balance, seal and signature.
 * A separate implementation, which shares no code with what posts and seals. It reads one snapshot of the
 * database (postings go on meanwhile) in batches, so memory does not grow with the books.
 *
 * Not shown by it: journals since the last seal can be cut off or written anew by somebody who can write
 * any row; and all of the books by somebody who holds the key too, unless `published` seals are given.
 */
export async function verifyBooks(pool: Pool, tenant: string, options: VerifyOptions): Promise<Verification> {
  try {
    return await inSnapshot(pool, tenant, async (tx) => ({
      ok: true,
      ...(await verify(tx, tenant, options)),
    }));
  } catch (error) {
    if (error instanceof BadRow) return { ok: false, finding: { ...error.finding, tenant } };
    throw error;
  }
}

async function verify(tx: Transaction, tenant: string, { keys, published = [], onProgress }: VerifyOptions) {
  const rows = await countRows(tx);
  const total = rows.journals + rows.entries;
  let done = 0;
  const progress = (more: number) => {
    done += more;
    onProgress?.(done, total);
  };
  const controls = await controlAccountsOf(tx);
  const walked = await walkChains(tx, tenant, new Set(controls.keys()), progress);
  const seals = await checkSeals(tx, tenant, walked.trees, keys, published);
  const entries = await checkBalances(tx, progress);
  if (entries !== walked.entries) await checkOrphans(tx);
  await checkSnapshots(tx, controls, walked);
  const { streams, journals, unsealed } = walked;
  return { streams, journals, entries, seals, unsealed };
}

/** As inTenant, but read-only on one snapshot and without its time limit. */
function inSnapshot<T>(pool: Pool, tenant: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
  return pool.transaction(async (tx) => {
    await tx.query(sql.unsafe`SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY`);
    await tx.query(sql.unsafe`SELECT set_config('kist.tenant', ${tenant}, true)`);
    return work(tx);
  }, 0);
}
