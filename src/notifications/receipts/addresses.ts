import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import { parseTrustedProxies as parseBlocks } from '../../identity/client-ip.ts';
import { NotificationError } from '../errors.ts';

/** How long the former address is good beside a new one: so long, and longer, Brevo repeats what was told. */
export const FORMER_ADDRESS_HOURS = 48;

const SECRET_BYTES = 32;
const BLOCKS_MAX = 50;

/** Who may tell something: addresses and CIDR blocks, v4 and v6; none: everybody. */
export const allowedSchema = z
  .array(z.string().min(2).max(50).refine(isBlock, { error: 'must be an IP address or CIDR block' }))
  .max(BLOCKS_MAX);

function isBlock(text: string): boolean {
  try {
    parseBlocks(text);
    return !/[\s,]/.test(text);
  } catch {
    return false;
  }
}

const addressRow = z.object({
  provider: z.string(),
  allowed: z.array(z.string()),
  former_until: z.date().nullable(),
  updated_by: z.string(),
  updated_at: z.date(),
});
/** An address as it may be shown: without its secret. */
export type ShownReceiptAddress = z.output<typeof addressRow>;

const SHOWN = sql.fragment`
  provider, allowed, CASE WHEN former_until > now() THEN former_until END AS former_until, updated_by, updated_at`;

export interface ReceiptAddressWish {
  provider: string;
  /** `service:NAME` or `operator:NAME`. */
  actor: string;
}

/**
 * Makes the address at which a provider tells of a tenant's messages, or another one: then the former is good for
 * FORMER_ADDRESS_HOURS. @returns the path with its secret, which nobody can be shown again
 */
export async function makeReceiptAddress(
  tx: Transaction,
  tenant: string,
  { provider, actor }: ReceiptAddressWish,
): Promise<{ address: ShownReceiptAddress; path: string }> {
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  const hash = sql.binary(digestOf(secret));
  const address = await tx.one(sql.type(addressRow)`
    INSERT INTO notification_receipt_address AS known (tenant_id, provider, secret_hash, updated_by)
    VALUES (current_tenant(), ${provider}, ${hash}, ${actor})
    ON CONFLICT (tenant_id, provider) DO UPDATE SET
      secret_hash = excluded.secret_hash, former_hash = known.secret_hash,
      former_until = now() + ${FORMER_ADDRESS_HOURS} * interval '1 hour',
      version = known.version + 1, updated_by = excluded.updated_by, updated_at = now()
    RETURNING ${SHOWN}`);
  return { address, path: `/v1/receipts/${provider}/${tenant}/${secret}` };
}

/** Says from which addresses something may be told. @throws NotificationError not-found */
export async function allowReceiptsFrom(
  tx: Transaction,
  { provider, actor }: ReceiptAddressWish,
  allowed: readonly string[],
): Promise<ShownReceiptAddress> {
  const address = await tx.maybeOne(sql.type(addressRow)`
    UPDATE notification_receipt_address SET
      allowed = ${sql.array([...allowed], 'text')}, version = version + 1, updated_by = ${actor}, updated_at = now()
    WHERE tenant_id = current_tenant() AND provider = ${provider}
    RETURNING ${SHOWN}`);
  if (!address) throw missing(provider);
  return address;
}

/** Nothing can be told there any more, the former address included. @throws NotificationError not-found */
export async function removeReceiptAddress(tx: Transaction, provider: string): Promise<ShownReceiptAddress> {
  const removed = await tx.maybeOne(sql.type(addressRow)`
    DELETE FROM notification_receipt_address
    WHERE tenant_id = current_tenant() AND provider = ${provider}
    RETURNING ${SHOWN}`);
  if (!removed) throw missing(provider);
  return removed;
}

export function receiptAddresses(tx: Transaction): Promise<readonly ShownReceiptAddress[]> {
  return tx.any(sql.type(addressRow)`
    SELECT ${SHOWN} FROM notification_receipt_address WHERE tenant_id = current_tenant() ORDER BY provider`);
}

const keptRow = z.object({
  version: z.number(),
  secret_hash: z.instanceof(Buffer),
  former_hash: z.instanceof(Buffer).nullable(),
  former_until: z.date().nullable(),
  allowed: z.array(z.string()),
});
/** What who tells something is known by, as of a version of its row. */
export type KeptReceiptAddress = z.output<typeof keptRow>;

/** Null where there is no such tenant, or no address of this provider's. */
export function keptReceiptAddress(tx: Transaction, provider: string): Promise<KeptReceiptAddress | null> {
  return tx.maybeOne(sql.prepared('receipt_address', keptRow)`
    SELECT version, secret_hash, former_hash, former_until, allowed FROM notification_receipt_address
    WHERE tenant_id = current_tenant() AND provider = ${provider}`);
}

/** Of nobody: what comes for an address that is not there is compared as well, and takes as long. */
const NOBODY: KeptReceiptAddress = {
  ...{ version: 0, secret_hash: randomBytes(32), former_hash: null, former_until: null, allowed: [] },
};

/** Whether who came with this secret, from this address, may tell something. @returns the row's version */
export function admits(
  kept: KeptReceiptAddress | null,
  { secret, ip }: { secret: string; ip: string | null },
): { version: number } | null {
  const { version, secret_hash, former_hash, former_until, allowed } = kept ?? NOBODY;
  const digest = digestOf(secret);
  const is_present = timingSafeEqual(digest, secret_hash);
  const is_former = timingSafeEqual(digest, former_hash ?? NOBODY.secret_hash);
  const is_good = is_present || (is_former && former_until !== null && former_until.getTime() > Date.now());
  return is_good && isAllowed(ip, allowed) ? { version } : null;
}

function isAllowed(ip: string | null, allowed: readonly string[]): boolean {
  if (allowed.length === 0) return true;
  return ip !== null && parseBlocks(allowed.join(',')).check(ip, isIP(ip) === 6 ? 'ipv6' : 'ipv4');
}

/** One round is enough: what is hashed is random, and nobody's choice. */
function digestOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

function missing(provider: string): NotificationError {
  return new NotificationError('not-found', `There is no address for receipts of ${provider} yet.`);
}
