import { hash as digest } from 'node:crypto';
import { canonicalJson } from '../db/canonical-json.ts';
import type { Transaction } from '../db/pools.ts';
import type { AnyApprovable, Attempting, Occasion } from './approvable.ts';
import { ActionRefused, ApprovalError } from './approval-errors.ts';
import {
  type Approval,
  endApproval,
  findApproval,
  insertApproval,
  insertVote,
  lapseApprovals,
  lockApproval,
  standingApproval,
  type Verdict,
} from './approval-rows.ts';

const HOUR_MS = 3_600_000;
/** The standing proposal that barred a new one may end in between; then it is tried again. */
const INSERT_TRIES_MAX = 3;

export interface Wish extends Occasion {
  /** As the action's schema parsed it. */
  request: object;
  /** `service:NAME` or `operator:NAME`. */
  actor: string;
  reason: string | null;
}

/** What the tenant's policy says about a proposal. */
export interface Terms {
  expires_after_hours: number;
  /** How many must approve something of this amount. */
  quorumFor(amount: string | null): number;
}

/** An approval as it stands after a wish; replayed: the same wish was granted before. */
export interface Answer {
  approval: Approval;
  replayed: boolean;
}

/**
 * Proposes an action. Whoever proposes the very same while it stands is answered that one. Tells also which
 * other approvals it found past their time, and ended.
 * @throws ActionRefused where it cannot be done; ApprovalError own-request
 */
export async function propose(
  tx: Transaction,
  action: AnyApprovable<never>,
  wish: Wish,
  terms: Terms,
): Promise<Answer & { lapsed: readonly Approval[] }> {
  const { actor, reason, now } = wish;
  const payload = await payloadOf(tx, action, wish.request, wish);
  assertNotBarred(action, payload, actor);
  const amount = action.amount?.(payload) ?? null;
  const proposal = {
    ...{ action: action.action, payload, hash: hashOf(wish.tenant, action.action, payload), reason, amount },
    ...{ quorum: terms.quorumFor(amount), proposed_by: actor, proposed_at: now },
    expires_at: new Date(now.getTime() + terms.expires_after_hours * HOUR_MS),
  };
  // The same may stand there, past its time.
  const lapsed = await lapseApprovals(tx, now);
  for (let attempt = 1; attempt <= INSERT_TRIES_MAX; attempt += 1) {
    const id = await insertApproval(tx, proposal);
    const approval = id ? await findApproval(tx, id, now) : await standingApproval(tx, proposal.hash, now);
    if (approval) return { approval, replayed: id === null, lapsed };
  }
  throw new ApprovalError(
    'illegal-transition',
    'The same is being decided at this moment; propose it again.',
  );
}

export interface Ballot extends Occasion {
  id: string;
  actor: string;
  verdict: Verdict;
  /** Hex: of exactly what the voter saw. */
  hash: string;
  reason: string | null;
}

/**
 * Votes on an approval. The vote that makes up the quorum applies it in this very transaction, or, where
 * that cannot be done any more, ends it as refused and applies nothing.
 * @throws ApprovalError not-found, approval-hash-mismatch, own-request, already-voted, approval-expired,
 *   illegal-transition
 */
export async function vote<Means extends Attempting>(
  tx: Transaction,
  action: AnyApprovable<Means>,
  ballot: Ballot,
  means: Means,
): Promise<Answer> {
  const { id, actor, verdict, reason, now } = ballot;
  const approval = await existing(tx, id, now);
  if (ballot.hash.toLowerCase() !== approval.hash) {
    throw new ApprovalError(
      'approval-hash-mismatch',
      `Approval ${id} is of something else: ${approval.hash}.`,
    );
  }
  const earlier = approval.votes.find(({ voter }) => voter === actor);
  if (earlier?.verdict === verdict) return { approval, replayed: true };
  if (earlier) throw new ApprovalError('already-voted', `${actor} has voted already: ${earlier.verdict}.`);
  if (approval.proposed_by === actor) throw ownRequest(actor, 'proposed it');
  assertNotBarred(action, approval.payload, actor);
  assertStanding(approval);
  await insertVote(tx, approval, { voter: actor, verdict, reason, now });
  const approvers = [...approval.votes.map(({ voter }) => voter), actor];
  if (verdict === 'reject') await endApproval(tx, id, { state: 'rejected', now });
  else if (approvers.length >= approval.quorum)
    await decide(tx, action, approval, { ballot, approvers, means });
  return { approval: (await findApproval(tx, id, now))!, replayed: false };
}

/** Takes one's own proposal back. @throws ApprovalError not-found, not-proposer, illegal-transition */
export async function withdraw(
  tx: Transaction,
  wish: { id: string; actor: string; now: Date },
): Promise<Answer> {
  const { id, actor, now } = wish;
  const approval = await existing(tx, id, now);
  if (approval.proposed_by !== actor) {
    throw new ApprovalError(
      'not-proposer',
      `Only ${approval.proposed_by} can withdraw it; others reject it.`,
    );
  }
  if (approval.state === 'withdrawn') return { approval, replayed: true };
  assertStanding(approval);
  await endApproval(tx, id, { state: 'withdrawn', now });
  return { approval: (await findApproval(tx, id, now))!, replayed: false };
}

/** Applies it, or ends it as refused; all of what applying did is taken back then. */
async function decide<Means extends Attempting>(
  tx: Transaction,
  action: AnyApprovable<Means>,
  approval: Approval,
  { ballot, approvers, means }: { ballot: Ballot; approvers: string[]; means: Means },
): Promise<void> {
  const { tenant, now } = ballot;
  const { id, proposed_by } = approval;
  try {
    const result = await means.attempt(async (inner) => {
      const payload = await unchanged(inner, action, approval, ballot);
      return action.apply(inner, payload, { tenant, now, approval: id, proposed_by, approvers, means });
    });
    await endApproval(tx, id, { state: 'applied', now, result });
  } catch (error) {
    if (!(error instanceof ActionRefused)) throw error;
    const { code, message } = error;
    await endApproval(tx, id, { state: 'refused', now, result: { code, message } });
  }
}

/** The payload as it would be proposed now, which must be the one that was proposed. */
async function unchanged(
  tx: Transaction,
  action: AnyApprovable<never>,
  approval: Approval,
  occasion: Occasion,
): Promise<Record<string, unknown>> {
  const asked = Object.keys(action.request.shape).filter((name) => name in approval.payload);
  const request = action.request.safeParse(
    Object.fromEntries(asked.map((name) => [name, approval.payload[name]])),
  );
  if (!request.success) throw outdated('The release of today does not know it in this form.');
  const payload = await payloadOf(tx, action, request.data, occasion);
  if (hashOf(occasion.tenant, approval.action, payload).toString('hex') !== approval.hash) {
    throw outdated('What it rests on is not what it was when it was proposed.');
  }
  return payload;
}

async function payloadOf(
  tx: Transaction,
  action: AnyApprovable<never>,
  request: object,
  { tenant, now }: Occasion,
): Promise<Record<string, unknown>> {
  const asked = request as Record<string, unknown>;
  const payload = { ...asked, ...(await action.facts(tx, asked, { tenant, now })) };
  // As it will come out of the database again: without what JSON leaves out.
  return JSON.parse(JSON.stringify(payload));
}

/** What a vote is bound to: SHA-256 of the canonical JSON of {action, payload, tenant}. */
function hashOf(tenant: string, action: string, payload: object): Buffer {
  return digest('sha256', canonicalJson({ action, payload, tenant }), 'buffer');
}

async function existing(tx: Transaction, id: string, now: Date): Promise<Approval> {
  const approval = await lockApproval(tx, id, now);
  if (!approval) throw new ApprovalError('not-found', `There is no approval ${id}.`);
  return approval;
}

function assertStanding({ id, state }: Approval): void {
  if (state === 'expired') throw new ApprovalError('approval-expired', `Approval ${id} is past its time.`);
  if (state !== 'proposed') throw new ApprovalError('illegal-transition', `Approval ${id} is ${state}.`);
}

function assertNotBarred(action: AnyApprovable<never>, payload: Record<string, unknown>, actor: string) {
  if (action.barred?.(payload).includes(actor)) throw ownRequest(actor, 'asked for it');
}

function ownRequest(actor: string, did: string): ApprovalError {
  return new ApprovalError('own-request', `${actor} ${did}, so somebody else must decide.`);
}

function outdated(message: string): ActionRefused {
  return new ActionRefused('proposal-outdated', message);
}
