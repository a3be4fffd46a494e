import type { Transaction } from '../db/pools.ts';
import { emit } from '../events/emit.ts';
import type { Occasion } from '../identity/approvable.ts';
import { ApprovalError } from '../identity/approval-errors.ts';
import { type Approval, findApproval, lapseApprovals } from '../identity/approval-rows.ts';
import { type Answer, type Ballot, propose, vote, withdraw } from '../identity/approvals.ts';
import { businessDateAt } from '../ledger/business-day.ts';
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
  const asked = { ...wish, request, reason: wish.reason ?? null };
  const { lapsed, ...answer } = await propose(tx, action, asked, termsOf(await policyOf(tx)));
  await tell(tx, wish, answer.replayed ? lapsed : [...lapsed, answer.approval]);
  return answer;
}

/** Votes; the last vote of the quorum does what was proposed. @throws ApprovalError */
export async function castVote(tx: Transaction, unit: InTransaction, ballot: Ballot): Promise<Answer> {
  const standing = await findApproval(tx, ballot.id, ballot.now);
  if (!standing) throw new ApprovalError('not-found', `There is no approval ${ballot.id}.`);
  const answer = await vote(tx, actionOf(standing.action), ballot, unit);
  const ended = answer.approval.state !== 'proposed' && !answer.replayed;
  await tell(tx, ballot, ended ? [answer.approval] : []);
  return answer;
}

/** Takes one's own proposal back. @throws ApprovalError */
export async function withdrawProposal(
  tx: Transaction,
  wish: Occasion & { id: string; actor: string },
): Promise<Answer> {
  const answer = await withdraw(tx, wish);
  await tell(tx, wish, answer.replayed ? [] : [answer.approval]);
  return answer;
}

/** Ends what is past its time, at the close of a day. @returns how many */
export async function lapseExpired(tx: Transaction, occasion: Occasion): Promise<number> {
  const lapsed = await lapseApprovals(tx, occasion.now);
  await tell(tx, occasion, lapsed);
  return lapsed.length;
}

/** Emits `approval.proposed`, `approval.applied` and so on: by their state. */
async function tell(tx: Transaction, { tenant, now: at }: Occasion, approvals: readonly Approval[]) {
  if (approvals.length === 0) return;
  const business_date = await businessDateAt(tx, tenant, at);
  await emit(
    tx,
    approvals.map(({ id, action, state, amount, quorum, result }) => ({
      ...{ subject: id, type: `approval.${state}`, at, business_date },
      data: { approval: id, action, state, amount, quorum, code: result?.code ?? null },
    })),
  );
}

/** A sentence for people about what was proposed. */
export function describe({ action, payload }: Approval): string {
  // An action of an earlier release has nothing left but its name.
  return ACTIONS.get(action)?.describe(payload) ?? action;
}
