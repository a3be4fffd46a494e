import type { FastifyInstance } from 'fastify';
import type { Pool } from '../db/pools.ts';
import { escapeHtml } from '../html/escape.ts';
import { ageText, DAY, ownerCell, page, restText } from '../html/page.ts';
import { admit, type SessionOf, sendPage } from './gate.ts';
import {
  type ExceptionStanding,
  exceptionStandings,
  type OpenException,
  openExceptions,
  type PayoutStanding,
  payoutStandings,
  type UnclearPayout,
  unclearPayouts,
} from './payments.ts';
import { sum } from './sum.ts';

/** GET /console/payments: money under way and what waits for people, for the platform's operators. */
export function mountPayments(
  app: FastifyInstance,
  { sessionOf, carrierPool }: { sessionOf: SessionOf; carrierPool: Pool },
): void {
  app.get('/console/payments', async (request, reply) => {
    if (!(await admit(sessionOf, request, reply, true))) return reply;
    const [standings, unclear, exceptionsBy, exceptions] = await Promise.all([
      payoutStandings(carrierPool),
      unclearPayouts(carrierPool),
      exceptionStandings(carrierPool),
      openExceptions(carrierPool),
    ]);
    return sendPage(reply, paymentsPage({ standings, unclear, exceptionsBy, exceptions }));
  });
}

interface Shown {
  standings: readonly PayoutStanding[];
  unclear: readonly UnclearPayout[];
  exceptionsBy: readonly ExceptionStanding[];
  exceptions: readonly OpenException[];
}

function paymentsPage({ standings, unclear, exceptionsBy, exceptions }: Shown): string {
  const under_way = sum(standings.map(({ payouts }) => payouts));
  const isUnclear = ({ state }: PayoutStanding) => state === 'unknown' || state === 'suspense';
  const nobody_knows = sum(standings.filter(isUnclear).map(({ payouts }) => payouts));
  const undecided = sum(exceptionsBy.map((each) => each.exceptions));
  return page(
    'Payments',
    `<header><h1>Payments</h1>
       <nav><a href="/console/reconciliation">Reconciliation</a> <a href="/console">Operations</a></nav></header>
     <p>${under_way} payouts under way, ${nobody_knows} of unknown outcome, ${undecided} exceptions open, over all
     tenants. What moves money takes two people of the tenant: <a href="/console/approvals">Approvals</a>.</p>
     <h2>Under way</h2>
     ${standings.length === 0 ? '<p>No payout is under way.</p>' : standingTable(standings)}
     <h2>Unknown outcome</h2>
     ${unclear.length === 0 ? '<p>None.</p>' : unclearTable(unclear)}
     ${restText(unclear.length, nobody_knows)}
     <h2>Exceptions</h2>
     ${exceptions.length === 0 ? '<p>None.</p>' : exceptionTable(exceptions)}
     ${restText(exceptions.length, undecided)}`,
  );
}

function standingTable(standings: readonly PayoutStanding[]): string {
  const rows = standings.map(
    ({ state, currency, payouts, amount, oldest_seconds }) =>
      `<tr><td${state === 'suspense' ? ' class="warn"' : ''}>${state}</td><td class="number">${payouts}</td>
       <td class="number">${amount} ${escapeHtml(currency)}</td><td class="number">${ageText(oldest_seconds)}</td></tr>`,
  );
  return `<table><thead><tr><th>State</th><th class="number">Payouts</th><th class="number">Amount</th>
    <th class="number">Oldest</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

function unclearTable(payouts: readonly UnclearPayout[]): string {
  const rows = payouts.map(
    ({ tenant, id, state, purpose, gateway, amount, currency, reason, seconds }) =>
      `<tr><td>${escapeHtml(tenant)}</td><td${state === 'suspense' ? ' class="warn"' : ''}>${state}</td>
       <td class="number">${ageText(seconds)}</td><td class="number">${amount} ${escapeHtml(currency)}</td>
       <td>${purpose}, ${escapeHtml(gateway)}<br><code>${id}</code></td><td>${escapeHtml(reason ?? '')}</td></tr>`,
  );
  return `<table><thead><tr><th>Tenant</th><th>State</th><th class="number">For</th><th class="number">Amount</th>
    <th>Payout</th><th>Reason</th></tr></thead><tbody>${rows.join('')}</tbody></table>
    <p>Unknown: the gateway is asked again by itself. Suspense: two people say what became of it
    (<code>payout.settle</code>).</p>`;
}

function exceptionTable(exceptions: readonly OpenException[]): string {
  const rows = exceptions.map(
    ({ tenant, kind, subject, code, message, owner, seconds }) =>
      `<tr><td>${escapeHtml(tenant)}</td><td class="number${seconds >= DAY ? ' warn' : ''}">${ageText(seconds)}</td>
       <td><strong>${escapeHtml(code)}</strong><br>${escapeHtml(message)}<br>${escapeHtml(kind)} <code>${subject}</code></td>
       ${ownerCell(owner)}</tr>`,
  );
  return `<table><thead><tr><th>Tenant</th><th class="number">Age</th><th>What</th><th>Owner</th></tr></thead>
    <tbody>${rows.join('')}</tbody></table>`;
}
