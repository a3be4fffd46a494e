import type { FastifyInstance } from 'fastify';
import { sql } from 'slonik';
import { z } from 'zod';
import type { Pool } from '../db/pools.ts';
import { escapeHtml } from '../html/escape.ts';
import { page } from '../html/page.ts';
import { admit, type SessionOf, sendPage } from './gate.ts';
import { queueStandings, type Standing } from './standing.ts';

const SWITCHES_SHOWN_MAX = 200;
/** A queue whose oldest due job waits longer is marked. */
const LATE_SECONDS = 60;

const switchRow = z.object({
  tenant: z.string(),
  kind: z.string(),
  reason: z.string(),
  set_by: z.string(),
  set_at: z.date(),
});
type SwitchOn = z.output<typeof switchRow>;

/** The kill switches that are on, of every tenant, newest first. */
function switchesOn(carrierPool: Pool): Promise<readonly SwitchOn[]> {
  return carrierPool.any(sql.type(switchRow)`
    SELECT tenant_id AS tenant, kind, reason, set_by, set_at FROM kill_switch
    ORDER BY set_at DESC LIMIT ${SWITCHES_SHOWN_MAX}`);
}

export interface ConsoleOptions {
  sessionOf: SessionOf;
  /** Acts as kist_carrier. */
  carrierPool: Pool;
  queues: string[];
  environment: string;
}

/** GET /console: how the installation stands, on one page, for the platform's operators. */
export function mountConsole(app: FastifyInstance, options: ConsoleOptions): void {
  app.get('/console', async (request, reply) => {
    if (!(await admit(options.sessionOf, request, reply, true))) return reply;
    const [standings, switches] = await Promise.all([
      queueStandings(options.carrierPool),
      switchesOn(options.carrierPool),
    ]);
    return sendPage(reply, consolePage(options, standings, switches));
  });
}

function consolePage(
  { queues, environment }: ConsoleOptions,
  standings: readonly Standing[],
  switches: readonly SwitchOn[],
): string {
  const dead = total(standings, 'dead');
  const held = total(standings, 'held');
  return page(
    'Operations',
    `<header><h1>Operations</h1><span>${escapeHtml(environment)}</span></header>
     <p>${dead} dead, ${held} held, ${total(standings, 'pending')} pending over all tenants.</p>
     <div class="cards">
       ${card('/board', 'Board', 'Queues and dead letters; Retry is there')}
       ${card('/console/approvals', 'Approvals', 'What takes another person’s word')}
       ${card('/console/days', 'Close of day', 'Which days are closed, which loans were set aside')}
       ${card('/console/payments', 'Payments', 'Money under way, and what people must decide about it')}
       ${card('/console/notifications', 'Notifications', 'What reaches borrowers, and which lanes are held')}
       ${card('/console/templates', 'Templates', 'What messages say, as borrowers will read it')}
       ${card('/console/reconciliation', 'Reconciliation', 'What does not agree with gateways and banks, and late payouts')}
       ${card('/docs', 'API', 'Every route, from the kinds’ own schemas')}
       ${card('/health/ready', 'Health', 'Database, carrier, migrations')}
       ${card('/metrics', 'Metrics', 'For Prometheus; docs/metrics.md tells their meaning')}
     </div>
     <h2>Queues</h2>
     ${queueTable(queues, standings)}
     <h2>Kill switches</h2>
     ${switches.length === 0 ? '<p>None is on.</p>' : switchTable(switches)}`,
  );
}

function total(standings: readonly Standing[], state: Standing['state']): number {
  return standings.filter((each) => each.state === state).reduce((sum, { jobs }) => sum + jobs, 0);
}

function card(href: string, title: string, text: string): string {
  return `<a class="card" href="${href}"><strong>${title}</strong><span>${text}</span></a>`;
}

function queueTable(queues: string[], standings: readonly Standing[]): string {
  const of = (queue: string, state: Standing['state']) =>
    standings.find((each) => each.queue === queue && each.state === state);
  const count = (queue: string, state: 'dead' | 'held') => {
    const jobs = of(queue, state)?.jobs ?? 0;
    return `<td class="number${jobs > 0 ? ' warn' : ''}">${jobs}</td>`;
  };
  const rows = queues.map((queue) => {
    const pending = of(queue, 'pending');
    const age = Math.round(pending?.oldest_due_seconds ?? 0);
    const name = escapeHtml(queue);
    return `<tr><td>${name}</td><td class="number">${pending?.jobs ?? 0}</td>
      <td class="number${age > LATE_SECONDS ? ' warn' : ''}">${age} s</td>
      ${count(queue, 'held')}${count(queue, 'dead')}
      <td><a href="/board/queue/${encodeURIComponent(queue)}-dead?status=failed">Dead letters</a></td></tr>`;
  });
  return `<table><thead><tr><th>Queue</th><th class="number">Pending</th><th class="number">Oldest due</th><th class="number">Held</th><th class="number">Dead</th><th></th></tr></thead>
    <tbody>${rows.join('')}</tbody></table>`;
}

function switchTable(switches: readonly SwitchOn[]): string {
  const everyOr = (text: string, every: string) => (text === '*' ? every : escapeHtml(text));
  const rows = switches.map(
    ({ tenant, kind, reason, set_by, set_at }) =>
      `<tr><td>${everyOr(tenant, 'every tenant')}</td><td>${everyOr(kind, 'every kind')}</td>
       <td>${escapeHtml(reason)}</td><td>${escapeHtml(set_by)}<br>${set_at.toISOString()}</td></tr>`,
  );
  return `<table><thead><tr><th>Tenant</th><th>Kind</th><th>Reason</th><th>Set by</th></tr></thead>
    <tbody>${rows.join('')}</tbody></table>`;
}
