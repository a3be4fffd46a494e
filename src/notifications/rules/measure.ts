import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import { Cancel } from '../../runtime/outcomes.ts';
import type { Content } from '../channels.ts';
import { recipientOf } from '../payload.ts';
import { hashOf } from '../sending/rows.ts';
import { localDaysAt } from './local-days.ts';
import { type Asked, openingFrom, waitUntil } from './rules.ts';
import type { Caps } from './settings.ts';

/** A message as it is measured against those that went before it. */
export interface Measured extends Asked {
  /** Of the message itself, which does not count against itself. */
  id: string;
}

/**
 * What went out already, or may have: a message that failed or was stopped counts where nobody knows whether it had
 * been sent before.
 */
const MAY_HAVE_GONE_OUT = sql.fragment`
  (message.state NOT IN ('failed', 'stopped') OR EXISTS (
    SELECT FROM notification_attempt attempt
    WHERE attempt.tenant_id = message.tenant_id AND attempt.message_id = message.id
      AND coalesce(attempt.outcome, 'unknown') = 'unknown'))`;

/**
 * Asks whether the recipient has as much as they may get. Whoever passes holds the recipient until the transaction
 * ends: of two for the last place one waits.
 * @throws Snooze capped until the next day or week, Cancel capped where that is too late
 */
export async function keepCaps(tx: Transaction, measured: Measured): Promise<void> {
  const { policy, payload, now, time_zone } = measured;
  const { caps } = policy;
  if (!caps?.for.includes(payload.category)) return;
  await lockRecipient(tx, recipientOf(payload));
  const days = localDaysAt(now, time_zone);
  const sent = await countSince(tx, measured, caps, days);
  const full = (cap: number | undefined, count: number) => cap !== undefined && count >= cap;
  const day = full(caps.per_day, sent.today) || full(caps.all_channels_per_day, sent.all_today);
  const week = full(caps.per_week, sent.week) || full(caps.all_channels_per_week, sent.all_week);
  if (!day && !week) return;
  throw waitUntil(openingFrom(measured, week ? days.next_week : days.next_day), measured, {
    ...{
      code: 'capped',
      message: `The recipient has as many messages as a ${week ? 'week' : 'day'} may bring`,
    },
    too_late: 'capped',
  });
}

const counts = z.object({
  today: z.number(),
  week: z.number(),
  all_today: z.number(),
  all_week: z.number(),
});

function countSince(
  tx: Transaction,
  { id, channel, payload }: Measured,
  caps: Caps,
  { day, week }: { day: Date; week: Date },
): Promise<z.output<typeof counts>> {
  const today = sql.fragment`counted_at >= ${day.toISOString()}`;
  const here = sql.fragment`channel = ${channel}`;
  return tx.one(sql.prepared('count_notifications', counts)`
    SELECT (count(*) FILTER (WHERE ${today} AND ${here}))::int AS today,
           (count(*) FILTER (WHERE ${here}))::int AS week,
           (count(*) FILTER (WHERE ${today}))::int AS all_today,
           count(*)::int AS all_week
    FROM notification_message message
    WHERE tenant_id = current_tenant() AND recipient = ${recipientOf(payload)} AND counted_at >= ${week.toISOString()}
      AND category = ANY (${sql.array(caps.for, 'text')}) AND id <> ${id} AND ${MAY_HAVE_GONE_OUT}`);
}

/** @throws Cancel duplicate where the recipient got the same a short while ago */
export async function refuseDuplicate(
  tx: Transaction,
  { id, channel, policy, payload, now }: Measured,
  { template, content }: { template: string | null; content: Content },
): Promise<void> {
  const { dedupe } = policy;
  if (!dedupe?.for.includes(payload.category)) return;
  const recipient = recipientOf(payload);
  await lockRecipient(tx, recipient);
  const since = new Date(now.getTime() - dedupe.minutes * 60_000);
  const twin = await tx.maybeOneFirst(sql.type(z.object({ notification_id: z.string() }))`
    SELECT notification_id FROM notification_message message
    WHERE tenant_id = current_tenant() AND recipient = ${recipient} AND counted_at > ${since.toISOString()}
      AND channel = ${channel} AND template IS NOT DISTINCT FROM ${template}
      AND content_hash = ${sql.binary(hashOf(content))} AND id <> ${id} AND ${MAY_HAVE_GONE_OUT}
    LIMIT 1`);
  if (twin) throw new Cancel('duplicate', `The recipient got the same within the notification ${twin}.`);
}

async function lockRecipient(tx: Transaction, recipient: string): Promise<void> {
  await tx.query(sql.prepared('lock_notification_recipient', z.object({}))`
    SELECT FROM pg_advisory_xact_lock(
      hashtextextended('notification recipient ' || current_tenant() || ' ' || ${recipient}, 0))`);
}
