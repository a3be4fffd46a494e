import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';

/** An event as a gateway told it, its signature found good. */
export interface Told {
  gateway: string;
  /** The gateway's own id of it. */
  event_id: string;
  type: string;
  object: string | null;
  /** The bytes as they came: what was signed. */
  body: Buffer;
  signed_with: 'present' | 'former';
  /** Of the account whose secret it was signed with. */
  version: number;
}

export type Stored =
  | { status: 'stored'; id: string }
  /** It was told before. */
  | { status: 'known' }
  /** The account is another one by now, or disabled: its secrets must be looked at again. */
  | { status: 'outdated' };

const storedRow = z.object({ id: z.string(), gateway: z.string(), event_id: z.string() });

/**
 * Stores events, each once by its gateway's own id; only on condition that the account still stands as it did
 * when the signature was checked. @returns one answer per event, in order
 */
export async function storeCallbacks(tx: Transaction, told: readonly Told[]): Promise<Stored[]> {
  const rows = told.map((each) => [
    ...[each.gateway, each.event_id, each.type, each.object, each.body, each.signed_with, each.version],
  ]);
  const columns = ['text', 'text', 'text', 'text', 'bytea', 'text', 'int4'];
  const inserted = await tx.any(sql.prepared('store_callbacks', storedRow)`
    INSERT INTO callback_event (tenant_id, gateway, event_id, type, object, body, signed_with)
    SELECT current_tenant(), told.gateway, event_id, type, object, body, signed_with
    FROM ${sql.unnest(rows, columns)}
      AS told (gateway, event_id, type, object, body, signed_with, version), LATERAL (
      SELECT FROM payment_gateway AS account
      WHERE account.tenant_id = current_tenant() AND account.gateway = told.gateway
        AND account.version = told.version AND account.state = 'enabled'
      LIMIT 1) AS signer
    -- Two groups that hold the same events wait for each other, and never in a circle.
    ORDER BY event_id
    ON CONFLICT (tenant_id, gateway, event_id) DO NOTHING
    RETURNING id, gateway, event_id`);
  const fresh = new Map(inserted.map((row) => [nameOf(row), row.id]));
  const known = fresh.size < told.length ? await knownAmong(tx, told) : new Set();
  return told.map((each) => {
    const name = nameOf(each);
    const id = fresh.get(name);
    if (id !== undefined && fresh.delete(name)) return { status: 'stored', id };
    return { status: known.has(name) ? 'known' : 'outdated' };
  });
}

async function knownAmong(tx: Transaction, told: readonly Told[]): Promise<Set<string>> {
  const rows = told.map(({ gateway, event_id }) => [gateway, event_id]);
  const known = await tx.any(sql.prepared('known_callbacks', storedRow)`
    SELECT known.id, known.gateway, known.event_id
    FROM ${sql.unnest(rows, ['text', 'text'])} AS told (gateway, event_id), LATERAL (
      SELECT id, gateway, event_id FROM callback_event
      WHERE tenant_id = current_tenant() AND gateway = told.gateway AND event_id = told.event_id
      LIMIT 1) AS known`);
  return new Set(known.map(nameOf));
}

function nameOf({ gateway, event_id }: { gateway: string; event_id: string }): string {
  return `${gateway} ${event_id}`;
}

const lockedRow = z.object({
  id: z.string(),
  gateway: z.string(),
  event_id: z.string(),
  type: z.string(),
  body: z.instanceof(Buffer),
  outcome: z.string().nullable(),
});
export type CallbackEvent = z.output<typeof lockedRow>;

/** Null where there is no such event. */
export function lockCallback(tx: Transaction, id: string): Promise<CallbackEvent | null> {
  return tx.maybeOne(sql.prepared('lock_callback', lockedRow)`
    SELECT id, gateway, event_id, type, body, outcome FROM callback_event
    WHERE tenant_id = current_tenant() AND id = ${id}
    FOR NO KEY UPDATE`);
}

/** To be called in the transaction of the last of its effects. */
export async function markApplied(tx: Transaction, id: string, outcome: string): Promise<void> {
  await tx.query(sql.prepared('mark_callback_applied', z.object({}))`
    UPDATE callback_event SET applied_at = now(), outcome = ${outcome}
    WHERE tenant_id = current_tenant() AND id = ${id} AND applied_at IS NULL`);
}

const shownRow = z.object({
  id: z.string(),
  gateway: z.string(),
  event_id: z.string(),
  type: z.string(),
  object: z.string().nullable(),
  signed_with: z.enum(['present', 'former']),
  received_at: z.date(),
  applied_at: z.date().nullable(),
  outcome: z.string().nullable(),
});
export type ShownCallback = z.output<typeof shownRow>;

const SHOWN = sql.fragment`id, gateway, event_id, type, object, signed_with, received_at, applied_at, outcome`;

/** Latest first. @param after the id that the page before ended with */
export function callbacksOf(
  tx: Transaction,
  filter: { object?: string | undefined; after?: string | undefined; limit: number },
): Promise<readonly ShownCallback[]> {
  const { object = null, after = null, limit } = filter;
  return tx.any(sql.type(shownRow)`
    SELECT ${SHOWN} FROM callback_event
    WHERE tenant_id = current_tenant() AND (${object}::text IS NULL OR object = ${object})
      AND (${after}::uuid IS NULL OR id < ${after}::uuid)
    ORDER BY id DESC
    LIMIT ${limit}`);
}

/** One with what it said; null where there is none. */
export function callbackWithBody(
  tx: Transaction,
  id: string,
): Promise<(ShownCallback & { body: Buffer }) | null> {
  return tx.maybeOne(sql.type(shownRow.extend({ body: z.instanceof(Buffer) }))`
    SELECT ${SHOWN}, body FROM callback_event WHERE tenant_id = current_tenant() AND id = ${id}`);
}
