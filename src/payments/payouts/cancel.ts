import type { Clock } from '../../calendar/clock.ts';
import type { Transaction } from '../../db/pools.ts';
import { Retry, Snooze } from '../../runtime/outcomes.ts';
import type { AcceptInTransaction, JobView } from '../../runtime/types.ts';
import { PaymentError } from '../errors.ts';
import { GatewayError } from '../gateway/errors.ts';
import type { Gateway, GatewayCall, PayoutPicture } from '../gateway/gateway.ts';
import type { Occasion } from '../occasion.ts';
import type { Evidence } from '../states.ts';
import { applyPayoutPicture, movePayout } from './apply.ts';
import { type Calling, payoutAtGateway } from './at-gateway.ts';
import { isUnheardOf } from './rivals.ts';
import { lockPayout, type Payout, payoutOf } from './rows.ts';

export const CANCEL_KIND = 'payments.cancel-payout';

export interface CancelWish {
  tenant: string;
  /** `service:NAME` or `operator:NAME`. */
  actor: string;
  clock: Clock;
  accept: AcceptInTransaction;
}

/**
 * Cancels a payout that no gateway has heard of, and asks the gateway to cancel one that still waits there:
 * that one is cancelled once the gateway says so, and not before.
 * @returns the payout as it stands now, and the job that asks the gateway
 * @throws PaymentError not-found, illegal-transition (it is too late)
 */
export async function cancelPayout(
  tx: Transaction,
  { tenant, actor, clock, accept }: CancelWish,
  id: string,
): Promise<{ payout: Payout; job: JobView | null }> {
  const payout = await lockPayout(tx, id);
  if (!payout) throw new PaymentError('not-found', `There is no payout ${id}.`);
  if (isUnheardOf(payout)) {
    const occasion = { tenant, clock, accept, evidence: 'person' as const, detail: { by: actor } };
    const reason = { code: 'cancelled-by-people', message: `Cancelled by ${actor}.` };
    return { payout: await movePayout(tx, occasion, payout, 'cancelled', null, reason), job: null };
  }
  if (payout.state !== 'queued' && payout.state !== 'scheduled') {
    throw new PaymentError('illegal-transition', `Payout ${id} is ${payout.state}: too late to cancel it.`);
  }
  const [job] = await accept([{ kind: CANCEL_KIND, payload: { payout: id, by: actor } }]);
  return { payout, job: job! };
}

export interface AskedToCancel {
  picture: PayoutPicture;
  evidence: Evidence;
  /** The gateway's code, where it refused. */
  refused: string | null;
}

/**
 * Asks the gateway to cancel a payout. Where it refuses, it is asked how the payout stands: it may be on its way,
 * or have been cancelled by an earlier try whose answer was lost.
 * @throws Snooze, Retry where the gateway could not be asked
 */
export async function askToCancel(id: string, calling: Calling): Promise<AskedToCancel> {
  const { pace } = calling.services.payments;
  const { payout, at } = await payoutAtGateway(id, calling);
  if (!at) {
    const message = `There is no enabled account with ${payout.gateway}.`;
    throw new Snooze('no-gateway', message, pace.locked_out_ms);
  }
  try {
    return await cancelAt(at.gateway, payout.provider_id!, at.call);
  } catch (error) {
    calling.signal.throwIfAborted();
    if (!(error instanceof GatewayError)) throw error;
    const { code, message, after_ms = pace.away_ms } = error;
    throw new Retry(code, message, { after_ms });
  }
}

async function cancelAt(gateway: Gateway, provider_id: string, call: GatewayCall): Promise<AskedToCancel> {
  try {
    const picture = await gateway.cancelPayout(provider_id, call);
    return { picture, evidence: 'answer', refused: null };
  } catch (error) {
    if (!(error instanceof GatewayError) || error.kind !== 'rejected') throw error;
    return { picture: await gateway.payout(provider_id, call), evidence: 'poll', refused: error.code };
  }
}

export interface CancelResult {
  outcome: 'cancelled' | 'not-cancelled';
  payout: string;
  state: Payout['state'];
  /** Why not, in the gateway's word. */
  code: string | null;
}

/** Goes by what the gateway made of the wish. */
export async function concludeCancelling(
  tx: Transaction,
  context: Omit<Occasion, 'evidence' | 'detail'>,
  { payout: id, by }: { payout: string; by: string },
  { picture, evidence, refused }: AskedToCancel,
): Promise<CancelResult> {
  const { gateway } = (await payoutOf(tx, id))!;
  const detail = { status: picture.status, cancel_asked_by: by };
  await applyPayoutPicture(tx, { ...context, evidence, detail, gateway }, picture);
  const { state } = (await payoutOf(tx, id))!;
  const outcome = state === 'cancelled' ? 'cancelled' : 'not-cancelled';
  return { outcome, payout: id, state, code: outcome === 'cancelled' ? null : refused };
}
