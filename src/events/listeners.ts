import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../db/pools.ts';
import type { JobRequest } from '../runtime/definition.ts';

/**
 * A kind of job inside Kist that is told of events: one job for each event of these types, with the payload
 * `{ event, subject }`. Its key is made of the event, so that what is told twice is done once.
 */
export interface Listener {
  /** Of the tenant's: one listener a name. */
  name: string;
  kind: string;
  /** As an endpoint's: `loan.closed`, `loan.*` or `*`. */
  event_types: readonly string[];
}

/** The payload of a listener's job. */
export const heard = z.strictObject({ event: z.uuid(), subject: z.uuid() });
export type Heard = z.output<typeof heard>;

/** From now on the kind is told of events of these types; of others it is told no more. */
export async function listen(tx: Transaction, { name, kind, event_types }: Listener): Promise<void> {
  await tx.query(sql.unsafe`
    INSERT INTO event_listener (tenant_id, name, kind, event_types)
    VALUES (current_tenant(), ${name}, ${kind}, ${sql.array([...new Set(event_types)], 'text')})
    ON CONFLICT (tenant_id, name) DO UPDATE SET kind = excluded.kind, event_types = excluded.event_types`);
}

/** What was told before is still done. */
export async function stopListening(tx: Transaction, name: string): Promise<void> {
  await tx.query(sql.unsafe`
    DELETE FROM event_listener WHERE tenant_id = current_tenant() AND name = ${name}`);
}

export async function isListening(tx: Transaction, name: string): Promise<boolean> {
  return tx.exists(sql.unsafe`
    SELECT FROM event_listener WHERE tenant_id = current_tenant() AND name = ${name}`);
}

/** The job by which a kind is told of an event. */
export function hearingOf(kind: string, payload: Heard): JobRequest {
  return { kind, payload };
}
