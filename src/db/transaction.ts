import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'slonik';
import { z } from 'zod';
import { sqlState } from './failures.ts';
import type { Pool, Transaction } from './pools.ts';

export { isDatabaseAway, sqlState } from './failures.ts';

/** How often one transaction is run again after a deadlock or serialization failure. */
const CONFLICT_RETRIES_MAX = 5;
const CONFLICT_BACKOFF_MS = 5;
/** The business day was shut while the transaction ran: run again, it finds the next one. */
const DAY_SHUT = 'KI015';
const TRANSACTION_MS_MAX = 60_000;

export interface TransactionOptions {
  /** The wall: Postgres ends the connection of a transaction older than this. */
  timeout_ms?: number;
}

/**
 * Runs `work` in one transaction that sees and writes one tenant's rows only. The tenant is set for
 * the transaction, never the session. A deadlock (40P01), a serialization failure (40001) or a business day
 * that was shut meanwhile (KI015) runs `work` again from the start, so its side effects must be in the database only.
 */
export async function inTenant<T>(
  pool: Pool,
  tenant: string,
  work: (tx: Transaction) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  const timeout_ms = Math.ceil(options.timeout_ms ?? TRANSACTION_MS_MAX);
  return againAfterConflict(() =>
    pool.transaction(async (tx) => {
      await tx.query(sql.prepared('begin_in_tenant', z.object({}))`
        SELECT set_config('kist.tenant', ${tenant}, true),
               set_config('transaction_timeout', ${String(timeout_ms)}, true)`);
      return work(tx);
    }, 0),
  );
}

/**
 * Runs `work` as another tenant within the transaction, which then goes on as the one before. For what
 * the platform's own people do for every tenant ('*') at once.
 */
export async function asTenant<T>(tx: Transaction, tenant: string, work: () => Promise<T>): Promise<T> {
  const { before } = await tx.one(sql.type(z.object({ before: z.string() }))`
    SELECT current_setting('kist.tenant') AS before`);
  await tx.query(sql.unsafe`SELECT set_config('kist.tenant', ${tenant}, true)`);
  const answer = await work();
  await tx.query(sql.unsafe`SELECT set_config('kist.tenant', ${before}, true)`);
  return answer;
}

/** Runs `work` again after a deadlock or serialization failure; `work` must be a transaction of its own. */
export async function againAfterConflict<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= CONFLICT_RETRIES_MAX || !isConflict(error)) throw error;
      await sleep(CONFLICT_BACKOFF_MS * 2 ** attempt * Math.random());
    }
  }
}

function isConflict(error: unknown): boolean {
  const state = sqlState(error);
  return state === '40001' || state === '40P01' || state === DAY_SHUT;
}
