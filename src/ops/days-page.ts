import type { FastifyInstance } from 'fastify';
import type { Pool } from '../db/pools.ts';
import { escapeHtml } from '../html/escape.ts';
import { page } from '../html/page.ts';
import { type DayShown, type LoanShown, latestDays, setAsideLoans } from './days.ts';
import { admit, type SessionOf, sendPage } from './gate.ts';

/** GET /console/days: how far each tenant's days are closed, for the platform's operators. */
export function mountDays(
  app: FastifyInstance,
  { sessionOf, carrierPool }: { sessionOf: SessionOf; carrierPool: Pool },
): void {
  app.get('/console/days', async (request, reply) => {
    if (!(await admit(sessionOf, request, reply, true))) return reply;
    const [days, loans] = await Promise.all([latestDays(carrierPool), setAsideLoans(carrierPool)]);
    return sendPage(reply, daysPage(days, loans));
  });
}

function daysPage(days: readonly DayShown[], loans: readonly LoanShown[]): string {
  const open = days.filter(({ state }) => state !== 'closed');
  return page(
    'Close of day',
    `<header><h1>Close of day</h1><a href="/console">Operations</a></header>
     <p>${open.length} being closed, ${loans.length} loans set aside, over all tenants.</p>
     ${open.map(progress).join('')}
     <h2>Days</h2>
     ${days.length === 0 ? '<p>None was begun yet.</p>' : dayTable(days)}
     <h2>Loans set aside</h2>
     ${loans.length === 0 ? '<p>None.</p>' : loanTable(loans)}`,
  );
}

function progress({ tenant, business_date, state, chunks, chunks_done, broken }: DayShown): string {
  const label = `${escapeHtml(tenant)}, ${business_date}: ${state}, ${chunks_done} of ${chunks} chunks`;
  const bar = `<progress max="${Math.max(chunks, 1)}" value="${chunks === 0 ? 1 : chunks_done}">${label}</progress>`;
  const why = broken === null ? '' : `<br><span class="warn">${escapeHtml(broken)}</span>`;
  return `<p>${bar} ${label}${why}</p>`;
}

function dayTable(days: readonly DayShown[]): string {
  const rows = days.map(
    (day) =>
      `<tr><td>${escapeHtml(day.tenant)}</td><td>${day.business_date}</td>
       <td${day.broken === null ? '' : ' class="warn"'}>${day.state}</td>
       <td class="number">${day.chunks_done} / ${day.chunks}</td><td class="number">${day.done} / ${day.loans}</td>
       <td class="number${day.refused > 0 ? ' warn' : ''}">${day.refused}</td><td class="number">${day.journals}</td>
       <td class="number">${day.interest}</td><td class="number">${day.penal}</td><td class="number">${day.tax}</td></tr>`,
  );
  const numbers = ['Chunks', 'Loans', 'Refused', 'Journals', 'Interest', 'Penal', 'Tax'];
  const titles = numbers.map((title) => `<th class="number">${title}</th>`).join('');
  return `<table><thead><tr><th>Tenant</th><th>Business date</th><th>State</th>${titles}</tr></thead>
    <tbody>${rows.join('')}</tbody></table>`;
}

function loanTable(loans: readonly LoanShown[]): string {
  const rows = loans.map(
    ({ tenant, loan, business_date, code, message }) =>
      `<tr><td>${escapeHtml(tenant)}</td><td>${loan}</td><td>${business_date}</td>
       <td>${escapeHtml(code)}: ${escapeHtml(message)}</td></tr>`,
  );
  return `<table><thead><tr><th>Tenant</th><th>Loan</th><th>Since</th><th>Reason</th></tr></thead>
    <tbody>${rows.join('')}</tbody></table>`;
}
