import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import { CHANNELS, type Channel } from '../channels.ts';
import type { Receipt } from '../providers/receipt.ts';
import { MESSAGE_STATES, type MessageState } from '../sending/states.ts';
import { firstAskAt } from './asks.ts';

/** So long after a try whose answer was lost a receipt may still be its own. */
const LOST_ANSWER_HOURS = 1;

const idRow = z.object({ id: z.string() });

/**
 * Finds the message that a receipt is of: by its own id where that came along, or by the provider's.
 * @returns its id; null where nobody knows it, or not yet
 */
export async function messageOf(
  tx: Transaction,
  provider: string,
  channel: Channel,
  { message, provider_id }: Receipt,
): Promise<string | null> {
  if (message !== null) {
    const known = await tx.maybeOneFirst(sql.prepared('message_of_receipt', idRow)`
      SELECT id FROM notification_message
      WHERE tenant_id = current_tenant() AND id = ${message} AND channel = ${channel}`);
    if (known !== null) return known;
  }
  if (provider_id === null) return null;
  return tx.maybeOneFirst(sql.prepared('message_at_provider', idRow)`
    SELECT id FROM notification_message
    WHERE tenant_id = current_tenant() AND provider = ${provider} AND provider_id = ${provider_id}
    ORDER BY created_at LIMIT 1`);
}

/**
 * Finds the message that a receipt must be of whose id nobody knows: the only one to that address of which this
 * provider was asked shortly before and did not answer. Two of them could be mistaken for each other.
 */
export async function unansweredMessage(
  tx: Transaction,
  provider: string,
  { address }: Receipt,
  received_at: Date,
): Promise<string | null> {
  if (address === null) return null;
  const at = received_at.toISOString();
  const candidates = await tx.anyFirst(sql.prepared('unanswered_message', idRow)`
    SELECT DISTINCT message.id
    FROM notification_attempt AS attempt JOIN notification_message AS message
      ON message.tenant_id = current_tenant() AND message.id = attempt.message_id
    WHERE attempt.tenant_id = current_tenant() AND attempt.provider = ${provider} AND attempt.outcome = 'unknown'
      AND attempt.began_at > ${at}::timestamptz - ${LOST_ANSWER_HOURS} * interval '1 hour'
      AND attempt.began_at <= ${at}::timestamptz
      AND message.address = ${address} AND message.provider_id IS NULL
    LIMIT 2`);
  return candidates.length === 1 ? candidates[0]! : null;
}

const lockedRow = z.object({
  id: z.string(),
  notification_id: z.string(),
  channel: z.enum(CHANNELS),
  state: z.enum(MESSAGE_STATES),
  address: z.string(),
  template: z.string().nullable(),
  template_version: z.number().nullable(),
});
export type ReceiptMessage = z.output<typeof lockedRow>;

/** All at once and in one order, so that two who have the same never wait in a circle. */
export async function lockMessages(
  tx: Transaction,
  ids: readonly string[],
): Promise<Map<string, ReceiptMessage>> {
  const rows = await tx.any(sql.prepared('lock_messages_of_receipts', lockedRow)`
    SELECT id, notification_id, channel, state, address, template, template_version FROM notification_message
    WHERE tenant_id = current_tenant() AND id = ANY (${sql.array([...ids], 'uuid')})
    ORDER BY id FOR NO KEY UPDATE`);
  return new Map(rows.map((row) => [row.id, row]));
}

/** The message goes where a receipt moves it; whose answer was lost learns who took it. */
export async function moveByReceipt(
  tx: Transaction,
  id: string,
  moved: { state: MessageState; code: string | null; provider: string; provider_id: string | null; at: Date },
): Promise<void> {
  const { state, code, provider, provider_id } = moved;
  const at = moved.at.toISOString();
  const ask_at = firstAskAt(moved.at).toISOString();
  await tx.query(sql.prepared('move_message_by_receipt', z.object({}))`
    UPDATE notification_message SET
      state = ${state}, code = ${code},
      provider = coalesce(provider, ${provider}), provider_id = coalesce(provider_id, ${provider_id}),
      sent_at = coalesce(sent_at, ${at}::timestamptz),
      settled_at = CASE WHEN ${state} = 'sent' THEN settled_at ELSE ${at}::timestamptz END,
      ask_at = CASE WHEN ${state} = 'sent' THEN coalesce(ask_at, ${ask_at}::timestamptz) END
    WHERE tenant_id = current_tenant() AND id = ${id}`);
}
