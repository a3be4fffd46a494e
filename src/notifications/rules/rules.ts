import type { Transaction } from '../../db/pools.ts';
import { Cancel } from '../../runtime/outcomes.ts';
import type { Channel } from '../channels.ts';
import type { Payload } from '../payload.ts';
import { stillTrue } from './still-true.ts';
import { isStopped, suppressionOf } from './suppression.ts';

/** A message whose time to be sent has come. */
export interface Asked {
  channel: Channel;
  payload: Payload;
  /** By the business clock. */
  now: Date;
}

/**
 * Asks whether a message may be sent now; before its first try and before every other one.
 * @throws Cancel where nobody wants it any more
 */
export async function obeyRules(tx: Transaction, { channel, payload, now }: Asked): Promise<void> {
  if (payload.deadline && new Date(payload.deadline) <= now) {
    throw new Cancel('expired', `Nobody wanted it after ${payload.deadline}.`);
  }
  const suppression = await suppressionOf(tx, channel, payload.recipient.address);
  if (suppression && isStopped(suppression, payload.category ?? 'transactional')) {
    throw new Cancel('suppressed', `It is not sent to this address any more: ${suppression.reason}.`);
  }
  if (payload.about && !(await stillTrue(tx, payload.about))) {
    throw new Cancel('no-longer-true', 'What it reminds of was paid, or the loan is closed.');
  }
}
