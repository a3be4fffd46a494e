import type { FastifyInstance } from 'fastify';
import type { Pool } from '../db/pools.ts';
import { escapeHtml } from '../html/escape.ts';
import { ageText, page, restText } from '../html/page.ts';
import { CHANNELS } from '../notifications/channels.ts';
import { admit, type SessionOf, sendPage } from './gate.ts';
import { type Ends, endsOf, type Lane, lanesOf } from './lanes.ts';
import { addressesOf, type MaskedAddresses } from './masked-addresses.ts';
import { noticesByTenant } from './notices.ts';
import { NOTICES_STYLE, noticesSection } from './notices-section.ts';
import {
  type EndedLately,
  endedLately,
  type Failure,
  heldLanes,
  latestFailures,
  type UnclearMessage,
  unclearMessages,
  unclearStandings,
  waitingInLanes,
} from './notifications.ts';
import { sum } from './sum.ts';

const LANES_SHOWN_MAX = 300;

export interface NotificationsPageOptions {
  sessionOf: SessionOf;
  /** Acts as kist_carrier. */
  carrierPool: Pool;
  /** Acts as kist_app: addresses and rules are read tenant by tenant. */
  pool: Pool;
}

/** GET /console/notifications: what reaches borrowers and what does not, for the platform's operators. */
export function mountNotifications(
  app: FastifyInstance,
  { sessionOf, carrierPool, pool }: NotificationsPageOptions,
): void {
  app.get('/console/notifications', async (request, reply) => {
    if (!(await admit(sessionOf, request, reply, true))) return reply;
    const [held, waiting, ended, failures, unclear, unclearBy] = await Promise.all([
      heldLanes(carrierPool),
      waitingInLanes(carrierPool),
      endedLately(carrierPool),
      latestFailures(carrierPool),
      unclearMessages(carrierPool),
      unclearStandings(carrierPool),
    ]);
    const lanes = lanesOf(held, waiting, ended);
    const addresses = await addressesOf(pool, [...failures, ...unclear]);
    const notices = noticesSection(await noticesByTenant(pool));
    const nobody_knows = sum(unclearBy.map(({ messages }) => messages));
    return sendPage(
      reply,
      notificationsPage({ lanes, ended, failures, unclear, nobody_knows, addresses, notices }),
    );
  });
}

interface Shown {
  lanes: readonly Lane[];
  ended: readonly EndedLately[];
  failures: readonly Failure[];
  unclear: readonly UnclearMessage[];
  /** All of unknown outcome, of which `unclear` are the first. */
  nobody_knows: number;
  addresses: MaskedAddresses;
  /** HTML. */
  notices: string;
}

function notificationsPage({
  lanes,
  ended,
  failures,
  unclear,
  nobody_knows,
  addresses,
  notices,
}: Shown): string {
  const held = lanes.filter((lane) => lane.held).length;
  const waiting = sum(lanes.map((lane) => lane.waiting?.messages ?? 0));
  const shown = lanes.slice(0, LANES_SHOWN_MAX);
  return page(
    'Notifications',
    `<header><h1>Notifications</h1><a href="/console">Operations</a></header>
     <p>Over all tenants: lanes held ${held}, messages that wait in lanes ${waiting}, of unknown outcome ${nobody_knows}.</p>
     <h2>Last day</h2>
     ${channelTable(ended)}
     <p>Sent: a provider took it; of these, delivered and bounced as receipts say. Stopped: nobody wanted it any more.</p>
     <h2>Lanes</h2>
     ${lanes.length === 0 ? '<p>Nothing was sent in the last day, and no lane is held.</p>' : laneTable(shown)}
     ${shown.length < lanes.length ? `<p>The first ${shown.length} of ${lanes.length}.</p>` : ''}
     <h2>Unknown outcome</h2>
     ${unclear.length === 0 ? '<p>None in the last seven days.</p>' : unclearTable(unclear, addresses)}
     ${restText(unclear.length, nobody_knows)}
     <h2>Last failures</h2>
     ${failures.length === 0 ? '<p>None.</p>' : failureTable(failures, addresses)}
     ${notices}`,
    { style: NOTICES_STYLE },
  );
}

const ENDS = ['sent', 'delivered', 'bounced', 'failed', 'stopped'] as const;
const END_TITLES = ENDS.map((end) => `<th class="number">${end[0]!.toUpperCase()}${end.slice(1)}</th>`).join(
  '',
);

function endCells(ends: Ends): string {
  const isWarned = (end: keyof Ends) => (end === 'bounced' || end === 'failed') && ends[end] > 0;
  return ENDS.map((end) => `<td class="number${isWarned(end) ? ' warn' : ''}">${ends[end]}</td>`).join('');
}

function channelTable(ended: readonly EndedLately[]): string {
  const rows = CHANNELS.map(
    (channel) =>
      `<tr><td>${channel}</td>${endCells(endsOf(ended.filter((each) => each.channel === channel)))}</tr>`,
  );
  return `<table><thead><tr><th>Channel</th>${END_TITLES}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

function laneTable(lanes: readonly Lane[]): string {
  const rows = lanes.map(
    (lane) =>
      `<tr><td>${escapeHtml(lane.tenant)}</td><td>${lane.channel}</td><td>${laneText(lane)}</td>
       <td class="number${lane.waiting ? ' warn' : ''}">${lane.waiting?.messages ?? 0}</td>${endCells(lane.ends)}</tr>`,
  );
  return `<table><thead><tr><th>Tenant</th><th>Channel</th><th>Lane</th><th class="number">Waiting</th>${END_TITLES}</tr>
    </thead><tbody>${rows.join('')}</tbody></table>
    <p>A lane is held where a provider takes nothing of the tenant’s any more, or by a person. Once it is mended:
    <code>kist notify open</code>; an account with a provider opens by itself what waited for one.</p>`;
}

function laneText({ held, waiting }: Lane): string {
  const oldest = waiting ? `, oldest message ${ageText(waiting.oldest_seconds)}` : '';
  if (!held) return waiting ? `open, letting out what waits${oldest}` : 'open';
  const { code, message, held_by, held_at } = held;
  return `<strong class="warn">held</strong> ${escapeHtml(code)}<br>${escapeHtml(message)}<br>
    since ${instantText(held_at)} by ${escapeHtml(held_by)}${oldest}`;
}

function unclearTable(messages: readonly UnclearMessage[], addresses: MaskedAddresses): string {
  const rows = messages.map(
    ({ tenant, id, notification, channel, state, provider, times, seconds }) =>
      `<tr><td>${escapeHtml(tenant)}</td><td>${channel}</td><td class="number">${ageText(seconds)}</td>
       <td>${escapeHtml(provider)}</td><td class="number">${times}</td>
       <td${state === 'failed' ? ' class="warn"' : ''}>${state === 'failed' ? 'not sent again' : 'will be asked again'}</td>
       <td>${recipient(addresses, id)}<br><code>${escapeHtml(notification)}</code></td></tr>`,
  );
  return `<table><thead><tr><th>Tenant</th><th>Channel</th><th class="number">For</th><th>Provider</th>
    <th class="number">Asked</th><th>Now</th><th>To, notification</th></tr></thead><tbody>${rows.join('')}</tbody></table>
    <p>A receipt may still tell. Who redrives one that is not sent again may send it twice.</p>`;
}

function failureTable(failures: readonly Failure[], addresses: MaskedAddresses): string {
  const rows = failures.map(
    ({ tenant, id, notification, channel, code, provider, attempts, failed_at }) =>
      `<tr><td>${escapeHtml(tenant)}</td><td>${channel}</td><td class="number">${instantText(failed_at)}</td>
       <td><strong>${escapeHtml(code ?? '')}</strong><br>${escapeHtml(provider ?? 'nobody was asked')}</td>
       <td class="number">${attempts}</td>
       <td>${recipient(addresses, id)}<br><code>${escapeHtml(notification)}</code></td></tr>`,
  );
  return `<table><thead><tr><th>Tenant</th><th>Channel</th><th class="number">Failed</th><th>Why</th>
    <th class="number">Attempts</th><th>To, notification</th></tr></thead><tbody>${rows.join('')}</tbody></table>
    <p>Each is a dead letter, to be redriven on the <a href="/board">board</a>; <code>kist notify show</code> tells every
    attempt.</p>`;
}

function recipient(addresses: MaskedAddresses, id: string): string {
  return escapeHtml(addresses.get(id) ?? '');
}

/** To the minute, in UTC. */
function instantText(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')}Z`;
}
