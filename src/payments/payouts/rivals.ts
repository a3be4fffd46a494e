import type { Transaction } from '../../db/pools.ts';
import { UNSETTLED } from '../states.ts';
import { attemptsOf, lockPayout, type Payout } from './rows.ts';

/** Another attempt of the same instruction that has paid, or may yet. */
export async function rivalOf(tx: Transaction, payout: Payout): Promise<Payout | null> {
  const attempts = await attemptsOf(tx, payout.instruction);
  return (
    attempts.find(
      ({ id, state }) => id !== payout.id && (state === 'succeeded' || UNSETTLED.includes(state)),
    ) ?? null
  );
}

/** No gateway has heard of it, or it has proved that it made nothing. Whoever sends it looks under its lock. */
export function isUnheardOf({ state, submitted_at }: Payout): boolean {
  return state === 'approved' || (state === 'submitting' && submitted_at === null);
}

/**
 * As rivalOf, locked, where it can still be taken back. Only a later attempt can, so that two who flip at once
 * never wait for each other.
 */
export async function lockUnheardOf(tx: Transaction, rival: Payout): Promise<Payout | null> {
  if (!isUnheardOf(rival)) return null;
  const locked = (await lockPayout(tx, rival.id))!;
  return isUnheardOf(locked) ? locked : null;
}
