import type { Transaction } from '../../db/pools.ts';
import { Refuse } from '../../runtime/outcomes.ts';
import type { Occasion } from '../occasion.ts';
import { evidenceOfLook } from '../states.ts';
import { applyTo, rejectPayout, takeBack } from './apply.ts';
import { type PayoutResult, payoutResult } from './result.ts';
import { lockPayout, type Payout, updatePayout } from './rows.ts';
import type { Sent } from './send.ts';

/** Locks the payout that a job is to send. */
export async function payoutToSend(tx: Transaction, id: string): Promise<Payout> {
  const payout = await lockPayout(tx, id);
  if (!payout) throw new Refuse('unknown-payout', `There is no payout ${id}.`);
  return payout;
}

/** Writes down what became of the call. Whoever brought a later picture meanwhile was right. */
export async function concludeSending(
  tx: Transaction,
  context: Omit<Occasion, 'evidence' | 'detail'>,
  id: string,
  sent: Sent,
): Promise<PayoutResult> {
  const payout = (await lockPayout(tx, id))!;
  return payoutResult(await concluded(tx, context, payout, sent));
}

async function concluded(
  tx: Transaction,
  context: Omit<Occasion, 'evidence' | 'detail'>,
  payout: Payout,
  sent: Sent,
): Promise<Payout> {
  if ('picture' in sent) {
    const { asked, detail, picture } = sent;
    const evidence = asked === undefined ? 'answer' : evidenceOfLook(asked, payout.state);
    const applied = await applyTo(tx, { ...context, evidence, detail }, payout, picture);
    if (applied.reading === 'fetch') await updatePayout(tx, payout, { next_look_at: context.clock.now() });
    return applied.payout;
  }
  if ('rejected' in sent) {
    const occasion = { ...context, evidence: 'answer' as const, detail: { code: sent.rejected.code } };
    return rejectPayout(tx, occasion, payout, sent.rejected);
  }
  if ('standing' in sent || !['approved', 'submitting'].includes(payout.state)) return payout;
  return takeBack(tx, { ...context, evidence: 'machine', detail: {} }, payout);
}
