import { createHash } from 'node:crypto';
import { sql } from 'slonik';
import { z } from 'zod';
import { canonicalJson } from '../../db/canonical-json.ts';
import type { Transaction } from '../../db/pools.ts';
import type { Channel, Content } from '../channels.ts';
import type { ProviderErrorKind } from '../providers/provider.ts';
import { FIRST_ASK_HOURS } from '../receipts/asks.ts';
import { type SentFile, sentFile } from './files.ts';
import { MESSAGE_STATES, type MessageState } from './states.ts';

/** A message that is about to be sent for the first time. */
export interface NewMessage {
  id: string;
  notification: string;
  channel: Channel;
  recipient: string;
  address: string;
  category: string;
  template: string | null;
  template_version: number | null;
  locale: string | null;
  content: Content;
  loan: string | null;
  at: Date;
}

/** Writes down the message and, where there is a provider, that it is asked. Again it begins anew. */
export async function writeMessage(
  tx: Transaction,
  message: NewMessage,
  provider: string | null,
): Promise<void> {
  const { id, notification, channel, recipient, address, category, template, locale, loan } = message;
  const content = canonicalJson(message.content);
  const hash = hashOf(message.content);
  const at = message.at.toISOString();
  await tx.query(sql.prepared('write_notification_message', z.object({}))`
    WITH message AS (
      INSERT INTO notification_message (tenant_id, id, notification_id, channel, recipient, address, category, template,
                                        template_version, locale, content, content_hash, loan_id, created_at, counted_at)
      VALUES (current_tenant(), ${id}, ${notification}, ${channel}, ${recipient}, ${address}, ${category}, ${template},
              ${message.template_version}, ${locale}, ${content}::jsonb, ${sql.binary(hash)}, ${loan}, ${at}, ${at})
      RETURNING id
    )
    INSERT INTO notification_attempt (tenant_id, message_id, number, provider, began_at)
    SELECT current_tenant(), id, 1, ${provider}, ${at} FROM message WHERE ${provider}::text IS NOT NULL`);
}

/** SHA-256 of the canonical content. */
export function hashOf(content: Content): Buffer {
  return createHash('sha256').update(canonicalJson(content)).digest();
}

/** What a message says now. */
export async function contentOfMessage(tx: Transaction, id: string): Promise<Content> {
  const row = z.object({ content: z.custom<Content>() });
  return tx.oneFirst(sql.type(row)`
    SELECT content FROM notification_message WHERE tenant_id = current_tenant() AND id = ${id}`);
}

/** Lets a message that was certainly not sent say something else. */
export async function rewordMessage(
  tx: Transaction,
  id: string,
  { content, template_version, locale }: Pick<NewMessage, 'content' | 'template_version' | 'locale'>,
): Promise<void> {
  await tx.query(sql.unsafe`
    UPDATE notification_message SET content = ${canonicalJson(content)}::jsonb, template_version = ${template_version},
           locale = ${locale}, content_hash = ${sql.binary(hashOf(content))}
    WHERE tenant_id = current_tenant() AND id = ${id}`);
}

/** Notes that a message is begun anew: it counts for the day of its last try. */
export async function countAgain(tx: Transaction, id: string, at: Date): Promise<void> {
  await tx.query(sql.unsafe`
    UPDATE notification_message SET counted_at = ${at.toISOString()}
    WHERE tenant_id = current_tenant() AND id = ${id}`);
}

const messageRow = z.object({
  state: z.enum(MESSAGE_STATES),
  tries: z.number(),
  provider: z.string().nullable(),
  provider_id: z.string().nullable(),
});

export function lockMessage(tx: Transaction, id: string) {
  return tx.one(sql.prepared('lock_notification_message', messageRow)`
    SELECT state, tries, provider, provider_id FROM notification_message
    WHERE tenant_id = current_tenant() AND id = ${id} FOR NO KEY UPDATE`);
}

/** One that is given up, and may have been sent all the same, is asked about. */
export function moveMessage(tx: Transaction, id: string, state: MessageState, code: string | null) {
  return tx.query(sql.unsafe`
    UPDATE notification_message SET
      state = ${state}, code = ${code},
      ask_at = CASE WHEN ${state} <> 'sending' THEN (
        SELECT max(began_at) + ${FIRST_ASK_HOURS} * interval '1 hour' FROM notification_attempt AS attempt
        WHERE attempt.tenant_id = current_tenant() AND message_id = ${id} AND outcome = 'unknown') END
    WHERE tenant_id = current_tenant() AND id = ${id} AND state IN ('sending', 'failed')`);
}

/** Notes that it is put off after a failure. @returns how often it has been */
export function putOff(tx: Transaction, id: string, code: string): Promise<number> {
  return tx.oneFirst(sql.type(z.object({ tries: z.number() }))`
    UPDATE notification_message SET tries = tries + 1, code = ${code}
    WHERE tenant_id = current_tenant() AND id = ${id} RETURNING tries`);
}

export const ATTEMPT_OUTCOMES = [
  'sent',
  'again',
  'unknown',
  'rejected',
  'dead-address',
  'locked-out',
] as const;

const attemptRow = z.object({
  number: z.number(),
  provider: z.string(),
  began_at: z.date(),
  ended_at: z.date().nullable(),
  outcome: z.enum(ATTEMPT_OUTCOMES).nullable(),
  code: z.string().nullable(),
  message: z.string().nullable(),
  /** What went with it; null where that was not written down yet. */
  files: z.array(sentFile).readonly().nullable(),
});
export type Attempt = z.output<typeof attemptRow>;

export function attemptsOf(tx: Transaction, id: string): Promise<readonly Attempt[]> {
  return tx.any(sql.prepared('notification_attempts', attemptRow)`
    SELECT number, provider, began_at, ended_at, outcome, code, message, files FROM notification_attempt
    WHERE tenant_id = current_tenant() AND message_id = ${id} ORDER BY number`);
}

/** The attempts that were cut off: nobody knows how they ended. */
export async function closeCutOff(tx: Transaction, id: string, at: Date): Promise<void> {
  await tx.query(sql.unsafe`
    UPDATE notification_attempt SET ended_at = ${at.toISOString()}, outcome = 'unknown', code = 'cut-off',
           message = 'The worker that asked did not live to hear the answer.'
    WHERE tenant_id = current_tenant() AND message_id = ${id} AND ended_at IS NULL`);
}

/** The code of an attempt at which nobody was asked, as the provider was left alone: the next one takes its place. */
export const LEFT_ALONE = 'provider-left-alone';

export async function beginAttempt(
  tx: Transaction,
  id: string,
  {
    number,
    provider,
    at,
    files = [],
  }: { number: number; provider: string; at: Date; files?: readonly SentFile[] },
): Promise<void> {
  await tx.query(sql.unsafe`
    INSERT INTO notification_attempt (tenant_id, message_id, number, provider, began_at, files)
    VALUES (current_tenant(), ${id}, ${number}, ${provider}, ${at.toISOString()}, ${canonicalJson(files)}::jsonb)
    ON CONFLICT (tenant_id, message_id, number) DO UPDATE SET
      provider = excluded.provider, began_at = excluded.began_at, ended_at = NULL, outcome = NULL, code = NULL,
      message = NULL, files = excluded.files`);
}

/** Notes what goes with an attempt that has begun. */
export async function noteFiles(
  tx: Transaction,
  id: string,
  number: number,
  files: readonly SentFile[],
): Promise<void> {
  await tx.query(sql.unsafe`
    UPDATE notification_attempt SET files = ${canonicalJson(files)}::jsonb
    WHERE tenant_id = current_tenant() AND message_id = ${id} AND number = ${number}`);
}

/** Ends an attempt that failed. Where nobody was asked, nothing went with it. */
export async function endAttempt(
  tx: Transaction,
  id: string,
  ended: { number: number; outcome: ProviderErrorKind; code: string; message: string; at: Date },
): Promise<void> {
  await tx.query(sql.unsafe`
    UPDATE notification_attempt SET ended_at = ${ended.at.toISOString()}, outcome = ${ended.outcome},
           code = ${ended.code}, message = ${ended.message.slice(0, MESSAGE_LENGTH_MAX)},
           files = CASE WHEN ${ended.code} = ${LEFT_ALONE} THEN '[]' ELSE files END
    WHERE tenant_id = current_tenant() AND message_id = ${id} AND number = ${ended.number}`);
}

const MESSAGE_LENGTH_MAX = 1_000;

/**
 * The attempt ended well, and with it the sending. A receipt may have been faster: then its word stands.
 * `ask_at` is when the provider is asked what became of it, should it tell nothing.
 */
export async function noteSent(
  tx: Transaction,
  id: string,
  sent: { number: number; provider: string; provider_id: string | null; at: Date; ask_at: Date | null },
): Promise<void> {
  const at = sent.at.toISOString();
  const ask_at = sent.ask_at?.toISOString() ?? null;
  await tx.query(sql.prepared('note_notification_sent', z.object({}))`
    WITH ended AS (
      UPDATE notification_attempt SET ended_at = ${at}, outcome = 'sent'
      WHERE tenant_id = current_tenant() AND message_id = ${id} AND number = ${sent.number}
    )
    UPDATE notification_message SET
      state = CASE WHEN state IN ('delivered', 'bounced') THEN state ELSE 'sent' END,
      code = CASE WHEN state = 'bounced' THEN code END,
      ask_at = CASE WHEN state NOT IN ('delivered', 'bounced') THEN ${ask_at}::timestamptz END,
      provider = ${sent.provider}, provider_id = coalesce(${sent.provider_id}, provider_id), sent_at = ${at}
    WHERE tenant_id = current_tenant() AND id = ${id}`);
}
