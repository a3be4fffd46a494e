import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import { CHANNELS, type Channel } from '../channels.ts';

export const SUPPRESSION_REASONS = ['dead-address', 'bounced', 'spam', 'opted-out', 'asked'] as const;

const suppressionRow = z.object({
  channel: z.enum(CHANNELS),
  address: z.string(),
  reason: z.enum(SUPPRESSION_REASONS),
  detail: z.string().nullable(),
  since: z.date(),
});
/** An address to which nothing more is sent by a channel, and why. */
export type Suppression = z.output<typeof suppressionRow>;

/** The first reason stands: a later one tells nothing new. @returns whether it is new */
export async function suppress(tx: Transaction, suppression: Suppression): Promise<boolean> {
  const { channel, address, reason, detail, since } = suppression;
  const { rowCount } = await tx.query(sql.unsafe`
    INSERT INTO notification_suppression (tenant_id, channel, address, reason, detail, since)
    VALUES (current_tenant(), ${channel}, ${sameAddress(address)}, ${reason}, ${detail}, ${since.toISOString()})
    ON CONFLICT (tenant_id, channel, address) DO NOTHING`);
  return rowCount > 0;
}

export function suppressionOf(
  tx: Transaction,
  channel: Channel,
  address: string,
): Promise<Suppression | null> {
  return tx.maybeOne(sql.prepared('notification_suppression', suppressionRow)`
    SELECT channel, address, reason, detail, since FROM notification_suppression
    WHERE tenant_id = current_tenant() AND channel = ${channel} AND address = ${sameAddress(address)}`);
}

/** @returns whether there was one */
export async function liftSuppression(tx: Transaction, channel: Channel, address: string): Promise<boolean> {
  const { rowCount } = await tx.query(sql.unsafe`
    DELETE FROM notification_suppression
    WHERE tenant_id = current_tenant() AND channel = ${channel} AND address = ${sameAddress(address)}`);
  return rowCount > 0;
}

/** Mail servers do not tell capitals from small letters. */
function sameAddress(address: string): string {
  return address.includes('@') ? address.toLowerCase() : address;
}
