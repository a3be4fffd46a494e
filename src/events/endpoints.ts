import { sql } from 'slonik';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import type { Transaction } from '../db/pools.ts';
import type { SecretBox } from '../secrets/secret-box.ts';
import { EventError } from './errors.ts';
import { newSecret, secretText } from './signature.ts';

export const ENDPOINTS_MAX = 20;
/** How long the former secret signs beside a new one. */
export const GRACE_HOURS_DEFAULT = 24;
export const GRACE_HOURS_MAX = 168;
export const DISABLED_REASONS = ['asked', 'gone', 'failing'] as const;

const endpointRow = z.object({
  id: z.string(),
  url: z.string(),
  description: z.string(),
  event_types: z.array(z.string()),
  state: z.enum(['enabled', 'disabled']),
  /** asked: by somebody; gone: it answered 410; failing: for days nothing could be delivered. */
  disabled_reason: z.enum(DISABLED_REASONS).nullable(),
  disabled_at: z.date().nullable(),
  failing_since: z.date().nullable(),
  former_secret_until: z.date().nullable(),
  created_by: z.string(),
  created_at: z.date(),
});
export type Endpoint = z.output<typeof endpointRow>;

const COLUMNS = sql.fragment`
  id, url, description, event_types, state, disabled_reason, disabled_at, failing_since,
  CASE WHEN former_secret_until > now() THEN former_secret_until END AS former_secret_until, created_by, created_at`;

/** An endpoint with its secret as text, which is shown this once. */
export interface WithSecret {
  endpoint: Endpoint;
  secret: string;
}

export interface NewEndpoint {
  tenant: string;
  /** Looked at by the guard before. */
  url: string;
  description: string;
  event_types: readonly string[];
  /** `service:NAME` or `operator:NAME`. */
  actor: string;
}

/** @throws EventError too-many-endpoints, already-exists (one with that address) */
export async function addEndpoint(tx: Transaction, box: SecretBox, wish: NewEndpoint): Promise<WithSecret> {
  const { count } = await tx.one(sql.type(z.object({ count: z.number() }))`
    SELECT count(*)::int4 AS count FROM webhook_endpoint WHERE tenant_id = current_tenant()`);
  if (count >= ENDPOINTS_MAX)
    throw new EventError('too-many-endpoints', `A tenant has at most ${ENDPOINTS_MAX} endpoints.`);
  const id = uuidv7();
  const secret = newSecret();
  const endpoint = await tx.maybeOne(sql.type(endpointRow)`
    INSERT INTO webhook_endpoint (tenant_id, id, url, description, event_types, secret, created_by)
    VALUES (current_tenant(), ${id}, ${wish.url}, ${wish.description},
            ${sql.array([...new Set(wish.event_types)], 'text')}, ${sql.binary(box.seal(secret, placeOf(wish.tenant, id)))},
            ${wish.actor})
    ON CONFLICT ON CONSTRAINT webhook_endpoint_url DO NOTHING
    RETURNING ${COLUMNS}`);
  if (!endpoint) throw addressTaken();
  return { endpoint, secret: secretText(secret) };
}

export function listEndpoints(tx: Transaction): Promise<readonly Endpoint[]> {
  return tx.any(sql.type(endpointRow)`
    SELECT ${COLUMNS} FROM webhook_endpoint WHERE tenant_id = current_tenant() ORDER BY id`);
}

/** @throws EventError not-found */
export async function endpointOf(tx: Transaction, id: string): Promise<Endpoint> {
  return found(
    id,
    await tx.maybeOne(sql.type(endpointRow)`
      SELECT ${COLUMNS} FROM webhook_endpoint WHERE tenant_id = current_tenant() AND id = ${id}`),
  );
}

export interface EndpointChange {
  url?: string | undefined;
  description?: string | undefined;
  event_types?: readonly string[] | undefined;
  state?: 'enabled' | 'disabled' | undefined;
}

/**
 * Changes what is given; enabling forgets past failures. An address is looked at by the guard before.
 * @throws EventError not-found, already-exists (another one with that address)
 */
export async function changeEndpoint(tx: Transaction, id: string, change: EndpointChange): Promise<Endpoint> {
  const { url = null, description = null, event_types = null, state = null } = change;
  const taken = await tx.maybeOne(sql.type(z.object({ id: z.string() }))`
    SELECT id FROM webhook_endpoint WHERE tenant_id = current_tenant() AND url = ${url} AND id <> ${id}`);
  if (taken) throw addressTaken();
  const types = event_types === null ? null : sql.array([...new Set(event_types)], 'text');
  return found(
    id,
    await tx.maybeOne(sql.type(endpointRow)`
      UPDATE webhook_endpoint SET
        url = coalesce(${url}, url), description = coalesce(${description}, description),
        event_types = coalesce(${types}, event_types), state = coalesce(${state}, state),
        disabled_at = CASE coalesce(${state}, state) WHEN 'disabled' THEN coalesce(disabled_at, now()) END,
        disabled_reason = CASE coalesce(${state}, state) WHEN 'disabled' THEN coalesce(disabled_reason, 'asked') END,
        failing_since = CASE WHEN ${state}::text IS DISTINCT FROM 'enabled' THEN failing_since END
      WHERE tenant_id = current_tenant() AND id = ${id}
      RETURNING ${COLUMNS}`),
  );
}

/** Its waiting deliveries are cancelled when their time comes. @throws EventError not-found */
export async function removeEndpoint(tx: Transaction, id: string): Promise<void> {
  const { rowCount } = await tx.query(sql.unsafe`
    DELETE FROM webhook_endpoint WHERE tenant_id = current_tenant() AND id = ${id}`);
  found(id, rowCount === 1 ? true : null);
}

/**
 * Gives an endpoint a new secret. The present one signs beside it for `grace_hours` more; one that was
 * replaced before that signs no more. @throws EventError not-found
 */
export async function rotateSecret(
  tx: Transaction,
  box: SecretBox,
  { tenant, id, grace_hours }: { tenant: string; id: string; grace_hours: number },
): Promise<WithSecret> {
  const secret = newSecret();
  const sealed = sql.binary(box.seal(secret, placeOf(tenant, id)));
  const endpoint = await tx.maybeOne(sql.type(endpointRow)`
    UPDATE webhook_endpoint SET
      secret = ${sealed}, former_secret = secret, former_secret_until = now() + ${grace_hours} * interval '1 hour'
    WHERE tenant_id = current_tenant() AND id = ${id}
    RETURNING ${COLUMNS}`);
  return { endpoint: found(id, endpoint), secret: secretText(secret) };
}

const targetRow = z.object({
  url: z.string(),
  state: z.enum(['enabled', 'disabled']),
  disabled_for_s: z.number().nullable(),
  failing: z.boolean(),
  secrets: z.array(z.instanceof(Buffer)),
});
/** Where to send and what to sign with. */
export type Target = z.output<typeof targetRow>;

/** Null where the endpoint was removed. The secrets, newest first, are for the message alone. */
export async function targetOf(
  tx: Transaction,
  box: SecretBox,
  { tenant, id }: { tenant: string; id: string },
): Promise<Target | null> {
  const target = await tx.maybeOne(sql.prepared('webhook_target', targetRow)`
    SELECT url, state, extract(epoch FROM now() - disabled_at)::float8 AS disabled_for_s,
           failing_since IS NOT NULL AS failing,
           CASE WHEN former_secret_until > now() THEN ARRAY[secret, former_secret] ELSE ARRAY[secret] END AS secrets
    FROM webhook_endpoint WHERE tenant_id = current_tenant() AND id = ${id}`);
  return (
    target && { ...target, secrets: target.secrets.map((sealed) => box.open(sealed, placeOf(tenant, id))) }
  );
}

/** Where a secret belongs: it opens in no other tenant's row and no other endpoint's. */
export function placeOf(tenant: string, id: string): string {
  return `webhook-endpoint/${tenant}/${id}`;
}

function addressTaken(): EventError {
  return new EventError('already-exists', 'There is a webhook endpoint with this address.');
}

function found<T>(id: string, row: T | null): T {
  if (row === null) throw new EventError('not-found', `There is no webhook endpoint ${id}.`);
  return row;
}
