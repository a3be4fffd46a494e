import type { Transaction } from '../../db/pools.ts';
import type { Occasion } from '../occasion.ts';
import { movePayout } from './apply.ts';
import { lockPayout, type Payout } from './rows.ts';

export interface Settlement {
  payout: string;
  as: 'succeeded' | 'failed';
  /** The bank's own reference of it, where people have found one. */
  utr?: string | undefined;
}

/**
 * What people have found out about a payout whose outcome nobody could say: the money leaves suspense, to the bank
 * or back to the wallet, and the job that was held for it is done, in this transaction.
 * @returns null where it is not in suspense any more
 */
export async function settleSuspense(
  tx: Transaction,
  occasion: Occasion,
  { payout: id, as, utr }: Settlement,
): Promise<Payout | null> {
  const payout = await lockPayout(tx, id);
  if (payout?.state !== 'suspense') return null;
  const reason = as === 'failed' ? { code: 'settled-by-people', message: 'People found it unpaid.' } : null;
  return movePayout(tx, occasion, { ...payout, utr: utr ?? payout.utr }, as, null, reason);
}
