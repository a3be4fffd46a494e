import { escapeHtml } from '../html/escape.ts';
import type { StoredRule } from '../notifications/notices/rules.ts';
import { SUPPRESSION_REASONS } from '../notifications/rules/suppression.ts';
import type { TenantNotices } from './notices.ts';

export const NOTICES_STYLE = `
details { margin: .6rem 0; }
summary { color: var(--accent); cursor: pointer; margin-bottom: .4rem; }
`;

/** Tenant by tenant: whether borrowers are told of their loans, by which rules, and which addresses get nothing more. */
export function noticesSection({
  shown,
  tenants,
}: {
  shown: readonly TenantNotices[];
  tenants: number;
}): string {
  const withRules = shown.filter(({ rules }) => rules.length > 0);
  return `<h2>Notices, and addresses left alone</h2>
    ${shown.length === 0 ? '<p>There are no tenants.</p>' : tenantTable(shown)}
    ${shown.length < tenants ? `<p>The first ${shown.length} of ${tenants} tenants; <code>kist notify notices</code> shows any.</p>` : ''}
    ${withRules.map(rulesOf).join('')}`;
}

function tenantTable(tenants: readonly TenantNotices[]): string {
  const reasons = SUPPRESSION_REASONS.map((reason) => `<th class="number">${reason}</th>`);
  return `<table><thead><tr><th>Tenant</th><th>Notices</th><th class="number">Rules</th>${reasons.join('')}</tr></thead>
    <tbody>${tenants.map(tenantRow).join('')}</tbody></table>
    <p>On: borrowers are told by themselves what happens to their loans. The numbers are of addresses to which some or all
    is no longer sent, by the reason; <code>kist notify suppressions</code> lists them.</p>`;
}

function tenantRow({ tenant, enabled, rules, suppressed }: TenantNotices): string {
  const counts = SUPPRESSION_REASONS.map((reason) => {
    const addresses = suppressed.find((each) => each.reason === reason)?.addresses ?? 0;
    return `<td class="number">${addresses}</td>`;
  });
  const enabledRules = rules.filter((rule) => rule.enabled).length;
  return `<tr><td>${escapeHtml(tenant)}</td><td>${enabled ? 'on' : 'off'}</td>
    <td class="number">${enabledRules === rules.length ? rules.length : `${enabledRules} of ${rules.length}`}</td>${counts.join('')}</tr>`;
}

function rulesOf({ tenant, enabled, rules }: TenantNotices): string {
  return `<details><summary>Rules of ${escapeHtml(tenant)}${enabled ? '' : ', while notices are off'}</summary>
    <table><thead><tr><th>Rule</th><th>Event</th><th>Channels</th><th>Template</th><th>Category</th><th>State</th></tr></thead>
    <tbody>${rules.map(ruleRow).join('')}</tbody></table></details>`;
}

function ruleRow({ name, event_type, moment, template, channels, category, enabled }: StoredRule): string {
  const event = moment === null ? event_type : `${event_type}, ${moment}`;
  const cells = [name, event, channels.join(', '), template, category, enabled ? 'enabled' : 'disabled'];
  return `<tr>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`;
}
