import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'slonik';
import { z } from 'zod';
import type { Clock } from '../src/calendar/clock.ts';
import type { Client } from '../src/client/client.ts';
import type { Pool } from '../src/db/pools.ts';
import { inTenant } from '../src/db/transaction.ts';
import type { Pace } from '../src/notifications/services.ts';
import type { Notices } from '../src/sandbox/notices/notices.ts';
import type { NoticeOptions } from '../src/sandbox/notices/settings.ts';
import { TENANT } from './identities.ts';
import { untilAtRest } from './live.ts';
import { progress } from './progress.ts';
import type { ApplicationLine } from './read-csv.ts';
import { together } from './together.ts';

const REQUESTS_AT_ONCE = 16;
const CHANNELS = ['email', 'sms', 'push'] as const;
/** Of so many borrowers one has the lender's app, and reads Hindi. */
const WITH_APP = 4;

/** What waits minutes outside waits moments here. */
export const NOTIFICATION_PACE: Pace = {
  unknown_ms: 50,
  look_again_ms: 100,
  strangers_ms: [50, 100, 200, 400],
};
const RETRY_MS = 20;

/**
 * What goes wrong at the providers: each of these befalls whatever comes next, a repeat of the same message too. So
 * there are fewer of a kind than a message has tries, and one text of which nobody knows whether it was sent: a
 * second such answer to the same message would be the last.
 */
const SCRIPT = [
  { fault: 'rate-limited', call: 'brevo.send', times: 4 },
  { fault: 'unavailable', call: 'brevo.send', times: 4 },
  { fault: 'commit-then-500', call: 'brevo.send', times: 2 },
  { fault: 'commit-then-reset', call: 'brevo.send', times: 1 },
  { fault: 'rate-limited', call: 'two-factor.send', times: 2 },
  { fault: 'commit-then-500', call: 'two-factor.send', times: 1 },
  { fault: 'bad-gateway', call: 'fcm.send', times: 2 },
  { fault: 'commit-then-reset', call: 'fcm.send', times: 1 },
  { fault: 'token-500', call: 'fcm.token', times: 1 },
  { fault: 'duplicate', event: 'delivered', times: 5 },
  { fault: 'missing', event: 'delivered', times: 2 },
] as const;
/** @param file where the providers keep their state, so that the second run meets those of the first */
export function noticeOptions(clock: Clock, file: string): NoticeOptions {
  return {
    // A receipt comes at once: the next moment may be another day.
    ...{ file, now: () => clock.now(), accounts: [{ id: TENANT }], receipt_ms: 0 },
    faults: { script: SCRIPT.map((fault) => ({ subject: '*', ...fault })) },
  };
}

/** Of what the providers tell, what the demo wants to know. */
const RECEIPTS = [
  ['brevo', ['delivered', 'hard_bounce']],
  ['two-factor', ['DELIVERED', 'UNDELIVERED']],
] as const;

/** The lender's accounts with the providers, and what its borrowers are told by which channels. */
export async function openNotices(kist: Client, notices: Notices, url: string): Promise<void> {
  const { brevo_key, two_factor_key, smtp_user, smtp_password } = notices.account();
  const sender = { email: 'loans@demo.kist.example', name: 'Demo Finance' };
  const accounts = [
    ['email', 'brevo', { api_key: brevo_key, sender }],
    [
      'email',
      'smtp',
      { ...notices.smtp, security: 'none', user: smtp_user, password: smtp_password, sender },
    ],
    ['sms', 'two-factor', { api_key: two_factor_key, sender_id: 'DEMOFN' }],
    ['push', 'fcm', notices.serviceAccount()],
  ] as const;
  for (const [channel, provider, credentials] of accounts) {
    const body = { credentials };
    await kist.request('PUT', `/v1/notification-providers/${channel}/${provider}`, {
      body,
      repeatable: true,
    });
  }
  for (const [provider, events] of RECEIPTS) {
    const { path } = await kist.request<{ path: string }>('POST', `/v1/receipt-addresses/${provider}`);
    notices.setWebhook(provider, { url: url + path, events });
  }
  for (const channel of CHANNELS) {
    // Days pass in moments here: nobody waits for the morning.
    const body = { wait_ms: RETRY_MS, contact_window: null };
    await kist.request('PUT', `/v1/notification-channels/${channel}/policy`, { body, repeatable: true });
  }
  await kist.request('PUT', '/v1/notices', {
    body: { enabled: true, channels: ['email'] },
    repeatable: true,
  });
  await tellBy(kist, ['paid-out'], ['email', 'sms', 'push']);
  await tellBy(kist, ['due', 'overdue'], ['sms']);
  await tellBy(kist, ['offer', 'reminder-before-due', 'payment-received', 'prepaid'], ['push']);
}

async function tellBy(kist: Client, names: readonly string[], channels: readonly string[]): Promise<void> {
  const { rules } = await kist.request<{ rules: { name: string; moment: string | null }[] }>(
    'GET',
    '/v1/notices',
  );
  for (const { name, moment, ...rule } of rules.filter((each) => names.includes(each.name))) {
    const body = { ...rule, ...(moment && { moment }), channels };
    await kist.request('PUT', `/v1/notices/rules/${name}`, { body, repeatable: true });
  }
}

/** The address that an applicant gives. */
export function emailOf(applicant: string): string {
  return `${applicant.toLowerCase()}@borrowers.example`;
}

/** Some borrowers have the lender's app, and read Hindi. */
export async function addApps(kist: Client, lines: readonly ApplicationLine[]): Promise<void> {
  const people = [...new Set(lines.map(({ applicant }) => applicant))].toSorted();
  const users = people.filter((_, index) => index % WITH_APP === 0);
  const bar = progress('Apps installed', users.length);
  await together(users, REQUESTS_AT_ONCE, async (applicant) => {
    const body = { email: emailOf(applicant), locale: 'hi-IN', devices: [`device-of-${applicant}`] };
    await kist.request('PUT', `/v1/borrowers/${encodeURIComponent(applicant)}/contact`, {
      ...{ body, repeatable: true },
    });
    bar.step();
  });
  bar.end();
}

const LOOK_MS = 20;
const LOOKS_MAX = 10_000;

/** Waits until everything that happened was told, or found not worth telling, and the providers have told of it. */
export async function untilTold(pool: Pool, kist: Client, notices: Notices): Promise<void> {
  for (let look = 1; look <= LOOKS_MAX; look += 1) {
    await untilAtRest(kist);
    await notices.tick();
    const waits = await inTenant(pool, TENANT, (tx) =>
      tx.exists(sql.unsafe`
        SELECT FROM event_subject WHERE tenant_id = ${TENANT} AND fanned_seq < seq`),
    );
    if (!waits) return untilAtRest(kist);
    await pause(LOOK_MS);
  }
  throw new Error(`There is still something to tell after ${LOOKS_MAX} looks.`);
}

const outcomeRow = z.object({ channel: z.enum(CHANNELS), outcome: z.string(), count: z.number() });
const toldRow = z.object({ number: z.string(), channel: z.string(), count: z.number() });
const lateRow = z.object({ loan: z.string(), instalment: z.number() });

/** Holds what borrowers were told against what happened to their loans, and against what the providers delivered. */
export async function told(pool: Pool, notices: Notices): Promise<{ lines: string[]; wrong: string[] }> {
  const { outcomes, disbursals, late, doubtful, sent } = await inTenant(pool, TENANT, async (tx) => ({
    outcomes: await tx.any(sql.type(outcomeRow)`
      SELECT replace(kind, 'notification.', '') AS channel,
             CASE j.state WHEN 'done' THEN m.state ELSE coalesce(j.code, j.state) END AS outcome,
             count(*)::int4 AS count
      FROM job j LEFT JOIN notification_message m ON m.tenant_id = j.tenant_id AND m.id = j.id
      WHERE j.tenant_id = ${TENANT} AND kind IN ('notification.email', 'notification.sms', 'notification.push')
      GROUP BY 1, 2 ORDER BY 1, 3 DESC`),
    // By every channel that reaches the borrower; the payouts that came back were told as well.
    disbursals: await tx.any(sql.type(toldRow)`
      SELECT a.reference AS number, c.channel, count(m.id)::int4 AS count
      FROM loan l JOIN application a ON a.tenant_id = l.tenant_id AND a.id = l.application_id
      JOIN borrower b ON b.tenant_id = l.tenant_id AND b.id = l.wallet_id
      CROSS JOIN (VALUES ('email'), ('sms'), ('push')) AS c (channel)
      LEFT JOIN job j ON j.tenant_id = l.tenant_id AND j.kind = 'notification.' || c.channel
        AND j.payload ->> 'template' = 'disbursed' AND j.payload -> 'data' ->> 'loan' = a.reference
      LEFT JOIN notification_message m ON m.tenant_id = l.tenant_id AND m.id = j.id AND m.sent_at IS NOT NULL
      WHERE l.tenant_id = ${TENANT}
        AND EXISTS (SELECT FROM payout p WHERE p.tenant_id = l.tenant_id AND p.loan_id = l.id AND p.state = 'succeeded')
        AND (c.channel <> 'push' OR EXISTS (
          SELECT FROM borrower_device d WHERE d.tenant_id = l.tenant_id AND d.borrower_id = b.id))
      GROUP BY 1, 2`),
    late: await tx.any(sql.type(lateRow)`
      SELECT i.loan_id AS loan, i.number AS instalment
      FROM job j JOIN notification_message m ON m.tenant_id = j.tenant_id AND m.id = j.id
      JOIN notification_attempt t ON t.tenant_id = m.tenant_id AND t.message_id = m.id AND t.outcome = 'sent'
      JOIN instalment i ON i.tenant_id = j.tenant_id AND i.loan_id = (j.payload -> 'about' ->> 'loan')::uuid
        AND i.number = (j.payload -> 'about' ->> 'instalment')::int4
      WHERE j.tenant_id = ${TENANT} AND i.paid_on < (t.began_at AT TIME ZONE 'Asia/Kolkata')::date`),
    doubtful: await tx.oneFirst(sql.type(z.object({ count: z.number() }))`
      SELECT count(*)::int4 AS count FROM notification_attempt WHERE tenant_id = ${TENANT} AND outcome = 'unknown'`),
    sent: await tx.oneFirst(sql.type(z.object({ count: z.number() }))`
      SELECT count(*)::int4 AS count FROM notification_message WHERE tenant_id = ${TENANT} AND sent_at IS NOT NULL`),
  }));
  const counts = notices.counts();
  const twice = CHANNELS.reduce((sum, channel) => sum + counts[channel].again, 0);
  const arrived = CHANNELS.reduce((sum, channel) => sum + counts[channel].arrived, 0);
  const of = (channel: string) =>
    outcomes.filter((each) => each.channel === channel).map(({ outcome, count }) => `${count} ${outcome}`);
  return {
    lines: [
      ...CHANNELS.map((channel) => `${channel.padEnd(6)}${of(channel).join(', ') || 'none'}`),
      `${arrived} arrived, ${twice} of them twice as ${doubtful} answers were lost; ${disbursals.length} times a disbursal was told, each once`,
    ],
    wrong: [
      ...disbursals
        .filter(({ count }) => count !== 1)
        .map(
          ({ number, channel, count }) => `the disbursal of ${number} was told ${count} times by ${channel}`,
        ),
      ...late.map(
        ({ loan, instalment }) => `loan ${loan} was reminded of instalment ${instalment}, which was paid`,
      ),
      ...(twice > doubtful ? [`${twice} messages came twice, and ${doubtful} answers were lost`] : []),
      ...(arrived - twice === sent ? [] : [`${sent} messages were sent, and ${arrived - twice} arrived`]),
    ],
  };
}
