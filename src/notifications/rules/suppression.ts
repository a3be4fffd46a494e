import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import { CHANNELS, type Channel } from '../channels.ts';
import type { Category } from '../payload.ts';

export const SUPPRESSION_REASONS = ['dead-address', 'bounced', 'spam', 'opted-out', 'asked'] as const;
export type SuppressionReason = (typeof SUPPRESSION_REASONS)[number];

/** From the narrowest to the widest; each holds for what the ones before it do. */
export const STOPS = ['marketing', 'all-but-transactional', 'everything'] as const;
export type Stops = (typeof STOPS)[number];

/** What reaches nobody, or is taken for spam, is not tried again whatever it says; a wish leaves what must be told. */
const STOPPED_BY: Record<SuppressionReason, Stops> = {
  'dead-address': 'everything',
  bounced: 'everything',
  spam: 'everything',
  'opted-out': 'all-but-transactional',
  asked: 'everything',
};

const suppressionRow = z.object({
  id: z.string(),
  channel: z.enum(CHANNELS),
  address: z.string(),
  reason: z.enum(SUPPRESSION_REASONS),
  detail: z.string().nullable(),
  stops: z.enum(STOPS),
  since: z.date(),
});
/** An address to which some or all is no longer sent by a channel, and why. */
export type Suppression = z.output<typeof suppressionRow>;

const COLUMNS = sql.fragment`id, channel, address, reason, detail, stops, since`;

/** `stops` is by its reason where it is not said. */
export type NewSuppression = Omit<Suppression, 'id' | 'stops'> & { stops?: Stops | undefined };

/** The first reason stands, unless a later one stops more. @returns whether it is new or stops more */
export async function suppress(tx: Transaction, suppression: NewSuppression): Promise<boolean> {
  const { channel, address, reason, detail, since } = suppression;
  const stops = suppression.stops ?? STOPPED_BY[reason];
  const rank = sql.array([...STOPS], 'text');
  const { rowCount } = await tx.query(sql.unsafe`
    INSERT INTO notification_suppression AS known (tenant_id, channel, address, reason, detail, stops, since)
    VALUES (current_tenant(), ${channel}, ${sameAddress(address)}, ${reason}, ${detail}, ${stops}, ${since.toISOString()})
    ON CONFLICT (tenant_id, channel, address) DO UPDATE SET
      reason = excluded.reason, detail = excluded.detail, stops = excluded.stops, since = excluded.since
    WHERE array_position(${rank}, excluded.stops) > array_position(${rank}, known.stops)`);
  return rowCount > 0;
}

export function suppressionOf(
  tx: Transaction,
  channel: Channel,
  address: string,
): Promise<Suppression | null> {
  return tx.maybeOne(sql.prepared('notification_suppression', suppressionRow)`
    SELECT ${COLUMNS} FROM notification_suppression
    WHERE tenant_id = current_tenant() AND channel = ${channel} AND address = ${sameAddress(address)}`);
}

export function isStopped({ stops }: Pick<Suppression, 'stops'>, category: Category): boolean {
  switch (stops) {
    case 'everything':
      return true;
    case 'all-but-transactional':
      return category !== 'transactional';
    case 'marketing':
      return category === 'marketing';
  }
}

export interface SuppressionFilter {
  channel?: Channel | undefined;
  /** The page begins after this id. */
  after?: string | undefined;
  limit: number;
}

/** Newest first. */
export function listSuppressions(
  tx: Transaction,
  filter: SuppressionFilter,
): Promise<readonly Suppression[]> {
  const conditions = [sql.fragment`tenant_id = current_tenant()`];
  if (filter.channel) conditions.push(sql.fragment`channel = ${filter.channel}`);
  if (filter.after) conditions.push(sql.fragment`id < ${filter.after}::uuid`);
  return tx.any(sql.type(suppressionRow)`
    SELECT ${COLUMNS} FROM notification_suppression
    WHERE ${sql.join(conditions, sql.fragment` AND `)}
    ORDER BY id DESC LIMIT ${filter.limit}`);
}

const countRow = z.object({ reason: z.enum(SUPPRESSION_REASONS), addresses: z.int() });
export type SuppressionCount = z.output<typeof countRow>;

/** How many addresses are left alone, by the reason. */
export function countSuppressions(tx: Transaction): Promise<readonly SuppressionCount[]> {
  return tx.any(sql.type(countRow)`
    SELECT reason, count(*)::int4 AS addresses FROM notification_suppression
    WHERE tenant_id = current_tenant() GROUP BY reason ORDER BY reason`);
}

/** What is accepted from now on is sent again. @returns whether there was one */
export async function liftSuppression(tx: Transaction, id: string): Promise<boolean> {
  const { rowCount } = await tx.query(sql.unsafe`
    DELETE FROM notification_suppression WHERE tenant_id = current_tenant() AND id = ${id}`);
  return rowCount > 0;
}

/** Mail servers do not tell capitals from small letters. */
function sameAddress(address: string): string {
  return address.includes('@') ? address.toLowerCase() : address;
}
