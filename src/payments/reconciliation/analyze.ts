import { type IdentifierSqlToken, sql } from 'slonik';
import type { Transaction } from '../../db/pools.ts';

/** Six thousand rows of a table. By the usual thirty thousand a sixth of a reconciliation was spent looking at tables. */
const STATISTICS_TARGET = '20';

/** Has the planner look at a table again, after much was written to it in this transaction. */
export async function analyze(tx: Transaction, table: IdentifierSqlToken): Promise<void> {
  await tx.query(sql.unsafe`SELECT set_config('default_statistics_target', ${STATISTICS_TARGET}, true)`);
  await tx.query(sql.unsafe`ANALYZE ${table}`);
}
