import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../db/pools.ts';
import { Hold } from '../runtime/outcomes.ts';
import { CHANNELS, type Channel } from './channels.ts';

/** What a job is held under while its lane is: opening the lane lets exactly these go. */
export const LANE_HELD = 'lane-held';

const holdRow = z.object({
  channel: z.enum(CHANNELS),
  code: z.string(),
  message: z.string(),
  held_by: z.string(),
  held_at: z.date(),
});
/** Why nothing is sent by a channel. */
export type LaneHold = z.output<typeof holdRow>;

const COLUMNS = sql.fragment`channel, code, message, held_by, held_at`;

/** @throws Hold where the tenant's lane of the channel is held */
export async function passLane(tx: Transaction, channel: Channel): Promise<void> {
  const hold = await tx.maybeOne(sql.prepared('notification_lane_hold', holdRow)`
    SELECT ${COLUMNS} FROM notification_lane_hold WHERE tenant_id = current_tenant() AND channel = ${channel}`);
  if (hold) throw new Hold(LANE_HELD, `Nothing is sent by ${channel}: ${hold.message}`);
}

export function laneHolds(tx: Transaction): Promise<readonly LaneHold[]> {
  return tx.any(sql.type(holdRow)`
    SELECT ${COLUMNS} FROM notification_lane_hold WHERE tenant_id = current_tenant() ORDER BY channel`);
}

/** Holds a lane; one that is held already stays held for its first reason. @returns whether it is new */
export async function holdLane(tx: Transaction, hold: LaneHold): Promise<boolean> {
  const { channel, code, message, held_by, held_at } = hold;
  const { rowCount } = await tx.query(sql.unsafe`
    INSERT INTO notification_lane_hold (tenant_id, channel, code, message, held_by, held_at)
    VALUES (current_tenant(), ${channel}, ${code}, ${message}, ${held_by}, ${held_at.toISOString()})
    ON CONFLICT (tenant_id, channel) DO NOTHING`);
  return rowCount > 0;
}

/** Opens a lane; LaneDuty lets out what waits. @returns whether it was held */
export async function openLane(tx: Transaction, channel: Channel): Promise<boolean> {
  const { rowCount } = await tx.query(sql.unsafe`
    DELETE FROM notification_lane_hold WHERE tenant_id = current_tenant() AND channel = ${channel}`);
  return rowCount > 0;
}
