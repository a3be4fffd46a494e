import { sql } from 'slonik';
import { v5 as uuidv5 } from 'uuid';
import { z } from 'zod';
import type { Transaction } from '../db/pools.ts';
import { emit } from '../events/emit.ts';
import { businessDateAt } from '../ledger/business-day.ts';
import { Hold } from '../runtime/outcomes.ts';
import { CHANNELS, type Channel } from './channels.ts';

/** What a job is held under while its lane is: opening the lane lets exactly these go. */
export const LANE_HELD = 'lane-held';
/** Why a lane is held that a person held: only people open it. */
export const ASKED = 'asked';
/** Why a lane is held that has nobody to send by. */
export const NO_PROVIDER = 'no-provider';

/** Events of a lane are told in their order: its id is made of its tenant and channel. */
const LANES = '0197a3c0-5a1e-7b57-9d3c-6b6973740026';

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
export async function holdLane(tx: Transaction, tenant: string, hold: LaneHold): Promise<boolean> {
  const { channel, code, message, held_by, held_at } = hold;
  const { rowCount } = await tx.query(sql.unsafe`
    INSERT INTO notification_lane_hold (tenant_id, channel, code, message, held_by, held_at)
    VALUES (current_tenant(), ${channel}, ${code}, ${message}, ${held_by}, ${held_at.toISOString()})
    ON CONFLICT (tenant_id, channel) DO NOTHING`);
  if (rowCount > 0) await tell(tx, 'held', { tenant, channel, code, by: held_by, at: held_at });
  return rowCount > 0;
}

/** Who opens which lane. */
export interface Opening {
  tenant: string;
  channel: Channel;
  /** Not where it is held for this. */
  unless_held_for?: string;
  by: string;
  at: Date;
}

/** Opens a lane; LaneDuty lets out what waits. @returns whether it was held */
export async function openLane(
  tx: Transaction,
  { tenant, channel, unless_held_for, by, at }: Opening,
): Promise<boolean> {
  const code = await tx.maybeOneFirst(sql.type(z.object({ code: z.string() }))`
    DELETE FROM notification_lane_hold
    WHERE tenant_id = current_tenant() AND channel = ${channel}
      AND code IS DISTINCT FROM ${unless_held_for ?? null} RETURNING code`);
  if (code === null) return false;
  await tell(tx, 'opened', { tenant, channel, code, by, at });
  return true;
}

/** @param code why it is, or was, held */
async function tell(
  tx: Transaction,
  what: 'held' | 'opened',
  { tenant, channel, code, by, at }: Opening & { code: string },
): Promise<void> {
  const business_date = await businessDateAt(tx, tenant, at);
  const subject = uuidv5(`${tenant}/${channel}`, LANES);
  const type = `notification.lane-${what}`;
  await emit(tx, [{ subject, type, at, business_date, data: { channel, code, by } }]);
}
