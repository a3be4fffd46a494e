import type { Transaction } from '../db/pools.ts';
import { activeOperator } from '../identity/operators.ts';
import { PaymentError } from './errors.ts';

/**
 * Who may look after what people must decide: somebody who can log in for the tenant; null: nobody does.
 * @returns the e-mail address as it is kept
 * @throws PaymentError unknown-owner
 */
export async function ownerOf(tx: Transaction, owner: string | null): Promise<string | null> {
  if (owner === null) return null;
  const email = await activeOperator(tx, owner);
  if (email === null) throw new PaymentError('unknown-owner', `${owner} is no operator of this tenant.`);
  return email;
}
