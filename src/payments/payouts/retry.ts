import type { Transaction } from '../../db/pools.ts';
import type { Occasion } from '../occasion.ts';
import { evidenceOfLook } from '../states.ts';
import { type Retried, retryPayout } from './again.ts';
import { applyPayoutPicture } from './apply.ts';
import type { Looked } from './polls.ts';
import { lockPayout } from './rows.ts';

/**
 * Begins the next attempt where the gateway has just said again that this one failed: it may have taken that back,
 * and the event is late, or never came.
 */
export async function concludeRetry(
  tx: Transaction,
  context: Omit<Occasion, 'evidence' | 'detail'>,
  id: string,
  { picture, asked }: Extract<Looked, { asked: unknown }>,
): Promise<Retried> {
  const { state, gateway } = (await lockPayout(tx, id))!;
  if (picture) {
    const evidence = evidenceOfLook(asked, state);
    const reading = await applyPayoutPicture(tx, { ...context, evidence, detail: {}, gateway }, picture);
    if (reading !== 'same') {
      const message = `The gateway says ${picture.status} of payout ${id}.`;
      return { outcome: 'refused', code: 'not-confirmed', message };
    }
  }
  return retryPayout(tx, context, id);
}
