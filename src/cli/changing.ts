import type { Transaction } from '../db/pools.ts';
import { inTenant } from '../db/transaction.ts';
import type { Change, Context } from './context.ts';

/** Changes something of the tenant meant, in one transaction, and leaves an audit row about it. */
export async function changeInTenant<Changed>(
  context: Context,
  about: Omit<Change, 'tenant'>,
  work: (tx: Transaction, tenant: string) => Promise<Changed>,
): Promise<Changed> {
  const tenant = await context.tenant();
  const pool = await context.pool();
  return context.change({ ...about, tenant }, () => inTenant(pool, tenant, (tx) => work(tx, tenant)));
}
