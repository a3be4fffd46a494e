import { describe } from '../approvals/approvals.ts';
import type { Approval } from '../identity/approval-rows.ts';
import { type Column, facts, instant, table } from './output.ts';

/** An approval for people: what is proposed, exactly, and how to vote on it. */
export function approvalText(approval: Approval): string {
  const { id, hash, payload, votes, quorum, result } = approval;
  const about = facts([
    ['id', id],
    ['action', approval.action],
    ['about', describe(approval)],
    ['reason', approval.reason],
    ['state', approval.state],
    ['proposed', `${instant(approval.proposed_at)} by ${approval.proposed_by}`],
    ['expires', approval.ended_at === null ? approval.expires_at : null],
    ['ended', approval.ended_at],
    ['result', result],
    ['needs', `${quorum} to approve`],
    ['hash', hash],
  ]);
  const parts = [about, facts(Object.entries(payload))];
  if (votes.length > 0) parts.push(table(votes, VOTE_COLUMNS, ''));
  if (approval.state === 'proposed') parts.push(`To agree: kist approval approve ${id} --hash ${hash}`);
  return parts.join('\n\n');
}

const VOTE_COLUMNS: Column<Approval['votes'][number]>[] = [
  { title: 'voter', text: ({ voter }) => voter },
  { title: 'verdict', text: ({ verdict }) => verdict },
  { title: 'at', text: ({ voted_at }) => instant(voted_at) },
  { title: 'reason', text: ({ reason }) => reason },
];

export const APPROVAL_COLUMNS: Column<Approval>[] = [
  { title: 'id', text: ({ id }) => id },
  { title: 'state', text: ({ state }) => state },
  {
    title: 'votes',
    text: ({ votes, quorum }) =>
      `${votes.filter(({ verdict }) => verdict === 'approve').length} of ${quorum}`,
  },
  { title: 'proposed by', text: ({ proposed_by }) => proposed_by },
  { title: 'expires', text: ({ expires_at }) => instant(expires_at) },
  { title: 'about', text: describe },
];
