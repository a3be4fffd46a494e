import pLimit, { type LimitFunction } from 'p-limit';
import type { RuntimeEvents } from '../runtime/events.ts';
import type { Channel } from './channels.ts';
import type {} from './measured.ts';
import type { OptOutLink } from './opt-out/link.ts';
import type { Connections } from './providers/connections.ts';

/** What sending notifications needs besides the database. */
export interface Notifications {
  /** Tenants' providers, ready to send. */
  connections: Connections;
  /** By which its reader ends such mails. */
  optOutLink: OptOutLink;
  /** Takes turns: so many calls at once from this process, each channel by itself. */
  turns: Readonly<Record<Channel, LimitFunction>>;
  /** Hear what metrics count. */
  events: RuntimeEvents;
  /** PACE, but in tests and demonstrations. */
  pace: Pace;
}

/** @param calls_max calls by one channel at once */
export function turnsOf(calls_max: number): Notifications['turns'] {
  return { email: pLimit(calls_max), sms: pLimit(calls_max), push: pLimit(calls_max) };
}

/** How long a machine waits, by the wall clock. */
export interface Pace {
  /** Before a message is sent again that may arrive twice: a receipt may tell meanwhile. */
  unknown_ms: number;
  /** Before what waits for its hour is looked at again, at most: rules and clocks are changed meanwhile. */
  look_again_ms: number;
  /** Before a receipt is gone by again whose message nobody knows: the answer that names it may be under way. */
  strangers_ms: readonly number[];
}

const S = 1_000;

export const PACE: Pace = {
  unknown_ms: 60 * S,
  look_again_ms: 900 * S,
  strangers_ms: [2 * S, 8 * S, 20 * S, 60 * S, 300 * S],
};

declare module '../runtime/definition.ts' {
  interface Services {
    notifications: Notifications;
  }
}
