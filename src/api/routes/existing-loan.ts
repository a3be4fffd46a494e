import type { Transaction } from '../../db/pools.ts';
import { type LoanView, loanOf } from '../../loans/views.ts';
import { Problem } from '../problem.ts';

/** @throws Problem not-found */
export async function existingLoan(tx: Transaction, id: string): Promise<LoanView> {
  const loan = await loanOf(tx, id);
  if (!loan) throw new Problem('not-found', `There is no loan ${id}.`);
  return loan;
}
