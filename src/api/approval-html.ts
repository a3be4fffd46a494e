import { describe } from '../approvals/approvals.ts';
import { escapeHtml } from '../html/escape.ts';
import type { Approval } from '../identity/approval-rows.ts';
import { page } from './pages.ts';

export const PAGE_PATH = '/console/approvals';

export interface ApprovalsShown {
  tenant: string;
  /** Those that a person of the platform may look at instead. */
  tenants: readonly string[];
  waiting: readonly Approval[];
  ended: readonly Approval[];
}

/** What waits for somebody's word, and what became of the rest. */
export function approvalsPage({ tenant, tenants, waiting, ended }: ApprovalsShown): string {
  const others = tenants
    .filter((each) => each !== tenant)
    .map((each) => `<a href="${PAGE_PATH}?tenant=${encodeURIComponent(each)}">${escapeHtml(each)}</a>`);
  return page(
    'Approvals',
    `<h1>Approvals of ${escapeHtml(tenant)}</h1>
<p>What one person proposed and others must agree to.${others.length > 0 ? ` Others: ${others.join(', ')}.` : ''}</p>
<h2>Waiting</h2>${waiting.length === 0 ? '<p>Nothing waits.</p>' : list(tenant, waiting, 'Expires')}
<h2>Decided</h2>${ended.length === 0 ? '<p>Nothing yet.</p>' : list(tenant, ended, 'Ended')}
<p><a href="/">Home</a></p>`,
    'wide',
  );
}

function list(tenant: string, approvals: readonly Approval[], when: string): string {
  const rows = approvals.map(
    (approval) => `<tr><td><a href="${address(tenant, approval)}">${escapeHtml(describe(approval))}</a></td>
<td>${escapeHtml(approval.proposed_by)}</td><td>${escapeHtml(approval.state)}</td><td>${votesFor(approval)} of ${approval.quorum}</td>
<td>${time(approval.ended_at ?? approval.expires_at)}</td></tr>`,
  );
  return `<table><thead><tr><th>What</th><th>Proposed by</th><th>State</th><th>Agreed</th><th>${when}</th></tr></thead>
<tbody>${rows.join('')}</tbody></table>`;
}

export interface Visitor {
  tenant: string;
  csrf_token: string;
  /** Whether the visitor proposed it. */
  own: boolean;
  /** Whether the visitor may decide about such things at all. */
  may: boolean;
}

/** Exactly what is proposed, and the buttons to decide about it. */
export function approvalPage(approval: Approval, visitor: Visitor, problem?: string): string {
  const { id, payload, hash, reason, votes, result } = approval;
  const facts: [string, string][] = [
    ['State', `${approval.state}${result ? `: ${plain(result)}` : ''}`],
    ['Proposed', `by ${approval.proposed_by}, ${time(approval.proposed_at)}${reason ? `: ${reason}` : ''}`],
    approval.ended_at ? ['Ended', time(approval.ended_at)] : ['Expires', time(approval.expires_at)],
    ['Needs', `${approval.quorum} to agree, besides who proposed it; ${votesFor(approval)} did`],
    ...votes.map(({ voter, verdict, reason, voted_at }): [string, string] => [
      'Vote',
      `${verdict} by ${voter}, ${time(voted_at)}${reason ? `: ${reason}` : ''}`,
    ]),
  ];
  return page(
    'Approval',
    `<h1>${escapeHtml(describe(approval))}</h1><p>${escapeHtml(approval.action)} ${escapeHtml(id)}</p>
${problem ? `<p class="problem" role="alert">${escapeHtml(problem)}</p>` : ''}
${rowsOf(facts)}
<h2>Exactly what is proposed</h2>
${rowsOf([...Object.entries(payload).map(([name, value]): [string, string] => [name, plain(value)]), ['SHA-256', hash]])}
${approval.state === 'proposed' ? form(approval, visitor) : ''}
<p><a href="${PAGE_PATH}?tenant=${encodeURIComponent(visitor.tenant)}">All approvals</a></p>`,
    'wide',
  );
}

function form({ id, hash }: Approval, { tenant, csrf_token, own, may }: Visitor): string {
  if (!may) return '<p>Your role may look, not decide.</p>';
  const hidden = Object.entries({ csrf_token, tenant, hash }).map(
    ([name, value]) => `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`,
  );
  const button = (verdict: string, text: string, kind = '') =>
    `<button name="verdict" value="${verdict}"${kind}>${text}</button>`;
  const buttons = own
    ? `<p>You proposed it, so somebody else must decide.</p><input type="hidden" name="reason" value="">
${button('withdraw', 'Withdraw', ' class="quiet"')}`
    : `<label for="reason">Reason</label><input id="reason" name="reason" maxlength="500">
${button('approve', 'Approve')}${button('reject', 'Reject', ' class="quiet"')}`;
  return `<form method="post" action="${PAGE_PATH}/${id}">${hidden.join('')}${buttons}</form>`;
}

function rowsOf(facts: readonly [string, string][]): string {
  const rows = facts.map(
    ([name, value]) => `<tr><th scope="row">${escapeHtml(name)}</th><td>${escapeHtml(value)}</td></tr>`,
  );
  return `<table><tbody>${rows.join('')}</tbody></table>`;
}

function address(tenant: string, { id }: Approval): string {
  return `${PAGE_PATH}/${id}?tenant=${encodeURIComponent(tenant)}`;
}

function votesFor({ votes }: Approval): number {
  return votes.filter(({ verdict }) => verdict === 'approve').length;
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 1);
}

function time(instant: Date): string {
  return instant.toISOString().slice(0, 16).replace('T', ' ').concat(' UTC');
}
