import type { Logger } from 'pino';
import { sql } from 'slonik';
import { z } from 'zod';
import type { Pool } from '../db/pools.ts';
import { RoundsDuty } from '../runtime/rounds.ts';
import type { Runtime } from '../runtime/types.ts';
import { CHANNELS } from './channels.ts';
import { LANE_HELD, laneHolds } from './lanes.ts';
import { policyOf } from './policy.ts';
import { kindOf } from './request.ts';

const ACTOR = 'system:notifications';
const MINUTE_MS = 60_000;

/**
 * Lets out what was held for a lane that is open now, in its order, at the tenant's rate. What is out of date
 * falls away when its turn comes. A message may come to be held in the instant in which its lane is opened: it is
 * found by the next round.
 */
export class LaneDuty extends RoundsDuty {
  constructor(runtime: Pick<Runtime, 'carrierPool' | 'transact'>, log: Logger) {
    const visit = (tenant: string): Promise<number> =>
      runtime.transact(tenant, ACTOR, async (tx, _accept, unit) => {
        const held = new Set((await laneHolds(tx)).map(({ channel }) => channel));
        let released = 0;
        for (const channel of CHANNELS) {
          if (held.has(channel)) continue;
          const { drain_per_minute } = await policyOf(tx, channel);
          released += await unit.releaseHeld(kindOf(channel), LANE_HELD, MINUTE_MS / drain_per_minute);
        }
        return released;
      });
    super({ name: 'opening lanes', look: () => tenantsToLetOut(runtime.carrierPool), visit }, log);
  }
}

/** @param carrierPool acts as kist_carrier */
function tenantsToLetOut(carrierPool: Pool): Promise<readonly string[]> {
  return carrierPool.anyFirst(sql.prepared('tenants_with_opened_lanes', z.object({ tenant_id: z.string() }))`
    SELECT DISTINCT tenant_id FROM job
    WHERE state = 'held' AND code = 'lane-held' AND NOT EXISTS (
      SELECT FROM notification_lane_hold hold
      WHERE hold.tenant_id = job.tenant_id AND job.kind = 'notification.' || hold.channel)`);
}
