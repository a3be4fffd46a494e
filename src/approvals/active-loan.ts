import type { Transaction } from '../db/pools.ts';
import { ActionRefused } from '../identity/approval-errors.ts';
import { loanOf } from '../loans/views.ts';

/** What a decision about a running loan rests on. @throws ActionRefused where there is none */
export async function activeLoan(
  tx: Transaction,
  id: string,
): Promise<{ currency: string; principal: string; product: string; product_version: number }> {
  const loan = await loanOf(tx, id);
  if (!loan) throw new ActionRefused('not-found', `There is no loan ${id}.`);
  if (loan.state !== 'active') throw new ActionRefused('loan-not-active', `Loan ${id} is ${loan.state}.`);
  const { currency, principal, product, product_version } = loan;
  return { currency, principal, product, product_version };
}
