import type { Pool } from '../../db/pools.ts';
import { inTenant } from '../../db/transaction.ts';
import { type LateTotal, lateTotal } from './late-payouts.ts';
import { type FileLoad, loadFile, type StatementFile } from './load-file.ts';
import { type Reconciliation, reconcile } from './reconcile.ts';

/** A million lines take under a minute; one transaction holds all of it or nothing. */
const RECONCILE_MS_MAX = 1_800_000;

export interface FilesWish extends Omit<StatementFile, 'file' | 'onProgress'> {
  files: readonly string[];
  /** Nothing stays of it. */
  dry_run: boolean;
  onProgress?(file: string, lines: number): void;
}

export interface FilesAnswer {
  loads: readonly FileLoad[];
  reconciliation: Reconciliation;
  /** What banks owe for money that was gone too long. */
  late: LateTotal;
}

/** Carries the answer out of a transaction of which nothing shall stay. */
class NothingStays extends Error {
  readonly answer: FilesAnswer;

  constructor(answer: FilesAnswer) {
    super('Nothing of it stays.');
    this.answer = answer;
  }
}

/**
 * Reads statements and compares our books with them, all in one transaction.
 * @throws ReconciliationError for what is no statement; then none of the files was read
 */
export async function reconcileFiles(pool: Pool, tenant: string, wish: FilesWish): Promise<FilesAnswer> {
  const { files, dry_run, onProgress, ...of } = wish;
  const work = inTenant(
    pool,
    tenant,
    async (tx) => {
      const loads: FileLoad[] = [];
      for (const file of files) {
        loads.push(await loadFile(tx, { ...of, file, onProgress: (lines) => onProgress?.(file, lines) }));
      }
      const ids = loads.map(({ id }) => id);
      const reconciliation = await reconcile(tx, {
        tenant,
        now: wish.now,
        loads: ids,
        run_by: wish.loaded_by,
      });
      const late = await lateTotal(tx, { now: wish.now });
      const answer = { loads, reconciliation, late };
      if (dry_run) throw new NothingStays(answer);
      return answer;
    },
    { timeout_ms: RECONCILE_MS_MAX },
  );
  try {
    return await work;
  } catch (error) {
    if (error instanceof NothingStays) return error.answer;
    throw error;
  }
}
