import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import { Cancel, Refuse, Snooze } from '../../runtime/outcomes.ts';
import type { Channel, Content } from '../channels.ts';
import { mayBeGathered, orderingKeyOf, type Payload, payloadOf } from '../payload.ts';
import { written } from '../sending/written.ts';
import type { TemplateData } from '../templates/parts.ts';
import { type Digest, itemOf, type Listed, wordsOf, writeDigest } from './digest.ts';
import { type Asked, openingFrom } from './rules.ts';
import { stillTrue } from './still-true.ts';

/**
 * Reminders to a recipient that wait for one another and go out as one message. They stand in one queue (their
 * ordering key), so that only the first of them is ever looked at: it waits until the tenant's time since it was first
 * looked at is over, and then takes along what stands behind it. What was taken along ends when its own turn comes.
 */

/** More are not listed: the rest goes into the next message. */
const LISTED_MAX = 20;

const gatheredRow = z.object({ since: z.date(), notification_id: z.string().nullable() });

/**
 * Notes from when on a reminder waits for others.
 * @returns null where it waits for none
 * @throws Cancel merged where one before it took it along
 */
export async function joinGathering(
  tx: Transaction,
  { id, policy, payload, now }: Asked & { id: string; payload: Payload },
): Promise<Date | null> {
  if (!mayBeGathered(payload)) return null;
  const known = await tx.maybeOne(sql.prepared('notification_gathering', gatheredRow)`
    SELECT since, (
      SELECT notification_id FROM notification_message message
      WHERE message.tenant_id = current_tenant() AND message.id = gathered.message_id) AS notification_id
    FROM notification_gathering gathered WHERE tenant_id = current_tenant() AND job_id = ${id}`);
  if (known?.notification_id) {
    throw new Cancel('merged', `It went out within the notification ${known.notification_id}.`);
  }
  if (known || !policy.digest) return known?.since ?? null;
  await tx.query(sql.unsafe`
    INSERT INTO notification_gathering (tenant_id, job_id, since)
    VALUES (current_tenant(), ${id}, ${now.toISOString()})`);
  return now;
}

/**
 * Takes along the reminders that stand behind one whose time is come.
 * @param filled what Kist fills into the message that lists them
 * @returns null where it goes out alone
 * @throws Snooze gathering while it waits, Refuse where it cannot be worded
 */
export async function gather<C extends Channel>(
  tx: Transaction,
  asked: Asked & { channel: C; id: string; payload: Payload<C>; since: Date },
  filled: TemplateData,
): Promise<Digest<C> | null> {
  const { channel, id, policy, payload, now, since } = asked;
  if (!policy.digest) return null;
  const due = new Date(since.getTime() + policy.digest.minutes * 60_000);
  if (now < due && !comesTooLate(asked, due)) {
    const wait_ms = Math.min(due.getTime() - now.getTime(), asked.look_again_ms);
    throw new Snooze('gathering', `Waits for other reminders until ${due.toISOString()}.`, wait_ms);
  }
  const { about = null, deadline } = payload;
  const behind = await standingBehind(tx, asked);
  if (behind.length === 0) return null;
  const own = await written(tx, channel, payload);
  const listed = [{ job: id, item: itemOf(channel, own.content), about, deadline }, ...behind];
  const data = { ...(await wordsOf(tx, payload)), ...filled };
  const wording = { locale: payload.locale ?? own.locale, data };
  for (let count = listed.length; count > 1; count -= 1) {
    const fitting = listed.slice(0, count);
    const digest = await writeDigest(tx, channel, wording, fitting);
    if (digest) return { written: digest, wording, listed: fitting, deadline: lastOf(fitting) };
  }
  return null;
}

/** Whether its deadline leaves no time to wait. */
function comesTooLate(asked: Asked, due: Date): boolean {
  const { deadline } = asked.payload;
  return deadline !== undefined && new Date(deadline) <= openingFrom(asked, due);
}

const behindRow = z.object({ id: z.string(), payload: z.unknown() });

/**
 * Those that are wanted and can be written; the others end by themselves when their turn comes. A row may be locked by
 * a worker that finds it is not its turn: it is waited for, or the reminder would miss this message by chance.
 */
async function standingBehind<C extends Channel>(
  tx: Transaction,
  { id, channel, payload, now }: Asked & { channel: C; id: string; payload: Payload<C> },
): Promise<Listed[]> {
  const key = orderingKeyOf(channel, payload);
  const rows = await tx.any(sql.type(behindRow)`
    SELECT id, payload FROM job
    WHERE tenant_id = current_tenant() AND ordering_key = ${key} AND state = 'pending' AND id > ${id}
      AND intent IS NULL AND NOT EXISTS (
        SELECT FROM notification_gathering gathered
        WHERE gathered.tenant_id = job.tenant_id AND gathered.job_id = job.id AND gathered.message_id IS NOT NULL)
    ORDER BY id LIMIT ${LISTED_MAX - 1} FOR NO KEY UPDATE`);
  const found: Listed[] = [];
  for (const row of rows) {
    const parsed = payloadOf(channel).safeParse(row.payload);
    if (!parsed.success) continue;
    const { about = null, deadline, recipient } = parsed.data;
    const is_for_it = recipient.address === payload.recipient.address;
    const is_wanted = (!deadline || new Date(deadline) > now) && (!about || (await stillTrue(tx, about)));
    if (!is_for_it || !is_wanted) continue;
    const content = await contentOrNull(tx, channel, parsed.data);
    if (content) found.push({ job: row.id, item: itemOf(channel, content), about, deadline });
  }
  return found;
}

async function contentOrNull<C extends Channel>(
  tx: Transaction,
  channel: C,
  payload: Payload<C>,
): Promise<Content | null> {
  try {
    return (await written(tx, channel, payload)).content;
  } catch (error) {
    if (error instanceof Refuse) return null;
    throw error;
  }
}

function lastOf(listed: readonly Listed[]): string | undefined {
  const deadlines = listed.map(({ deadline }) => deadline);
  if (deadlines.includes(undefined)) return undefined;
  return (deadlines as string[]).toSorted((one, other) => Date.parse(one) - Date.parse(other)).at(-1);
}
