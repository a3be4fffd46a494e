import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../db/pools.ts';
import { jobsByKey } from '../runtime/queries.ts';
import { JOB_STATES, type JobState, type JobView } from '../runtime/types.ts';
import { CHANNELS, type Channel } from './channels.ts';
import { CATEGORIES } from './payload.ts';
import { receiptsOf, type ShownReceipt } from './receipts/rows.ts';
import { kindOf } from './request.ts';
import { type Attempt, attemptsOf } from './sending/rows.ts';
import { MESSAGE_STATES } from './sending/states.ts';

const messageRow = z.object({
  id: z.string(),
  channel: z.enum(CHANNELS),
  state: z.enum(MESSAGE_STATES),
  code: z.string().nullable(),
  category: z.string(),
  template: z.string().nullable(),
  template_version: z.number().nullable(),
  locale: z.string().nullable(),
  content_sha256: z.string(),
  provider: z.string().nullable(),
  provider_id: z.string().nullable(),
  sent_at: z.date().nullable(),
});
export type Message = z.output<typeof messageRow>;

/** How a message of a notification stands: its job, and what was sent. */
export interface ChannelStory {
  channel: Channel;
  /** The message's state where its sending has begun, otherwise its job's. */
  state: Message['state'] | JobState;
  job: Pick<JobView, 'id' | 'state' | 'code' | 'message' | 'accepted_by' | 'accepted_at'>;
  message: Message | null;
  attempts: readonly Attempt[];
  receipts: readonly ShownReceipt[];
}

export const STORY_STATES = [...new Set([...MESSAGE_STATES, ...JOB_STATES])] as const;

/** A notification, channel by channel; null where there is none of that id. */
export async function notificationStory(tx: Transaction, id: string): Promise<ChannelStory[] | null> {
  const keys = CHANNELS.map((channel) => ({ kind: kindOf(channel), key: id }));
  const jobs = await jobsByKey(tx, keys);
  if (jobs.size === 0) return null;
  const messages = await tx.any(sql.type(messageRow)`
    SELECT id, channel, state, code, category, template, template_version, locale,
           encode(content_hash, 'hex') AS content_sha256, provider, provider_id, sent_at
    FROM notification_message WHERE tenant_id = current_tenant() AND notification_id = ${id}`);
  const stories: ChannelStory[] = [];
  for (const channel of CHANNELS) {
    const job = jobs.get(`${kindOf(channel)} ${id}`)?.view;
    if (!job) continue;
    const message = messages.find((each) => each.channel === channel) ?? null;
    const attempts = message ? await attemptsOf(tx, message.id) : [];
    const receipts = message ? await receiptsOf(tx, message.id) : [];
    stories.push({ channel, state: stateOf(job.state, message), job, message, attempts, receipts });
  }
  return stories;
}

/** A dead, held or cancelled job says more than a message that is still `sending`. */
function stateOf(job: JobState, message: Message | null): ChannelStory['state'] {
  if (!message) return job;
  return message.state === 'sending' && job !== 'pending' ? job : message.state;
}

const acceptedRow = z.object({ channel: z.enum(CHANNELS), type: z.string(), category: z.enum(CATEGORIES) });

/** Which channels already have a job under a notification's id, and of which request. */
export async function acceptedBefore(
  tx: Transaction,
  id: string,
): Promise<readonly z.output<typeof acceptedRow>[]> {
  const kinds = sql.array(CHANNELS.map(kindOf), 'text');
  return tx.any(sql.prepared('notification_accepted', acceptedRow)`
    SELECT split_part(kind, '.', 2) AS channel, payload ->> 'type' AS type, payload ->> 'category' AS category FROM job
    WHERE tenant_id = current_tenant() AND kind = ANY (${kinds}) AND key = ${id}`);
}
