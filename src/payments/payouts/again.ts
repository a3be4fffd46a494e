import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import { type BankAccount, bankAccountOf } from '../bank-accounts.ts';
import { raiseException } from '../exceptions.ts';
import type { Remedy } from '../gateway/gateway.ts';
import type { Occasion } from '../occasion.ts';
import type { PayoutState } from '../states.ts';
import { type BeginContext, beginPayouts } from './begin.ts';
import { rivalOf } from './rivals.ts';
import { attemptsOf, lockPayout, type Payout, payoutOf } from './rows.ts';

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
  const passes = remedy === 'pay-again' && payout.state === 'failed' && payout.attempt < ATTEMPTS_MAX;
  // What people look into, no machine pays again.
  if (passes && from !== 'suspense') {
    await occasion.accept([{ kind: RETRY_KIND, payload: { payout: payout.id } }]);
    return;
  }
  await tellNotPaid(tx, occasion, payout, payout.reason ?? payout.state);
}

/** Puts a disbursal that has ended in the wallet before people. */
async function tellNotPaid(
  tx: Transaction,
  occasion: Omit<Occasion, 'accept'>,
  { id, purpose, loan }: Payout,
  why: string,
): Promise<void> {
  if (purpose !== 'disbursal') return;
  await raiseException(tx, occasion, {
    ...{ kind: 'payout', subject: id, code: 'disbursal-not-paid' },
    message: `The money of loan ${loan} lies in the borrower’s wallet: ${why}.`,
  });
}

async function markUnusable(tx: Transaction, { bank_account, reason }: Payout): Promise<void> {
  await tx.query(sql.type(z.object({}))`
    UPDATE bank_account SET state = 'invalid', reason = ${reason}
    WHERE tenant_id = current_tenant() AND id = ${bank_account} AND state = 'usable'`);
}

export const AGAIN_REFUSALS = [
  ...([
    'not-found',
    'still-paying',
    'tried-again',
    'may-have-paid',
    'not-confirmed',
    'attempts-used-up',
  ] as const),
  ...(['unusable-bank-account', 'insufficient-funds', 'account-frozen', 'duplicate-reference'] as const),
] as const;

export type Retried =
  | { outcome: 'begun'; payout: string; attempt: number }
  | { outcome: 'refused'; code: (typeof AGAIN_REFUSALS)[number]; message: string };

type Refusal = Extract<Retried, { outcome: 'refused' }>;

/** What one instruction may have over its life, people's attempts included; the table holds no more. */
const ATTEMPTS_EVER_MAX = 20;

/** The attempt that paid nothing, and the account that the next one would go to; or why there is none. */
export interface NextAttempt {
  previous: Payout;
  account: BankAccount;
}

/**
 * Whether an instruction may be paid by a further attempt, after the last one, which must have ended without
 * paying: never while any attempt may have paid. Locks that one.
 * @param ended the states it may have ended in
 * @param bank_account another one of the same borrower's; where left out, the same again
 */
export async function nextAttempt(
  tx: Transaction,
  id: string,
  ended: readonly PayoutState[],
  bank_account?: string,
): Promise<NextAttempt | Refusal> {
  const previous = await lockPayout(tx, id);
  if (!previous) return refused('not-found', `There is no payout ${id}.`);
  if (!ended.includes(previous.state)) return refused('still-paying', `Payout ${id} is ${previous.state}.`);
  const attempts = await attemptsOf(tx, previous.instruction);
  if (attempts.at(-1)!.id !== id) return refused('tried-again', `Payout ${id} was tried again before.`);
  const rival = await rivalOf(tx, previous);
  if (rival) return refused('may-have-paid', `Attempt ${rival.attempt} (${rival.id}) is ${rival.state}.`);
  if (previous.attempt >= ATTEMPTS_EVER_MAX) {
    return refused('attempts-used-up', `It was tried ${ATTEMPTS_EVER_MAX} times.`);
  }
  const account = await bankAccountOf(tx, bank_account ?? previous.bank_account);
  if (account?.borrower_id !== previous.wallet || account.state !== 'usable') {
    const why = account?.borrower_id === previous.wallet ? account.state : 'none of the borrower’s';
    return refused(
      'unusable-bank-account',
      `Bank account ${bank_account ?? previous.bank_account} is ${why}.`,
    );
  }
  return { previous, account };
}

/**
 * Begins the next attempt of an instruction: a new row, a new key, linked to the one before. The database itself
 * refuses it (unique index payout_one_live) while any attempt may have paid.
 */
export async function payAgain(
  tx: Transaction,
  context: BeginContext,
  { previous, account }: NextAttempt,
): Promise<Retried> {
  const { purpose, loan, wallet, amount, currency, mode, gateway, reference } = previous;
  const wish = { purpose, loan, wallet, amount, currency, mode, gateway, reference };
  const [begun] = await beginPayouts(tx, context, [{ ...wish, bank_account: account.id, previous }]);
  if (begun!.outcome === 'refused') return begun!;
  return { outcome: 'begun', payout: begun!.payout, attempt: previous.attempt + 1 };
}

/** The machine's own next attempt: only of one that failed for a reason that passes, to the same account. */
export async function retryPayout(tx: Transaction, context: BeginContext, id: string): Promise<Retried> {
  const next = await nextAttempt(tx, id, ['failed']);
  const answer = 'outcome' in next ? next : await payAgain(tx, context, next);
  if (answer.outcome === 'refused' && NOTHING_LEFT_TO_TRY.includes(answer.code)) {
    const occasion = { ...context, evidence: 'machine' as const, detail: {} };
    await tellNotPaid(tx, occasion, (await payoutOf(tx, id))!, answer.code);
  }
  return answer;
}

/** Refusals after which no attempt is under way: people must see to it. */
const NOTHING_LEFT_TO_TRY: readonly Refusal['code'][] = [
  ...(['attempts-used-up', 'unusable-bank-account', 'insufficient-funds', 'account-frozen'] as const),
];

function refused(code: Refusal['code'], message: string): Refusal {
  return { outcome: 'refused', code, message };
}
