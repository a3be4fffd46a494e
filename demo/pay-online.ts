import { sql } from 'slonik';
import { z } from 'zod';
import type { Client } from '../src/client/client.ts';
import type { Pool } from '../src/db/pools.ts';
import { inTenant } from '../src/db/transaction.ts';
import type { Gateway } from '../src/sandbox/gateway/gateway.ts';
import { TENANT } from './identities.ts';
import { untilAtRest } from './live.ts';
import type { RepaymentLine } from './read-csv.ts';

const collectionRow = z.object({ state: z.string(), is_allocated: z.boolean() });

/**
 * The lender asks for an order, the borrower pays it at the gateway, and what the gateway tells of it becomes a
 * repayment. What was paid in an earlier run is not paid again. @returns what came of it, in the words of the files
 */
export async function payOnline(
  { kist, gateway, pool }: { kist: Client; gateway: Gateway; pool: Pool },
  loan: string,
  { payment: reference, amount }: RepaymentLine,
): Promise<string> {
  const order = await kist.enqueueAndWait('payments.create-order', { loan, amount, reference });
  if (order.outcome === 'refused') return `refused/${order.code}`;
  const paid = gateway.payments().find(({ order_id }) => order_id === order.provider_order);
  const { id } = paid ?? gateway.payBy(order.provider_order);
  await gateway.tick();
  await untilAtRest(kist);
  const { state, is_allocated } = await inTenant(pool, TENANT, (tx) =>
    tx.one(sql.type(collectionRow)`
      SELECT state, allocated = amount AS is_allocated FROM collection
      WHERE tenant_id = current_tenant() AND provider_id = ${id}`),
  );
  return is_allocated ? 'repaid' : state;
}
