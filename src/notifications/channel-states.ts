import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../db/pools.ts';
import { CHANNELS, type Channel } from './channels.ts';
import { LANE_HELD, type LaneHold, laneHolds } from './lanes.ts';
import { type Policy, policyOf } from './policy.ts';
import { kindOf } from './request.ts';

/** How a tenant's channel stands. */
export interface ChannelState {
  channel: Channel;
  /** Why nothing is sent by it; null while it is open. */
  held: LaneHold | null;
  /** Messages that wait for it to be opened, or to be let out. */
  waiting: number;
  policy: Policy;
}

export async function channelStates(tx: Transaction): Promise<ChannelState[]> {
  const holds = await laneHolds(tx);
  const waiting = await waitingByKind(tx);
  const states: ChannelState[] = [];
  for (const channel of CHANNELS) {
    const held = holds.find((hold) => hold.channel === channel) ?? null;
    const policy = await policyOf(tx, channel);
    states.push({ channel, held, waiting: waiting.get(kindOf(channel)) ?? 0, policy });
  }
  return states;
}

async function waitingByKind(tx: Transaction): Promise<Map<string, number>> {
  const rows = await tx.any(sql.type(z.object({ kind: z.string(), messages: z.number() }))`
    SELECT kind, count(*)::int4 AS messages FROM job
    WHERE tenant_id = current_tenant() AND code = ${LANE_HELD} AND state = 'held'
    GROUP BY kind`);
  return new Map(rows.map(({ kind, messages }) => [kind, messages]));
}
