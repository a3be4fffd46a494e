import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../db/pools.ts';

/**
 * The life of an approval:
 *
 *   proposed → applied | refused | rejected | expired | withdrawn
 *
 * The vote that makes up the quorum makes it `applied`, in the transaction that does what was proposed,
 * or `refused` where that cannot be done any more. One vote against makes it `rejected`; its proposer may
 * have it `withdrawn`; past its time it is `expired`. All of these are final.
 */
export const APPROVAL_STATES = [
  'proposed',
  'applied',
  'refused',
  'rejected',
  'expired',
  'withdrawn',
] as const;
export type ApprovalState = (typeof APPROVAL_STATES)[number];

export const VERDICTS = ['approve', 'reject'] as const;
export type Verdict = (typeof VERDICTS)[number];

const LIST_MAX = 200;
const LAPSED_AT_ONCE_MAX = 1_000;

const approvalRow = z.object({
  id: z.string(),
  action: z.string(),
  payload: z.record(z.string(), z.unknown()),
  hash: z.string(),
  reason: z.string().nullable(),
  amount: z.string().nullable(),
  quorum: z.number(),
  proposed_by: z.string(),
  proposed_at: z.date(),
  expires_at: z.date(),
  state: z.enum(APPROVAL_STATES),
  ended_at: z.date().nullable(),
  result: z.record(z.string(), z.unknown()).nullable(),
  votes: z.array(
    z.object({
      voter: z.string(),
      verdict: z.enum(VERDICTS),
      reason: z.string().nullable(),
      voted_at: z.string().transform((text) => new Date(text)),
    }),
  ),
});
/** An approval with its votes, oldest first; the hash in hex. One past its time is expired, swept or not. */
export type Approval = z.output<typeof approvalRow>;

export interface ApprovalFilter {
  state?: ApprovalState | undefined;
  action?: string | undefined;
  /** Id after which the page starts; the newest come first. */
  after?: string | undefined;
  limit: number;
}

/** @returns null where there is no such approval. */
export function findApproval(tx: Transaction, id: string, now: Date): Promise<Approval | null> {
  return tx.maybeOne(approvals(now, sql.fragment`a.id = ${id}`));
}

/** As findApproval, locked until the transaction ends, so that votes come one after the other. */
export async function lockApproval(tx: Transaction, id: string, now: Date): Promise<Approval | null> {
  // A statement of its own: one that waits for the lock would still count the votes as they were before.
  await tx.query(sql.unsafe`
    SELECT FROM approval WHERE tenant_id = current_tenant() AND id = ${id} FOR NO KEY UPDATE`);
  return findApproval(tx, id, now);
}

/** The one of this content that waits for votes. */
export function standingApproval(tx: Transaction, hash: Buffer, now: Date): Promise<Approval | null> {
  return tx.maybeOne(
    approvals(now, sql.fragment`a.payload_hash = ${sql.binary(hash)} AND a.state = 'proposed'`),
  );
}

/** A page, newest first. */
export function listApprovals(
  tx: Transaction,
  filter: ApprovalFilter,
  now: Date,
): Promise<readonly Approval[]> {
  const { state, action, after } = filter;
  const conditions = [
    sql.fragment`true`,
    ...(state ? [isIn(state, now)] : []),
    ...(action ? [sql.fragment`a.action = ${action}`] : []),
    ...(after ? [sql.fragment`a.id < ${after}::uuid`] : []),
  ];
  const matching = sql.fragment`${sql.join(conditions, sql.fragment` AND `)}`;
  return tx.any(approvals(now, matching, Math.min(filter.limit, LIST_MAX)));
}

function approvals(now: Date, condition: ReturnType<typeof sql.fragment>, limit = 1) {
  return sql.type(approvalRow)`
    ${columns(now)} FROM approval a ${ballots}
    WHERE a.tenant_id = current_tenant() AND ${condition}
    ORDER BY a.id DESC LIMIT ${limit}`;
}

function columns(now: Date) {
  return sql.fragment`
    SELECT a.id, a.action, a.payload, encode(a.payload_hash, 'hex') AS hash, a.reason, a.amount, a.quorum,
           a.proposed_by, a.proposed_at, a.expires_at, ${stateAt(now)} AS state, a.ended_at, a.result, ballots.votes`;
}

const ballots = sql.fragment`
  CROSS JOIN LATERAL (
    SELECT coalesce(jsonb_agg(jsonb_build_object(
             'voter', v.voter, 'verdict', v.verdict, 'reason', v.reason, 'voted_at', v.voted_at)
             ORDER BY v.voted_at, v.voter), '[]') AS votes
    FROM approval_vote v WHERE v.tenant_id = a.tenant_id AND v.approval_id = a.id) AS ballots`;

function stateAt(now: Date) {
  return sql.fragment`
    CASE WHEN a.state = 'proposed' AND a.expires_at <= ${now.toISOString()} THEN 'expired' ELSE a.state END`;
}

/** As stateAt, in words that the index of those that stand can answer. */
function isIn(state: ApprovalState, now: Date) {
  const over = sql.fragment`(a.state = 'proposed' AND a.expires_at <= ${now.toISOString()})`;
  if (state === 'proposed') return sql.fragment`(a.state = 'proposed' AND NOT ${over})`;
  return state === 'expired'
    ? sql.fragment`(a.state = 'expired' OR ${over})`
    : sql.fragment`a.state = ${state}`;
}

export interface Proposal {
  action: string;
  payload: object;
  hash: Buffer;
  reason: string | null;
  amount: string | null;
  quorum: number;
  proposed_by: string;
  proposed_at: Date;
  expires_at: Date;
}

/** @returns its id; null where the same is proposed already. */
export function insertApproval(tx: Transaction, proposal: Proposal): Promise<string | null> {
  const { action, payload, hash, reason, amount, quorum, proposed_by, proposed_at, expires_at } = proposal;
  return tx.maybeOneFirst(sql.type(z.object({ id: z.string() }))`
    INSERT INTO approval (tenant_id, action, payload, payload_hash, reason, amount, quorum, proposed_by,
                          proposed_at, expires_at)
    VALUES (current_tenant(), ${action}, ${JSON.stringify(payload)}::jsonb, ${sql.binary(hash)}, ${reason},
            ${amount}, ${quorum}, ${proposed_by}, ${proposed_at.toISOString()}, ${expires_at.toISOString()})
    ON CONFLICT (tenant_id, action, payload_hash) WHERE state = 'proposed' DO NOTHING
    RETURNING id`);
}

export interface Vote {
  voter: string;
  verdict: Verdict;
  reason: string | null;
  now: Date;
}

export async function insertVote(tx: Transaction, approval: Approval, vote: Vote): Promise<void> {
  await tx.query(sql.unsafe`
    INSERT INTO approval_vote (tenant_id, approval_id, voter, verdict, payload_hash, proposed_by, reason, voted_at)
    VALUES (current_tenant(), ${approval.id}, ${vote.voter}, ${vote.verdict}, decode(${approval.hash}, 'hex'),
            ${approval.proposed_by}, ${vote.reason}, ${vote.now.toISOString()})`);
}

/** Makes the last move of an approval. */
export async function endApproval(
  tx: Transaction,
  id: string,
  end: { state: Exclude<ApprovalState, 'proposed'>; now: Date; result?: object },
): Promise<void> {
  const result = end.result === undefined ? null : JSON.stringify(end.result);
  await tx.query(sql.unsafe`
    UPDATE approval SET state = ${end.state}, ended_at = ${end.now.toISOString()}, result = ${result}::jsonb
    WHERE tenant_id = current_tenant() AND id = ${id}`);
}

/**
 * Ends approvals of the tenant whose time is over, LAPSED_AT_ONCE_MAX at a time; what is left, or voted on at
 * this moment, is expired to everybody all the same, and ended the next time. @returns those that it ended
 */
export function lapseApprovals(tx: Transaction, now: Date): Promise<readonly Approval[]> {
  return tx.any(sql.type(approvalRow)`
    WITH due AS (
      SELECT id FROM approval
      WHERE tenant_id = current_tenant() AND state = 'proposed' AND expires_at <= ${now.toISOString()}
      ORDER BY expires_at LIMIT ${LAPSED_AT_ONCE_MAX} FOR NO KEY UPDATE SKIP LOCKED
    ), lapsed AS (
      UPDATE approval a SET state = 'expired', ended_at = ${now.toISOString()}
      FROM due WHERE a.tenant_id = current_tenant() AND a.id = due.id
      RETURNING a.*
    )
    ${columns(now)} FROM lapsed a ${ballots} ORDER BY a.id`);
}
