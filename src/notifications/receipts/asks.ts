import { sql } from 'slonik';
import { z } from 'zod';
import type { Pool, Transaction } from '../../db/pools.ts';
import { CHANNELS, type Channel } from '../channels.ts';

const HOUR_MS = 3_600_000;
/** After it was sent: what was not told until then may be lost, and what is not said until the last one never will be. */
export const FIRST_ASK_HOURS = 1;
const ASK_AFTER_HOURS = [FIRST_ASK_HOURS, 6, 24, 72];
/** Messages that one job asks about. */
export const ASKS_PER_JOB_MAX = 10;
/** What one pass takes of a tenant at most. */
const ASKS_PER_PASS_MAX = 5 * ASKS_PER_JOB_MAX;

/** When it is asked for the first time. */
export function firstAskAt(sent_at: Date): Date {
  return new Date(sent_at.getTime() + FIRST_ASK_HOURS * HOUR_MS);
}

/** Tenants with messages of which too long nothing was told. @param carrierPool acts as kist_carrier */
export function tenantsToAsk(carrierPool: Pool, now: Date): Promise<readonly string[]> {
  return carrierPool.anyFirst(sql.prepared('tenants_to_ask_receipts', z.object({ tenant_id: z.string() }))`
    SELECT tenant_id FROM tenant
    WHERE EXISTS (
      SELECT FROM notification_message AS message
      WHERE message.tenant_id = tenant.tenant_id AND message.ask_at <= ${now.toISOString()}::timestamptz)
    ORDER BY random()`);
}

const dueRow = z.object({ id: z.string(), channel: z.enum(CHANNELS), provider: z.string() });
export type DueAsk = z.output<typeof dueRow>;

/** Takes the messages whose time to be asked about has come, and says when the next one does. */
export function takeAsks(tx: Transaction, now: Date): Promise<readonly DueAsk[]> {
  return tx.any(sql.prepared('take_receipt_asks', dueRow)`
    WITH due AS (
      SELECT id AS due_id FROM notification_message
      WHERE tenant_id = current_tenant() AND ask_at <= ${now.toISOString()}::timestamptz
      ORDER BY ask_at
      LIMIT ${ASKS_PER_PASS_MAX}
      FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE notification_message SET
      asked = asked + 1,
      -- Null beyond the last one.
      ask_at = coalesce(sent_at, created_at) + (${sql.array(ASK_AFTER_HOURS, 'int4')})[asked + 2] * interval '1 hour'
    FROM due WHERE tenant_id = current_tenant() AND id = due_id
    RETURNING id, channel, coalesce(provider, (
      -- Nobody is known to have it: whoever may.
      SELECT attempt.provider FROM notification_attempt AS attempt
      WHERE attempt.tenant_id = current_tenant() AND message_id = id AND outcome = 'unknown'
      ORDER BY number DESC LIMIT 1)) AS provider`);
}

const unheardRow = z.object({
  id: z.string(),
  provider_id: z.string().nullable(),
});

/** Those of the messages of which still nothing was told. */
export function unheardAmong(tx: Transaction, ids: readonly string[]) {
  return tx.any(sql.type(unheardRow)`
    SELECT id, provider_id FROM notification_message
    WHERE tenant_id = current_tenant() AND id = ANY (${sql.array([...ids], 'uuid')}) AND state IN ('sent', 'failed', 'stopped')
    ORDER BY id`);
}

/** What one job asks: messages of one provider's, so many. */
export interface AskPayload {
  channel: Channel;
  provider: string;
  messages: string[];
  at: string;
}

export function asksByProvider(due: readonly DueAsk[], at: Date): AskPayload[] {
  const groups = Map.groupBy(due, ({ channel, provider }) => `${channel}/${provider}`);
  return [...groups.values()].flatMap((group) => {
    const { channel, provider } = group[0]!;
    const ids = group.map(({ id }) => id).sort();
    const payloads: AskPayload[] = [];
    for (let start = 0; start < ids.length; start += ASKS_PER_JOB_MAX) {
      const messages = ids.slice(start, start + ASKS_PER_JOB_MAX);
      payloads.push({ channel, provider, messages, at: at.toISOString() });
    }
    return payloads;
  });
}
