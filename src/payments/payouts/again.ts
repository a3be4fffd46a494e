import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import { raiseException } from '../exceptions.ts';
import type { Remedy } from '../gateway/gateway.ts';
import type { Occasion } from '../occasion.ts';
import type { PayoutState } from '../states.ts';
import { type BeginContext, beginPayouts } from './begin.ts';
import { attemptsOf, lockPayout, type Payout } from './rows.ts';

/** A machine tries so often; then people decide. */
export const ATTEMPTS_MAX = 3;
export const RETRY_KIND = 'payments.retry-payout';

/**
 * What follows where a payout did not pay: a new attempt later if the reason passes, or people, where a
 * disbursal is left in the wallet.
 */
export async function afterFailure(
  tx: Transaction,
  occasion: Occasion,
  payout: Payout,
  from: PayoutState,
  remedy: Remedy | undefined,
): Promise<void> {
  if (remedy === 'other-account') await markUnusable(tx, payout);
  // What had succeeded before, or failed before, is no new failure.
  if (from === 'failed' || from === 'reversed') return;
  if (remedy === 'pay-again' && payout.state === 'failed' && payout.attempt < ATTEMPTS_MAX) {
    await occasion.accept([{ kind: RETRY_KIND, payload: { payout: payout.id } }]);
    return;
  }
  if (payout.purpose !== 'disbursal') return;
  await raiseException(tx, occasion, {
    ...{ kind: 'payout', subject: payout.id, code: 'disbursal-not-paid' },
    message: `The money of loan ${payout.loan} lies in the borrower’s wallet: ${payout.reason ?? payout.state}.`,
  });
}

async function markUnusable(tx: Transaction, { bank_account, reason }: Payout): Promise<void> {
  await tx.query(sql.type(z.object({}))`
    UPDATE bank_account SET state = 'invalid', reason = ${reason}
    WHERE tenant_id = current_tenant() AND id = ${bank_account} AND state = 'usable'`);
}

export type Retried =
  | { outcome: 'begun'; payout: string; attempt: number }
  | { outcome: 'refused'; code: string; message: string };

/**
 * Begins the next attempt of an instruction: a new row, a new key, linked to the one that failed. Only where
 * that one is still failed; the database itself refuses it while any attempt may have paid.
 */
export async function retryPayout(tx: Transaction, context: BeginContext, id: string): Promise<Retried> {
  const failed = await lockPayout(tx, id);
  if (failed?.state !== 'failed') {
    return {
      outcome: 'refused',
      code: 'not-failed',
      message: `Payout ${id} is ${failed?.state ?? 'unknown'}.`,
    };
  }
  const attempts = await attemptsOf(tx, failed.instruction);
  if (attempts.at(-1)!.id !== id) {
    return { outcome: 'refused', code: 'tried-again', message: `Payout ${id} was tried again before.` };
  }
  const { purpose, loan, wallet, bank_account, amount, currency, mode, gateway, reference } = failed;
  const wish = { purpose, loan, wallet, bank_account, amount, currency, mode, gateway, reference };
  const [begun] = await beginPayouts(tx, context, [{ ...wish, previous: failed }]);
  if (begun!.outcome === 'refused') return begun!;
  return { outcome: 'begun', payout: begun!.payout, attempt: failed.attempt + 1 };
}
