import { CHANNELS, type Channel } from '../notifications/channels.ts';
import type { EndedLately, HeldLane, WaitingLane } from './notifications.ts';

/** What became of messages. `sent` is what a provider took, whatever became of it then. */
export type Ends = Record<EndedLately['state'], number>;

/** How a tenant's lane of a channel stands. */
export interface Lane {
  tenant: string;
  channel: Channel;
  held: HeldLane | null;
  waiting: WaitingLane | null;
  ends: Ends;
}

/** Every lane that is held, or that anything was sent by in a day; held ones first. */
export function lanesOf(
  held: readonly HeldLane[],
  waiting: readonly WaitingLane[],
  ended: readonly EndedLately[],
): Lane[] {
  const lanes = new Map<string, Lane>();
  for (const { tenant, channel } of [...held, ...waiting, ...ended]) {
    const isThis = (each: { tenant: string; channel: Channel }) =>
      each.tenant === tenant && each.channel === channel;
    const name = `${tenant}/${channel}`;
    if (lanes.has(name)) continue;
    lanes.set(name, {
      ...{ tenant, channel },
      held: held.find(isThis) ?? null,
      waiting: waiting.find(isThis) ?? null,
      ends: endsOf(ended.filter(isThis)),
    });
  }
  return [...lanes.values()].sort(byTrouble);
}

export function endsOf(ended: readonly EndedLately[]): Ends {
  const ends: Ends = { sent: 0, delivered: 0, bounced: 0, failed: 0, stopped: 0 };
  for (const { state, messages } of ended) {
    ends[state] += messages;
    if (state === 'delivered' || state === 'bounced') ends.sent += messages;
  }
  return ends;
}

function byTrouble(one: Lane, other: Lane): number {
  const weight = ({ held, waiting }: Lane) => (held ? 2 : 0) + (waiting ? 1 : 0);
  return (
    weight(other) - weight(one) ||
    one.tenant.localeCompare(other.tenant) ||
    CHANNELS.indexOf(one.channel) - CHANNELS.indexOf(other.channel)
  );
}
