import { sql } from 'slonik';
import { z } from 'zod';
import type { Pool, Transaction } from '../db/pools.ts';
import { CHANNELS } from '../notifications/channels.ts';
import { LANE_HELD } from '../notifications/lanes.ts';
import { kindOf } from '../notifications/request.ts';
import { TAKEN } from '../notifications/sending/states.ts';

/** How notifications stand over all tenants; every function takes a pool that acts as kist_carrier. */

const SHOWN_MAX = 50;
const LANES_SHOWN_MAX = 300;
/** What nobody knew of for so long nobody will find out any more. */
const UNCLEAR_DAYS = 7;

const KINDS = sql.array(CHANNELS.map(kindOf), 'text');
const TAKEN_STATES = sql.array([...TAKEN], 'text');
const CHANNEL_OF_JOB = sql.fragment`split_part(job.kind, '.', 2)`;

const channel = z.enum(CHANNELS);

const heldRow = z.object({
  tenant: z.string(),
  channel,
  code: z.string(),
  message: z.string(),
  held_by: z.string(),
  held_at: z.date(),
});
export type HeldLane = z.output<typeof heldRow>;

/** The lanes by which nothing is sent, the longest first. */
export function heldLanes(pool: Pool | Transaction): Promise<readonly HeldLane[]> {
  return pool.any(sql.type(heldRow)`
    SELECT tenant_id AS tenant, channel, code, message, held_by, held_at FROM notification_lane_hold
    ORDER BY held_at, tenant_id, channel LIMIT ${LANES_SHOWN_MAX}`);
}

const waitingRow = z.object({
  tenant: z.string(),
  channel,
  messages: z.number(),
  oldest_seconds: z.number(),
});
export type WaitingLane = z.output<typeof waitingRow>;

/** What waits for its lane to be opened, and since when: by the partial index of exactly these. */
export function waitingInLanes(pool: Pool | Transaction): Promise<readonly WaitingLane[]> {
  return pool.any(sql.type(waitingRow)`
    SELECT tenant_id AS tenant, ${CHANNEL_OF_JOB} AS channel, count(*)::int4 AS messages,
           greatest(0, extract(epoch FROM now() - min(accepted_at)))::float8 AS oldest_seconds
    FROM job WHERE code = ${LANE_HELD} AND state = 'held' AND kind = ANY (${KINDS})
    GROUP BY tenant_id, kind ORDER BY tenant_id, kind LIMIT ${LANES_SHOWN_MAX}`);
}

/** Dead ones of which no receipt says that they arrived all the same. */
const FAILED = sql.fragment`
  SELECT job.tenant_id, job.id, job.kind, job.key, job.code, job.rested_at
  FROM job LEFT JOIN notification_message message ON message.tenant_id = job.tenant_id AND message.id = job.id
  WHERE job.state = 'dead' AND job.kind = ANY (${KINDS})
    AND (message.state IS NULL OR NOT message.state = ANY (${TAKEN_STATES}))`;

const endedRow = z.object({
  tenant: z.string(),
  channel,
  state: z.enum(['sent', 'delivered', 'bounced', 'failed', 'stopped']),
  messages: z.number(),
});
export type EndedLately = z.output<typeof endedRow>;

/**
 * Where messages stand that were begun in the last day. What failed or was stopped is told by its job: there is no
 * message where it never came to be sent.
 */
export function endedLately(pool: Pool | Transaction): Promise<readonly EndedLately[]> {
  return pool.any(sql.type(endedRow)`
    SELECT tenant_id AS tenant, channel, state, count(*)::int4 AS messages FROM notification_message
    WHERE created_at > now() - interval '1 day' AND state = ANY (${TAKEN_STATES})
    GROUP BY tenant_id, channel, state
    UNION ALL
    SELECT tenant_id, ${CHANNEL_OF_JOB}, 'stopped', count(*)::int4 FROM job
    WHERE state = 'cancelled' AND rested_at > now() - interval '1 day' AND kind = ANY (${KINDS})
    GROUP BY tenant_id, kind
    UNION ALL
    SELECT tenant_id, ${CHANNEL_OF_JOB}, 'failed', count(*)::int4 FROM (${FAILED}) AS job
    WHERE rested_at > now() - interval '1 day'
    GROUP BY tenant_id, kind`);
}

const failureRow = z.object({
  tenant: z.string(),
  id: z.string(),
  notification: z.string(),
  channel,
  code: z.string().nullable(),
  provider: z.string().nullable(),
  attempts: z.number(),
  failed_at: z.date(),
});
export type Failure = z.output<typeof failureRow>;

/** What could not be sent, the latest first. */
export function latestFailures(pool: Pool | Transaction): Promise<readonly Failure[]> {
  return pool.any(sql.type(failureRow)`
    SELECT job.tenant_id AS tenant, job.id, job.key AS notification, ${CHANNEL_OF_JOB} AS channel, job.code,
           last.provider, coalesce(last.number, 0)::int4 AS attempts, job.rested_at AS failed_at
    FROM (${FAILED} ORDER BY job.rested_at DESC, job.id LIMIT ${SHOWN_MAX}) AS job
    LEFT JOIN LATERAL (
      SELECT provider, number FROM notification_attempt attempt
      WHERE attempt.tenant_id = job.tenant_id AND attempt.message_id = job.id
      ORDER BY number DESC LIMIT 1) AS last ON true
    ORDER BY job.rested_at DESC, job.id`);
}

const UNCLEAR = sql.fragment`
  SELECT message.tenant_id, message.id, message.notification_id, message.channel, message.state,
         attempt.provider, attempt.began_at
  FROM notification_attempt attempt
  JOIN notification_message message ON message.tenant_id = attempt.tenant_id AND message.id = attempt.message_id
  WHERE attempt.outcome = 'unknown' AND attempt.began_at > now() - ${UNCLEAR_DAYS} * interval '1 day'
    AND message.state IN ('sending', 'failed')`;

const unclearRow = z.object({
  tenant: z.string(),
  id: z.string(),
  notification: z.string(),
  channel,
  state: z.enum(['sending', 'failed']),
  provider: z.string(),
  times: z.number(),
  seconds: z.number(),
});
export type UnclearMessage = z.output<typeof unclearRow>;

/** Messages of which nobody knows whether they were sent, the longest first. */
export function unclearMessages(pool: Pool | Transaction): Promise<readonly UnclearMessage[]> {
  return pool.any(sql.type(unclearRow)`
    SELECT tenant_id AS tenant, id, notification_id AS notification, channel, state, max(provider) AS provider,
           count(*)::int4 AS times, greatest(0, extract(epoch FROM now() - min(began_at)))::float8 AS seconds
    FROM (${UNCLEAR}) AS unclear
    GROUP BY tenant_id, id, notification_id, channel, state
    ORDER BY min(began_at), id LIMIT ${SHOWN_MAX}`);
}

const unclearStandingRow = z.object({ channel, messages: z.number() });

/** How many of them there are. */
export function unclearStandings(
  pool: Pool | Transaction,
): Promise<readonly z.output<typeof unclearStandingRow>[]> {
  return pool.any(sql.type(unclearStandingRow)`
    SELECT channel, count(DISTINCT (tenant_id, id))::int4 AS messages FROM (${UNCLEAR}) AS unclear
    GROUP BY channel ORDER BY channel`);
}
