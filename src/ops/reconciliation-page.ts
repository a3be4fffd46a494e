import type { FastifyInstance } from 'fastify';
import type { Clock } from '../calendar/clock.ts';
import type { Pool } from '../db/pools.ts';
import { escapeHtml } from '../html/escape.ts';
import { ageText, DAY, ownerCell, page, restText } from '../html/page.ts';
import {
  type LatePayout,
  type LateTotal,
  lateTotal,
  listLatePayouts,
} from '../payments/reconciliation/late-payouts.ts';
import { EXPLAINED, SOUND } from '../payments/reconciliation/results.ts';
import { admit, type SessionOf, sendPage } from './gate.ts';
import {
  type BreakStanding,
  breakStandings,
  type Comparison,
  latestComparisons,
  type OpenBreak,
  openBreaks,
} from './reconciliation.ts';

const LATE_SHOWN_MAX = 200;

/** GET /console/reconciliation: what does not agree with gateways and banks, for the platform's operators. */
export function mountReconciliation(
  app: FastifyInstance,
  { sessionOf, carrierPool, clock }: { sessionOf: SessionOf; carrierPool: Pool; clock: Clock },
): void {
  app.get('/console/reconciliation', async (request, reply) => {
    if (!(await admit(sessionOf, request, reply, true))) return reply;
    const now = clock.now();
    const asked = { now, whose: 'everybody' as const };
    const [comparisons, breaksBy, breaks, late, total] = await Promise.all([
      latestComparisons(carrierPool),
      breakStandings(carrierPool, now),
      openBreaks(carrierPool, now),
      listLatePayouts(carrierPool, asked, { limit: LATE_SHOWN_MAX }),
      lateTotal(carrierPool, asked),
    ]);
    return sendPage(reply, reconciliationPage({ comparisons, breaksBy, breaks, late, total }));
  });
}

interface Shown {
  comparisons: readonly Comparison[];
  breaksBy: readonly BreakStanding[];
  breaks: readonly OpenBreak[];
  late: readonly LatePayout[];
  total: LateTotal;
}

function reconciliationPage({ comparisons, breaksBy, breaks, late, total }: Shown): string {
  const open = breaksBy.reduce((all, each) => all + each.breaks, 0);
  return page(
    'Reconciliation',
    `<header><h1>Reconciliation</h1>
       <nav><a href="/console/payments">Payments</a> <a href="/console">Operations</a></nav></header>
     <p>${open} breaks open, ${total.payouts} late payouts for which banks owe ₹${total.compensation}, over all tenants.
     What resolves a break takes two people of the tenant: <a href="/console/approvals">Approvals</a>.</p>
     <h2>Open breaks</h2>
     ${breaks.length === 0 ? '<p>None.</p>' : breakTable(breaks)}
     ${restText(breaks.length, open)}
     <h2>Late payouts</h2>
     ${late.length === 0 ? '<p>None.</p>' : lateTable(late)}
     ${restText(late.length, total.payouts)}
     <h2>Comparisons</h2>
     ${comparisons.length === 0 ? '<p>Nothing was compared yet.</p>' : comparisonTable(comparisons)}`,
  );
}

function breakTable(breaks: readonly OpenBreak[]): string {
  const rows = breaks.map(
    ({ tenant, id, subject_kind, subject, gateway, leg, result, currency, here, there, owner, seconds }) =>
      `<tr><td>${escapeHtml(tenant)}</td><td class="number${seconds >= DAY ? ' warn' : ''}">${ageText(seconds)}</td>
       <td class="lines"><strong>${result}</strong>, by ${leg === 'bank' ? 'the bank' : escapeHtml(gateway ?? leg)}<br>
       ${subject_kind} <code>${escapeHtml(subject)}</code><br>break <code>${id}</code></td>
       <td class="number">${moneyText(here, currency)}</td><td class="number">${moneyText(there, currency)}</td>
       ${ownerCell(owner)}</tr>`,
  );
  return `<table><thead><tr><th>Tenant</th><th class="number">Age</th><th>What</th><th class="number">Here</th>
    <th class="number">There</th><th>Owner</th></tr></thead><tbody>${rows.join('')}</tbody></table>
    <p>Here: by our books. There: by the gateway’s statement or the bank’s. Money out is below zero.</p>`;
}

function moneyText(amount: string | null, currency: string): string {
  return amount === null ? '–' : `${amount} ${escapeHtml(currency)}`;
}

function lateTable(payouts: readonly LatePayout[]): string {
  const rows = payouts.map(
    ({ tenant, id, state, mode, amount, currency, utr, paid_on, back_on, compensation }) =>
      `<tr><td>${escapeHtml(tenant)}</td><td class="number">${compensation.days_late} d</td>
       <td class="number">₹${compensation.amount.toFixed(2)}</td>
       <td class="number">${amount} ${escapeHtml(currency)}</td>
       <td class="lines">${mode}${utr === null ? '' : `, UTR <code>${escapeHtml(utr)}</code>`}<br><code>${id}</code></td>
       <td class="lines">${state}<br>debited ${paid_on}, ${back_on === null ? '<span class="warn">not back</span>' : `back ${back_on}`}</td></tr>`,
  );
  return `<table><thead><tr><th>Tenant</th><th class="number">Late</th><th class="number">Owed</th>
    <th class="number">Amount</th><th>Payout</th><th>State</th></tr></thead><tbody>${rows.join('')}</tbody></table>
    <p>₹100 a day after T+1, owed by the bank. Where the money is back, it stands here until somebody says what became of
    the claim (<code>kist payout settle-late</code>).</p>`;
}

function comparisonTable(comparisons: readonly Comparison[]): string {
  const rows = comparisons.map(
    ({ tenant, business_date, run_by, run_at, results, ...counts }) =>
      `<tr><td>${escapeHtml(tenant)}</td>
       <td class="lines">${business_date}<br>${minute(run_at)}, by<br>${run_by.startsWith('job:') ? 'the day’s job' : escapeHtml(run_by)}</td>
       <td class="lines">${results.length === 0 ? 'nothing to compare' : tallyText(results)}</td>
       <td class="number">${counts.breaks_opened}</td><td class="number">${counts.breaks_closed}</td>
       <td class="number${counts.breaks_open > 0 ? ' warn' : ''}">${counts.breaks_open}</td>
       <td class="number">${counts.settlements_posted}</td></tr>`,
  );
  return `<table><thead><tr><th>Tenant</th><th>Business date</th><th>What came of it</th><th class="number">Opened</th>
    <th class="number">Closed</th><th class="number">Open</th><th class="number">Settlements</th></tr></thead>
    <tbody>${rows.join('')}</tbody></table>
    <p>Opened, closed, open: breaks. Settlements: those booked since the bank has them.</p>`;
}

/** `payout: 12 matched, 1 fee`: a line for each subject. */
function tallyText(results: Comparison['results']): string {
  const bySubject = Map.groupBy(results, ({ subject }) => subject);
  const lines = [...bySubject].map(([subject, tallies]) => {
    const told = Map.groupBy(tallies, ({ result }) => result);
    const texts = [...told].map(([result, same]) => {
      const number = same.reduce((all, each) => all + each.number, 0);
      const is_break = !SOUND.includes(result) && !EXPLAINED.includes(result);
      return `<span${is_break ? ' class="warn"' : ''}>${number} ${result}</span>`;
    });
    return `${subject}: ${texts.join(', ')}`;
  });
  return lines.join('<br>');
}

function minute(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
