import type { Transaction } from '../db/pools.ts';
import type { Approval } from '../identity/approval-rows.ts';
import { type Application, applicationOf, approveApplication, type Wisher } from '../loans/applications.ts';
import { LoanError } from '../loans/errors.ts';
import type { InTransaction } from '../runtime/types.ts';
import { castVote, proposeAction } from './approvals.ts';
import { isAbove, policyOf } from './policy.ts';

export interface LoanApproval {
  application: Application;
  replayed: boolean;
  /** The disbursal's job, once approved. */
  disbursal: string | null;
  /** Above the tenant's limit: the approval that the wish became, or joined. */
  approval: Approval | null;
}

/**
 * Approves an application at once up to the tenant's limit. Above it the first person's wish becomes a
 * proposal, and another one's is a vote on it, so long as the application is what it was.
 * @throws LoanError, ActionRefused, ApprovalError
 */
export async function approveLoan(
  tx: Transaction,
  unit: InTransaction,
  wisher: Wisher,
  id: string,
): Promise<LoanApproval> {
  const application = await applicationOf(tx, id);
  if (!application) throw new LoanError('not-found', `There is no application ${id}.`);
  const { loan_approval_above } = await policyOf(tx);
  if (application.state === 'approved' || !isAbove(application.amount, loan_approval_above)) {
    return { ...(await approveApplication(tx, unit.accept, wisher, id)), approval: null };
  }
  const { approval, replayed } = await proposeOrJoin(tx, unit, wisher, id);
  const disbursal = approval.state === 'applied' ? String(approval.result?.job) : null;
  return { application: (await applicationOf(tx, id))!, replayed, disbursal, approval };
}

async function proposeOrJoin(tx: Transaction, unit: InTransaction, wisher: Wisher, application: string) {
  const { tenant, actor, now } = wisher;
  const proposed = await proposeAction(tx, {
    ...{ tenant, actor, now, action: 'loan.approve', request: { application } },
  });
  if (proposed.approval.proposed_by === actor) return proposed;
  const { id, hash } = proposed.approval;
  return castVote(tx, unit, { tenant, actor, now, id, hash, verdict: 'approve', reason: null });
}
