import { randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { EventDraft } from '../../src/events/emit.ts';
import { NOON, TODAY } from '../ledger/books.ts';
import type { TestDatabase } from '../support/database.ts';

/** A row of an endpoint that wants the types given, for tests in which nothing is sent. */
export async function subscriber(
  database: TestDatabase,
  event_types: string[],
  { tenant = 'acme', state = 'enabled' } = {},
): Promise<string> {
  const id = uuidv7();
  await database.superuser(
    `INSERT INTO webhook_endpoint (tenant_id, id, url, event_types, secret, created_by, state, disabled_at, disabled_reason)
     VALUES ($1, $2::uuid, 'https://receiver.example/' || $2::uuid, $3, $4, 'service:test', $5::text,
             CASE WHEN $5 = 'disabled' THEN now() END, CASE WHEN $5 = 'disabled' THEN 'asked' END)`,
    [tenant, id, event_types, randomBytes(64), state],
  );
  return id;
}

export function happened(
  subject: string,
  type = 'loan.repaid',
  data: Record<string, unknown> = {},
): EventDraft {
  return { subject, type, at: NOON, business_date: TODAY, data };
}
