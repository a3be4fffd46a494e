import { sql } from 'slonik';
import { z } from 'zod';
import type { Client } from '../src/client/client.ts';
import type { Pool } from '../src/db/pools.ts';
import { inTenant } from '../src/db/transaction.ts';
import type { Gateway } from '../src/sandbox/gateway/gateway.ts';
import { TENANT } from './identities.ts';
import type { RepaymentLine } from './read-csv.ts';

const collectionRow = z.object({ state: z.string(), is_allocated: z.boolean() });

/**
 * The lender asks for an order, and the borrower pays it at the gateway. What was paid in an earlier run is not paid
 * again. @returns the gateway's id of the payment
 */
export async function payOnline(
  { kist, gateway }: { kist: Client; gateway: Gateway },
  loan: string,
  { payment: reference, amount }: RepaymentLine,
): Promise<string> {
  const order = await kist.enqueueAndWait('payments.create-order', { loan, amount, reference });
  if (order.outcome === 'refused') throw new Error(`Order ${reference} was refused: ${order.message}`);
  const paid = gateway.payments().find(({ order_id }) => order_id === order.provider_order);
  const { id } = paid ?? gateway.payBy(order.provider_order);
  await gateway.tick();
  return id;
}

/** What came of a payment, in the words of the files. What the gateway could not tell at once is known days later. */
export async function outcomeOf(pool: Pool, payment: string): Promise<string> {
  const collection = await inTenant(pool, TENANT, (tx) =>
    tx.maybeOne(sql.type(collectionRow)`
      SELECT state, allocated = amount AS is_allocated FROM collection
      WHERE tenant_id = current_tenant() AND provider_id = ${payment}`),
  );
  return collection?.is_allocated ? 'repaid' : (collection?.state ?? 'unknown');
}
