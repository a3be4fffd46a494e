import type { Transaction } from '../db/pools.ts';
import type { Occasion } from '../identity/approvable.ts';
import { ApprovalError } from '../identity/approval-errors.ts';
import { type Approval, findApproval } from '../identity/approval-rows.ts';
import { type Answer, type Ballot, propose, vote } from '../identity/approvals.ts';
import type { InTransaction } from '../runtime/types.ts';
import { ACTIONS } from './actions.ts';
import type { Action } from './define.ts';
import { policyOf, termsOf } from './policy.ts';

export interface ProposalRequest extends Occasion {
  action: string;
  /** What the action's schema asks for. */
  request: unknown;
  /** `service:NAME` or `operator:NAME`. */
  actor: string;
  reason?: string | null | undefined;
}

/** @throws ApprovalError not-found */
export function actionOf(name: string): Action {
  const action = ACTIONS.get(name);
  if (!action) throw new ApprovalError('not-found', `There is no action ${name}.`);
  return action;
}

/**
 * Proposes an action by the tenant's policy. The very same that stands already is the answer to a repeat.
 * @throws ZodError, ActionRefused, ApprovalError
 */
export async function proposeAction(tx: Transaction, wish: ProposalRequest): Promise<Answer> {
  const action = actionOf(wish.action);
  const request = action.request.parse(wish.request);
  return propose(tx, action, { ...wish, request, reason: wish.reason ?? null }, termsOf(await policyOf(tx)));
}

/** Votes; the last vote of the quorum does what was proposed. @throws ApprovalError */
export async function castVote(tx: Transaction, unit: InTransaction, ballot: Ballot): Promise<Answer> {
  const approval = await findApproval(tx, ballot.id, ballot.now);
  if (!approval) throw new ApprovalError('not-found', `There is no approval ${ballot.id}.`);
  return vote(tx, actionOf(approval.action), ballot, unit);
}

/** A sentence for people about what was proposed. */
export function describe({ action, payload }: Approval): string {
  // An action of an earlier release has nothing left but its name.
  return ACTIONS.get(action)?.describe(payload) ?? action;
}
