import type { Transaction } from '../../db/pools.ts';
import { isStopped, type Stops, suppress, suppressionOf } from '../rules/suppression.ts';
import type { OptOut } from './link.ts';

/** Who wants no reminders wants no advertising. */
const STOPPED: Record<OptOut['category'], Stops> = {
  reminder: 'all-but-transactional',
  marketing: 'marketing',
};

/** Lets an address get no more of it. @returns the suppression, where it got some until now; null otherwise */
export async function optOut(tx: Transaction, wish: OptOut, now: Date): Promise<string | null> {
  const { channel, address, category } = wish;
  const stops = STOPPED[category];
  const detail = `link of a ${category} message`;
  const is_new = await suppress(tx, { channel, address, reason: 'opted-out', detail, stops, since: now });
  return is_new ? (await suppressionOf(tx, channel, address))!.id : null;
}

/** Whether an address gets no more of it. */
export async function isOptedOut(tx: Transaction, { channel, address, category }: OptOut): Promise<boolean> {
  const suppression = await suppressionOf(tx, channel, address);
  return suppression !== null && isStopped(suppression, category);
}
