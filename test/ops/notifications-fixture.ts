import { v7 as uuidv7 } from 'uuid';
import type { TestDatabase } from '../support/database.ts';

interface PlantedMessage {
  tenant: string;
  channel: 'email' | 'sms' | 'push';
  /** Of its job; a message that never came to be sent has no row. */
  job?: 'pending' | 'done' | 'dead' | 'held' | 'cancelled';
  message?: 'sending' | 'sent' | 'delivered' | 'bounced' | 'failed' | 'stopped';
  code?: string;
  address?: string;
  /** How its attempts ended. */
  attempts?: readonly string[];
  /** What went with each of them. */
  files?: readonly object[];
  /** How long ago it was accepted, begun, and came to rest. */
  ago?: string;
}

/** A message as if it had come to stand so. @returns its notification */
export async function plantMessage(database: TestDatabase, planted: PlantedMessage): Promise<string> {
  const { tenant, channel, job = 'done', message, code = null, ago = '0', attempts = [] } = planted;
  const { address = 'asha.rao@example.in', files = [] } = planted;
  const [id, notification] = [uuidv7(), uuidv7()];
  await database.superuser(
    `INSERT INTO job (tenant_id, id, kind, queue, key, fingerprint, version, payload, attempt_limit, accepted_by, state,
                      code, accepted_at, rested_at)
     VALUES ($1, $2, 'notification.' || $3, 'notifications-' || $3, $4, '', 1,
             jsonb_build_object('recipient', jsonb_build_object('address', $5::text)), 5, 'service:test', $6, $7,
             now() - $8::interval, CASE WHEN $6 <> 'pending' THEN now() - $8::interval END)`,
    [tenant, id, channel, notification, address, job, code, ago],
  );
  if (message === undefined) return notification;
  await database.superuser(
    `INSERT INTO notification_message (tenant_id, id, notification_id, channel, state, code, recipient, address, category,
                                       content, content_hash, created_at, counted_at)
     VALUES ($1, $2, $3, $4, $5, $6, 'borrower-7', $7, 'reminder', '{}', '', now() - $8::interval, now())`,
    [tenant, id, notification, channel, message, code, address, ago],
  );
  for (const [index, outcome] of attempts.entries()) {
    await database.superuser(
      `INSERT INTO notification_attempt (tenant_id, message_id, number, provider, began_at, ended_at, outcome, files)
       VALUES ($1, $2, $3, 'brevo', now() - $4::interval, now(), $5, $6)`,
      [tenant, id, index + 1, ago, outcome, JSON.stringify(files)],
    );
  }
  return notification;
}

export async function plantHold(
  database: TestDatabase,
  { tenant, channel, code, message }: { tenant: string; channel: string; code: string; message: string },
): Promise<void> {
  await database.superuser(
    `INSERT INTO notification_lane_hold (tenant_id, channel, code, message, held_by, held_at)
     VALUES ($1, $2, $3, $4, 'job:7', '2026-11-20T06:30:00Z')`,
    [tenant, channel, code, message],
  );
}
