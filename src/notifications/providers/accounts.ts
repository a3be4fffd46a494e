import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import type { SecretBox } from '../../secrets/secret-box.ts';
import { CHANNELS, type Channel } from '../channels.ts';
import { NotificationError } from '../errors.ts';
import { ASKED, openLane } from '../lanes.ts';
import type { Provider } from './provider.ts';

export const PLACE_MAX = 9;

const accountRow = z.object({
  channel: z.enum(CHANNELS),
  provider: z.string(),
  place: z.number(),
  state: z.enum(['enabled', 'disabled']),
  shown: z.record(z.string(), z.string()),
  updated_by: z.string(),
  updated_at: z.date(),
});
/** An account as it may be shown: without its secrets. */
export type ShownProviderAccount = z.output<typeof accountRow>;

const SHOWN = sql.fragment`channel, provider, place, state, shown, updated_by, updated_at`;

/** Whose account, with which provider of which channel. */
export interface ProviderPlace {
  tenant: string;
  channel: Channel;
  provider: string;
}

/** Who wishes something about it, and when. */
export interface ProviderWish extends ProviderPlace {
  /** `service:NAME` or `operator:NAME`. */
  actor: string;
  now: Date;
}

export interface ProviderAccountRequest {
  /** As the provider's schema has read them. */
  credentials: unknown;
  /** In which place it is tried, 1 the first; unsaid: where it stood, or after all others. */
  place?: number | undefined;
}

/**
 * Sets a tenant's account with a provider, whole; it may be repeated. A disabled account stays disabled. What waits
 * since the provider, or the lack of one, held the lane goes out.
 */
export async function setProviderAccount(
  tx: Transaction,
  box: SecretBox,
  wish: ProviderWish,
  provider: Provider,
  { credentials, place = 0 }: ProviderAccountRequest,
): Promise<ShownProviderAccount> {
  const { channel, provider: name, actor } = wish;
  const sealed = sql.binary(box.seal(Buffer.from(JSON.stringify(credentials)), placeOf(wish)));
  const shown = JSON.stringify(provider.shown(credentials));
  const account = await tx.one(sql.type(accountRow)`
    INSERT INTO notification_provider (tenant_id, channel, provider, place, credentials, shown, updated_by)
    SELECT current_tenant(), ${channel}, ${name},
           COALESCE(NULLIF(${place}, 0), LEAST(${PLACE_MAX}, COALESCE(max(place), 0) + 1)),
           ${sealed}, ${shown}::jsonb, ${actor}
    FROM notification_provider WHERE tenant_id = current_tenant() AND channel = ${channel}
    ON CONFLICT (tenant_id, channel, provider) DO UPDATE SET
      place = COALESCE(NULLIF(${place}, 0), notification_provider.place),
      credentials = excluded.credentials, shown = excluded.shown,
      version = notification_provider.version + 1, updated_by = excluded.updated_by, updated_at = now()
    RETURNING ${SHOWN}`);
  await letOut(tx, wish, account);
  return account;
}

/** A disabled one is passed over. @throws NotificationError not-found */
export async function turnProviderAccount(
  tx: Transaction,
  wish: ProviderWish,
  state: ShownProviderAccount['state'],
): Promise<ShownProviderAccount> {
  const { channel, provider, actor } = wish;
  await tx.query(sql.unsafe`
    UPDATE notification_provider SET
      state = ${state}, version = version + 1, updated_by = ${actor}, updated_at = now()
    WHERE tenant_id = current_tenant() AND channel = ${channel} AND provider = ${provider} AND state <> ${state}`);
  const account = await providerAccount(tx, wish);
  await letOut(tx, wish, account);
  return account;
}

/** Whatever machines held the lane for may be mended with the account; what is not, the next message holds it for again. */
async function letOut(
  tx: Transaction,
  { tenant, channel, actor, now }: ProviderWish,
  { state }: ShownProviderAccount,
): Promise<void> {
  if (state === 'disabled') return;
  await openLane(tx, { tenant, channel, unless_held_for: ASKED, by: actor, at: now });
}

/** Forgets it, its secrets with it. @throws NotificationError not-found */
export async function removeProviderAccount(
  tx: Transaction,
  wish: ProviderPlace,
): Promise<ShownProviderAccount> {
  const removed = await tx.maybeOne(sql.type(accountRow)`
    DELETE FROM notification_provider
    WHERE tenant_id = current_tenant() AND channel = ${wish.channel} AND provider = ${wish.provider}
    RETURNING ${SHOWN}`);
  if (!removed) throw missing(wish);
  return removed;
}

/** @throws NotificationError not-found */
export async function providerAccount(tx: Transaction, wish: ProviderPlace): Promise<ShownProviderAccount> {
  const account = await tx.maybeOne(sql.type(accountRow)`
    SELECT ${SHOWN} FROM notification_provider
    WHERE tenant_id = current_tenant() AND channel = ${wish.channel} AND provider = ${wish.provider}`);
  if (!account) throw missing(wish);
  return account;
}

/** All of the tenant's, by channel, in the order in which they are tried. */
export function providerAccounts(tx: Transaction): Promise<readonly ShownProviderAccount[]> {
  return tx.any(sql.type(accountRow)`
    SELECT ${SHOWN} FROM notification_provider WHERE tenant_id = current_tenant()
    ORDER BY channel, place, provider`);
}

const sealedRow = z.object({
  provider: z.string(),
  version: z.number(),
  credentials: z.instanceof(Buffer),
});
/** An account that messages go through, not yet opened. */
export type SealedAccount = z.output<typeof sealedRow>;

/** The tenant's enabled accounts of a channel in its order: by their key, so a change counts from the next send on. */
export function sealedAccounts(tx: Transaction, channel: Channel): Promise<readonly SealedAccount[]> {
  return tx.any(sql.prepared('notification_providers', sealedRow)`
    SELECT provider, version, credentials FROM notification_provider
    WHERE tenant_id = current_tenant() AND channel = ${channel} AND state = 'enabled'
    ORDER BY place, provider`);
}

/** @throws Error where it was sealed with a key that is not here */
export function openSealed(
  box: SecretBox,
  { tenant, channel }: { tenant: string; channel: Channel },
  { provider, credentials }: SealedAccount,
): unknown {
  return JSON.parse(box.open(credentials, placeOf({ tenant, channel, provider })).toString());
}

function missing({ channel, provider }: ProviderPlace): NotificationError {
  return new NotificationError('not-found', `There is no account with ${provider} for ${channel} yet.`);
}

/** Where credentials belong: they open in no other tenant's row, and in no other provider's. */
export function placeOf({ tenant, channel, provider }: ProviderPlace): string {
  return `notification-provider/${tenant}/${channel}/${provider}`;
}
