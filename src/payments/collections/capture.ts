import type { Transaction } from '../../db/pools.ts';
import { loanOf } from '../../loans/views.ts';
import type { Collection } from './rows.ts';

/**
 * Whether an authorised payment shall become ours: it pays a loan that runs, or an order that is about none.
 * The gateway gives back by itself what nobody captures.
 */
export async function isWanted(tx: Transaction, { loan: id }: Pick<Collection, 'loan'>): Promise<boolean> {
  if (id === null) return true;
  const loan = await loanOf(tx, id);
  return loan?.state === 'active';
}
