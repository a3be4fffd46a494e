import type { Transaction } from '../../db/pools.ts';
import { Cancel, Snooze } from '../../runtime/outcomes.ts';
import type { Channel } from '../channels.ts';
import type { Payload } from '../payload.ts';
import { type Policy, policyAndZone } from '../policy.ts';
import { opening } from './hours.ts';
import { hoursFor } from './settings.ts';
import { stillTrue } from './still-true.ts';
import { isStopped, suppressionOf } from './suppression.ts';

/** A message whose time to be sent has come. */
export interface Wish {
  channel: Channel;
  payload: Pick<Payload, 'deadline' | 'about' | 'recipient' | 'category'>;
  /** By the business clock. */
  now: Date;
  /** What waits is looked at again after so long at most, by the wall clock: rules and clocks are changed. */
  look_again_ms: number;
}

/** A message, and the rules of its tenant that it is measured by. */
export interface Asked extends Wish {
  policy: Policy;
  /** The recipient's, or else the tenant's. */
  time_zone: string;
}

export async function askedOf(tx: Transaction, wish: Wish): Promise<Asked> {
  const { policy, time_zone } = await policyAndZone(tx, wish.channel);
  return { ...wish, policy, time_zone: wish.payload.recipient.time_zone ?? time_zone };
}

/**
 * Asks whether a message is still wanted and may go out at this hour; before its first try and before every other.
 * @throws Cancel expired, also where its hours do not open before its deadline; suppressed; no-longer-true.
 *   Snooze outside-hours
 */
export async function obeyRules(tx: Transaction, asked: Asked): Promise<void> {
  const { channel, payload, now } = asked;
  if (payload.deadline && new Date(payload.deadline) <= now) {
    throw new Cancel('expired', `Nobody wanted it after ${payload.deadline}.`);
  }
  const suppression = await suppressionOf(tx, channel, payload.recipient.address);
  if (suppression && isStopped(suppression, payload.category)) {
    throw new Cancel('suppressed', `It is not sent to this address any more: ${suppression.reason}.`);
  }
  if (payload.about && !(await stillTrue(tx, payload.about))) {
    throw new Cancel('no-longer-true', 'What it reminds of was paid, or the loan is closed.');
  }
  const opens_at = openingFrom(asked, now);
  if (opens_at > now) {
    throw waitUntil(opens_at, asked, {
      ...{ code: 'outside-hours', message: 'Nothing of its category goes out at this hour' },
      too_late: 'expired',
    });
  }
}

/** The first instant from `instant` on within the hours of the message's category. */
export function openingFrom({ policy, payload, time_zone }: Asked, instant: Date): Date {
  return opening(instant, time_zone, hoursFor(policy, payload.category));
}

/** The word for what must wait: a pause, or the end where it would come too late. */
export function waitUntil(
  instant: Date,
  { payload, now, look_again_ms }: Asked,
  { code, message, too_late }: { code: string; message: string; too_late: string },
): Snooze | Cancel {
  const { deadline } = payload;
  const text = `${message}: it would go out at ${instant.toISOString()}`;
  if (deadline && new Date(deadline) <= instant) {
    return new Cancel(too_late, `${text}, and nobody wants it after ${deadline}.`);
  }
  return new Snooze(code, `${text}.`, Math.min(instant.getTime() - now.getTime(), look_again_ms));
}
