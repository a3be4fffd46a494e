import type { Transaction } from '../db/pools.ts';
import { ActionRefused } from '../identity/approval-errors.ts';
import type { BeginContext } from '../payments/payouts/begin.ts';
import {
  type RefusedWithdrawal,
  type Withdrawal,
  type Withdrawn,
  withdraw,
} from '../payments/payouts/withdraw.ts';
import { proposeAction } from './approvals.ts';
import { isAbove, policyOf } from './policy.ts';

/** Somebody's wish to pay money of a wallet out. */
export interface PayoutAsked {
  payload: Withdrawal;
  /** `service:NAME` or `operator:NAME`. */
  accepted_by: string;
}

export type PayoutAnswer = Withdrawn | (RefusedWithdrawal & { approval: string });

/**
 * Pays out at once up to the tenant's limit. Above it the wish becomes a proposal of the one who asked, and is
 * refused as `approval-required`. @returns one answer per wish, in order
 */
export async function payOut(
  tx: Transaction,
  context: BeginContext,
  gateways: ReadonlyMap<string, unknown>,
  asked: readonly PayoutAsked[],
): Promise<PayoutAnswer[]> {
  const { payout_approval_above: limit } = await policyOf(tx);
  const free = asked.filter(({ payload }) => limit === null || !isAbove(payload.amount, limit));
  const withdrawn = await withdraw(
    tx,
    context,
    gateways,
    free.map(({ payload }) => payload),
  );
  const answers = new Map<PayoutAsked, PayoutAnswer>(free.map((each, index) => [each, withdrawn[index]!]));
  for (const each of asked) {
    if (!answers.has(each)) answers.set(each, await proposed(tx, context, each));
  }
  return asked.map((each) => answers.get(each)!);
}

async function proposed(
  tx: Transaction,
  { tenant, clock }: BeginContext,
  { payload: request, accepted_by: actor }: PayoutAsked,
): Promise<PayoutAnswer> {
  try {
    const { approval } = await proposeAction(tx, {
      ...{ tenant, actor, now: clock.now(), action: 'payout.send', request },
    });
    const message = `Proposed as approval ${approval.id}: another person must agree to so much.`;
    return { outcome: 'refused', code: 'approval-required', message, approval: approval.id };
  } catch (error) {
    if (!(error instanceof ActionRefused)) throw error;
    return { outcome: 'refused', code: error.code as RefusedWithdrawal['code'], message: error.message };
  }
}
