import type { Transaction } from '../../db/pools.ts';
import { Refuse } from '../../runtime/outcomes.ts';
import type { Occasion } from '../occasion.ts';
import { UNSETTLED } from '../states.ts';
import { applyTo, movePayout, rejectPayout } from './apply.ts';
import { type PayoutResult, payoutResult } from './result.ts';
import { attemptsOf, lockPayout, type Payout } from './rows.ts';
import type { Sent } from './send.ts';

/**
 * The payout that is to be sent, and whether it still is: an earlier attempt that succeeded after all, or
 * whose outcome is open again, takes it back.
 */
export async function wantedPayout(
  tx: Transaction,
  id: string,
): Promise<{ payout: Payout; wanted: boolean }> {
  const payout = await lockPayout(tx, id);
  if (!payout) throw new Refuse('unknown-payout', `There is no payout ${id}.`);
  if (payout.attempt === 1) return { payout, wanted: true };
  const others = (await attemptsOf(tx, payout.instruction)).filter((each) => each.id !== id);
  const wanted = others.every(({ state }) => state !== 'succeeded' && !UNSETTLED.includes(state));
  return { payout, wanted };
}

/** Writes down what became of the call. Whoever brought a later picture meanwhile was right. */
export async function concludeSending(
  tx: Transaction,
  context: Omit<Occasion, 'evidence' | 'detail'>,
  { payout: id, wanted }: { payout: string; wanted: boolean },
  sent: Sent,
): Promise<PayoutResult> {
  const payout = (await lockPayout(tx, id))!;
  return payoutResult(await concluded(tx, context, payout, sent, wanted));
}

async function concluded(
  tx: Transaction,
  context: Omit<Occasion, 'evidence' | 'detail'>,
  payout: Payout,
  sent: Sent,
  wanted: boolean,
): Promise<Payout> {
  if ('picture' in sent) {
    const { evidence, detail, picture } = sent;
    return (await applyTo(tx, { ...context, evidence, detail }, payout, picture)).payout;
  }
  if ('rejected' in sent) {
    const occasion = { ...context, evidence: 'answer' as const, detail: { code: sent.rejected.code } };
    return rejectPayout(tx, occasion, payout, sent.rejected);
  }
  if (wanted || payout.state !== 'approved') return payout;
  const reason = { code: 'earlier-attempt', message: 'An earlier attempt has paid, or may have.' };
  const occasion = { ...context, evidence: 'machine' as const, detail: {} };
  return movePayout(tx, occasion, payout, 'cancelled', null, reason);
}
