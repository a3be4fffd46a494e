import { z } from 'zod';
import type { Pool, Transaction } from '../../src/db/pools.ts';
import { sql } from '../support/database.ts';

/** How often the work reads a table from end to end. */
export function scansDuring(
  pool: Pool,
  table: string,
  work: (tx: Transaction) => Promise<unknown>,
): Promise<number> {
  return pool.transaction(async (tx) => {
    const scans = async (): Promise<number> =>
      tx.oneFirst(sql.type(z.object({ scans: z.number() }))`
        SELECT seq_scan::int4 AS scans FROM pg_stat_xact_user_tables WHERE schemaname = 'public' AND relname = ${table}`);
    const before = await scans();
    await work(tx);
    return (await scans()) - before;
  });
}
